import DifferentialPrivacy

/// Gaussian noise, independent over rounds and coordinates, rounded to whole lattice steps.
///
/// With a count that is released together with the sum, the two are one Gaussian mechanism of the multiplier z: the sum has
/// z_Δ and the count c with z^−2 = z_Δ^−2 + c^−2 (Andrew et al. 2021, "Differentially private learning with adaptive
/// clipping", theorem 1).
package struct IndependentGaussian: NoiseProcess {
  /// z.
  package let multiplier: Double
  package let sensitivity: Double
  package let countMultiplier: Double?
  private let sum: GaussianLatticeNoise
  private let count: GaussianLatticeNoise?

  /// - Parameters:
  ///   - multiplier: z.
  ///   - sensitivity: of the sum, L2, in lattice steps.
  ///   - count: the count's multiplier c, above z, and how far one unit moves the count; nil where there is none.
  /// - Precondition: `deviation` is below `GaussianLatticeNoise.largestDeviation`.
  package init(multiplier: Double, sensitivity: Double, count: (multiplier: Double, sensitivity: Double)? = nil) {
    self.multiplier = multiplier
    self.sensitivity = sensitivity
    countMultiplier = count?.multiplier
    sum = GaussianLatticeNoise(
      standardDeviation: Self.deviation(
        multiplier: multiplier, sensitivity: sensitivity, countMultiplier: count?.multiplier))
    self.count = count.map { GaussianLatticeNoise(standardDeviation: $0.multiplier * $0.sensitivity) }
  }

  /// The deviation of a coordinate's noise, in lattice steps: of any size, and not a finite number where the count takes all
  /// but nothing of the noise.
  package static func deviation(multiplier: Double, sensitivity: Double, countMultiplier: Double?) -> Double {
    sumMultiplier(multiplier, countMultiplier) * sensitivity
  }

  /// z_Δ.
  package static func sumMultiplier(_ multiplier: Double, _ countMultiplier: Double?) -> Double {
    guard let countMultiplier else { return multiplier }
    return 1 / (1 / (multiplier * multiplier) - 1 / (countMultiplier * countMultiplier)).squareRoot()
  }

  package var event: PrivacyEvent { .gaussian(noiseMultiplier: multiplier) }
  /// No number that is made of 52 random bits is beyond nine deviations.
  package var reach: Double { 9 * sum.standardDeviation }
  package func standardDeviation(spacing: Double) -> Double { sum.standardDeviation * spacing }

  package func add(to sums: UnsafeMutableBufferPointer<Double>, round: Int, from draws: NoiseDraws) {
    draws.normalNumbers(round: round, count: sums.count).withUnsafeBufferPointer { normal in
      let coordinates = sums.count - (count == nil ? 0 : 1)
      sum.add(
        normal: UnsafeBufferPointer(rebasing: normal[..<coordinates]),
        to: UnsafeMutableBufferPointer(rebasing: sums[..<coordinates]))
      count?.add(
        normal: UnsafeBufferPointer(rebasing: normal[coordinates...]),
        to: UnsafeMutableBufferPointer(rebasing: sums[coordinates...]))
    }
  }
}
