import NumericalCore

/// Gaussian noise rounded to whole lattice steps.
///
/// The released value is (integer sum) + round(g) = round(integer sum + g): rounding is post-processing of the
/// continuous Gaussian mechanism, so the event is that of the continuous Gaussian with this deviation. What
/// stays outside the proof is that g itself is a double made from 104 random bits (see `fillNormal`).
public struct GaussianLatticeNoise: Sendable {
  /// Standard deviation in lattice steps; below 2⁴⁵.
  public let standardDeviation: Double
  /// Deviations are below this, in lattice steps.
  public static let largestDeviation = 0x1p45

  /// - Parameter standardDeviation: in lattice steps, from 0 to below 2⁴⁵.
  public init(standardDeviation: Double) {
    precondition(standardDeviation >= 0 && standardDeviation < Self.largestDeviation)
    self.standardDeviation = standardDeviation
  }

  /// Adds noise to integers held in doubles.
  /// - Parameters:
  ///   - noise: standard normal numbers, as many as there are sums.
  ///   - sums: whole numbers below 2⁵² in magnitude.
  public func add(
    normal noise: UnsafeBufferPointer<Double>, to sums: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(noise.count == sums.count)
    for j in 0..<sums.count {
      // Adding and taking away 1.5·2⁵² rounds to the nearest integer.
      sums[j] += (noise[j] * standardDeviation + 0x1.8p52) - 0x1.8p52
    }
  }

  /// Adds noise to a range of integers held in doubles.
  /// - Parameters:
  ///   - normal: standard normal numbers, one for each of `sums`.
  ///   - range: which of them.
  public func add(_ normal: [Double], to sums: inout [Double], at range: Range<Int>) {
    normal.withUnsafeBufferPointer { normal in
      sums.withUnsafeMutableBufferPointer { sums in
        add(
          normal: UnsafeBufferPointer(rebasing: normal[range]),
          to: UnsafeMutableBufferPointer(rebasing: sums[range]))
      }
    }
  }
}
