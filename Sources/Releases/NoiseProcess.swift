import DifferentialPrivacy
import NumericalCore

/// The noise of a run's releases: how much there is in each, how it is drawn, and which event a release with it is.
///
/// One value says all three, and is what noise is drawn from and what the ledger's entry is made of, so that the two cannot
/// differ. Sums and noise are in whole lattice steps.
package protocol NoiseProcess: Sendable {
  /// Scale of the noise over the sensitivity.
  var multiplier: Double { get }
  /// How far one unit can move the sum, in lattice steps.
  var sensitivity: Double { get }
  /// With adaptive clipping, the noise multiplier of the count, which is the coordinate after the last; otherwise nil.
  var countMultiplier: Double? { get }
  /// What one release is that everyone's data is in.
  var event: PrivacyEvent { get }
  /// No draw is farther from zero, in lattice steps, but with a probability below 10⁻¹⁸.
  var reach: Double { get }
  /// Standard deviation of a coordinate's noise.
  /// - Parameter spacing: the length of a lattice step; the result is in its unit.
  func standardDeviation(spacing: Double) -> Double
  /// Adds a release's noise.
  /// - Parameters:
  ///   - sums: whole numbers below 2⁵² in magnitude, one a coordinate; with a `countMultiplier` and the count.
  ///   - round: that the release is of.
  ///   - draws: what the numbers come from.
  func add(to sums: UnsafeMutableBufferPointer<Double>, round: Int, from draws: NoiseDraws)
}

extension NoiseProcess {
  /// A release's noise, to be added later.
  /// - Parameter coordinates: with the count, where there is one.
  func draw(coordinates: Int, round: Int, from draws: NoiseDraws) -> [Double] {
    var noise = [Double](repeating: 0, count: coordinates)
    noise.withUnsafeMutableBufferPointer { add(to: $0, round: round, from: draws) }
    return noise
  }
}
