import DifferentialPrivacy

/// Discrete Laplace noise, independent over rounds and coordinates, sampled in integer arithmetic.
///
/// On an L1 sensitivity of Δ, a vector with noise of scale b is purely Δ/b-differentially private.
package struct IndependentLaplace: NoiseProcess {
  package let multiplier: Double
  package let sensitivity: Double
  package var countMultiplier: Double? { nil }
  private let mechanism: DiscreteLaplaceMechanism

  /// - Parameters:
  ///   - multiplier: scale over sensitivity.
  ///   - sensitivity: L1, in whole lattice steps.
  /// - Throws: `AccountingError` when the multiplier or the sensitivity is out of range.
  package init(multiplier: Double, sensitivity: Double) throws {
    self.multiplier = multiplier
    self.sensitivity = sensitivity
    mechanism = try DiscreteLaplaceMechanism(sensitivity: Int(sensitivity), epsilon: 1 / multiplier)
  }

  package var event: PrivacyEvent { .pure(epsilon: 1 / multiplier) }
  /// A sample beyond 51 scales has a probability below 10⁻²².
  package var reach: Double { 51 * scale }
  package func standardDeviation(spacing: Double) -> Double { scale * spacing * 2.0.squareRoot() }

  private var scale: Double { multiplier * sensitivity }

  package func add(to sums: UnsafeMutableBufferPointer<Double>, round: Int, from draws: NoiseDraws) {
    draws.addInteger(to: sums, round: round, by: mechanism)
  }
}
