import NumericalCore

/// The cumulant generating function of the composed privacy loss, by quadrature: good to a few digits, it chooses
/// tilts, windows and grid widths; no guarantee rests on it.
struct LossMoments {
  private struct Part {
    let count: Double
    let logWeights: [Double]
    let losses: [Double]
  }

  private var parts: [Part] = []

  init(
    _ events: [(loss: SampledGaussianLoss, count: Int)], _ direction: SampledGaussianLoss.Direction,
    range: (SampledGaussianLoss) -> ClosedRange<Double>
  ) {
    for (loss, count) in events {
      let reach = range(loss)
      let points = 512
      let step = (reach.upperBound - reach.lowerBound) / Double(points)
      var logWeights: [Double] = []
      var losses: [Double] = []
      for i in 0..<points {
        let x = reach.lowerBound + (Double(i) + 0.5) * step
        let value = loss.value(at: x)
        let logN = -x * x / (2 * loss.multiplier * loss.multiplier)
        logWeights.append(direction == .remove ? logN + value : logN)
        losses.append(direction == .remove ? value : -value)
      }
      var total = LogSum()
      for weight in logWeights { total.add(weight) }
      parts.append(
        Part(count: Double(count), logWeights: logWeights.map { $0 - total.value }, losses: losses))
    }
  }

  /// ln E[e^(λ·sum)], and mean and variance of the sum under the tilt λ.
  func at(_ lambda: Double) -> (log: Double, mean: Double, variance: Double) {
    var result = (log: 0.0, mean: 0.0, variance: 0.0)
    for part in parts {
      var largest = -Double.infinity
      for i in part.losses.indices { largest = max(largest, part.logWeights[i] + lambda * part.losses[i]) }
      var (zeroth, first, second) = (0.0, 0.0, 0.0)
      for i in part.losses.indices {
        let weight = deterministicExp(part.logWeights[i] + lambda * part.losses[i] - largest)
        zeroth += weight
        first += weight * part.losses[i]
        second += weight * part.losses[i] * part.losses[i]
      }
      let mean = first / zeroth
      result.log += part.count * (largest + deterministicLog(zeroth))
      result.mean += part.count * mean
      result.variance += part.count * max(second / zeroth - mean * mean, 0)
    }
    return result
  }

  /// The tilt at which the Chernoff bound on ε is least, and that bound.
  func chernoff(logDelta: Double) -> (tilt: Double, epsilon: Double) {
    func bound(_ logLambda: Double) -> Double {
      let lambda = deterministicExp(logLambda)
      return (at(lambda).log - logDelta) / lambda
    }
    // The bound is unimodal in λ: golden-section search over many orders of magnitude.
    let golden = 0.618_033_988_749_895
    var (low, high) = (-7.0, 23.0)
    var x1 = high - golden * (high - low)
    var x2 = low + golden * (high - low)
    var (f1, f2) = (bound(x1), bound(x2))
    for _ in 0..<24 {
      if f1 <= f2 {
        (high, x2, f2) = (x2, x1, f1)
        x1 = high - golden * (high - low)
        f1 = bound(x1)
      } else {
        (low, x1, f1) = (x1, x2, f2)
        x2 = low + golden * (high - low)
        f2 = bound(x2)
      }
    }
    return (deterministicExp((low + high) / 2), min(f1, f2))
  }

  /// An interval that the tilted sum leaves, on either side, with probability at most e^−`exponent` (Chernoff).
  func window(tilt: Double, exponent: Double) -> ClosedRange<Double> {
    let (log, mean, variance) = at(tilt)
    let deviation = max(variance.squareRoot(), 1e-12)
    var reach = (low: Double.infinity, high: Double.infinity)
    for step in 1...16 {
      let t = Double(step) * 0.7 / deviation
      reach.high = min(reach.high, (at(tilt + t).log - log + exponent) / t - mean)
      reach.low = min(reach.low, (at(tilt - t).log - log + exponent) / t + mean)
    }
    return (mean - reach.low)...(mean + reach.high)
  }
}
