import NumericalCore

/// Rényi divergence between (1 − q)·N(0, σ²) + q·N(1, σ²) and N(0, σ²), the dominating pair of the
/// Poisson-sampled Gaussian under add-or-remove (Mironov, Talwar and Zhang 2019, "Rényi differential privacy
/// of the sampled Gaussian mechanism", section 3.1 and theorem 5: this direction is the larger of the two).
package struct PoissonSampledGaussianDivergence {
  /// Sampling rate q, in (0, 1).
  let rate: Double
  /// Noise multiplier σ.
  let multiplier: Double

  /// - Parameters:
  ///   - rate: q, in (0, 1).
  ///   - multiplier: σ, above 0.
  package init(rate: Double, multiplier: Double) {
    self.rate = rate
    self.multiplier = multiplier
  }

  /// The divergence of order α > 1, ln A_α / (α − 1).
  package func divergence(order: Double) -> Double {
    let isInteger = order == order.rounded()
    let logMoment = isInteger ? integerLogMoment(Int(order)) : quadratureLogMoment(order)
    return max(0, logMoment / (order - 1))
  }

  /// Section 3.3, the binomial sum for integer orders: all terms are positive, so nothing cancels.
  private func integerLogMoment(_ order: Int) -> Double {
    let logRate = deterministicLog(rate)
    let logRest = deterministicLogOnePlus(-rate)
    var sum = LogSum()
    var logChoose = 0.0
    for k in 0...order {
      if k > 0 { logChoose += deterministicLog(Double(order - k + 1)) - deterministicLog(Double(k)) }
      let exponent = Double(k) * Double(k - 1) / (2 * multiplier * multiplier)
      sum.add(logChoose + Double(k) * logRate + Double(order - k) * logRest + exponent)
    }
    return sum.value
  }

  /// A_α = E[(1 − q + q·e^((2z − 1)/2σ²))^α] over z ~ N(0, σ²), by the trapezoidal rule.
  ///
  /// The series of section 3.3 alternates and diverges for some orders; this integrand is positive and analytic
  /// in a strip of half-width πσ², so the rule converges geometrically (Trefethen and Weideman 2014, theorem
  /// 5.1): at this step its relative error is below 10⁻¹². The last term makes the result an upper bound.
  private func quadratureLogMoment(_ order: Double) -> Double {
    let sigma = multiplier
    let step = min(sigma / 8, sigma * sigma / 2)
    let lowest = -12 * sigma
    let highest = order + 12 * sigma
    let steps = Int(((highest - lowest) / step).rounded(.up))
    let logRate = deterministicLog(rate)
    let logRest = deterministicLogOnePlus(-rate)
    var sum = LogSum()
    for i in 0...steps {
      let z = lowest + Double(i) * step
      let logRatio = logAddExp(logRest, logRate + (2 * z - 1) / (2 * sigma * sigma))
      sum.add(order * logRatio - z * z / (2 * sigma * sigma))
    }
    let logNormaliser = deterministicLog(step / (sigma * 2.506_628_274_631_000_5))
    return sum.value + logNormaliser + 1e-12
  }
}

/// ln(eᵃ + eᵇ).
func logAddExp(_ a: Double, _ b: Double) -> Double {
  let (high, low) = a > b ? (a, b) : (b, a)
  return high + deterministicLogOnePlus(deterministicExp(low - high))
}
