import DifferentialPrivacy
import NumericalCore

/// A number with noise on it, and what is known about the noise.
struct NoisyCell {
  let value: Double
  /// Standard deviation of the noise.
  let deviation: Double
  /// The noise is within ± this with 95 % probability.
  let reach: Double
  /// The same with 97.5 %, for answers that are made of two cells: both hold at once with 95 %.
  let reachOfTwo: Double

  /// Discrete Laplace noise: P(|X| > t) = 2·r^(t + 1)/(1 + r) with r = e^(−1/scale), so the reach is exact.
  init(_ value: Double, _ mechanism: DiscreteLaplaceMechanism) {
    let ratio = deterministicExp(-1 / mechanism.scale)
    func reach(_ tail: Double) -> Double {
      max(0, (-mechanism.scale * deterministicLog(tail * (1 + ratio) / 2)).rounded(.up) - 1)
    }
    self.init(value, deviation: mechanism.variance.squareRoot(), reach: reach(0.05), reachOfTwo: reach(0.025))
  }

  /// Noise that is the sum of many clients' own: normal to within the size of one client's share.
  init(_ value: Double, variance: Double) {
    let deviation = variance.squareRoot()
    self.init(value, deviation: deviation, reach: 1.959964 * deviation, reachOfTwo: 2.241403 * deviation)
  }

  private init(_ value: Double, deviation: Double, reach: Double, reachOfTwo: Double) {
    (self.value, self.deviation, self.reach, self.reachOfTwo) = (value, deviation, reach, reachOfTwo)
  }

  var interval: ClosedRange<Double> { value - reach...value + reach }

  var intervalOfTwo: ClosedRange<Double> { value - reachOfTwo...value + reachOfTwo }
}
