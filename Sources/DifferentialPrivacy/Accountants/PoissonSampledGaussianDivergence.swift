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

  /// The divergence of order α > 1, ln A_α / (α − 1), with A_α = E[(1 − q + q·e^((2z − 1)/2σ²))^α], z ~ N(0, σ²).
  ///
  /// Both ways below compute A_α − 1 as a sum of positive terms, so that nothing cancels however near A_α is to 1.
  package func divergence(order: Double) -> Double {
    let isInteger = order == order.rounded()
    if !isInteger && multiplier < leastQuadratureMultiplier {
      return convexDivergence(rate: rate, multiplier: multiplier, order: order)
    }
    let logExcess = isInteger ? integerLogExcess(Int(order)) : quadratureLogExcess(order)
    let logMoment = logExcess < 36 ? deterministicLogOnePlus(deterministicExp(logExcess)) : logExcess
    // The sums' relative error is below 10⁻¹¹; the factor keeps the result an upper bound.
    return logMoment * (1 + 1e-10) / (order - 1)
  }

  /// ln(A_α − 1) by the binomial sum of section 3.3: the probabilities of a binomial add up to 1, which is taken
  /// away term by term.
  private func integerLogExcess(_ order: Int) -> Double {
    let logRate = deterministicLog(rate)
    let logRest = deterministicLogOnePlus(-rate)
    var sum = LogSum()
    var logChoose = 0.0
    for k in 1...order {
      logChoose += deterministicLog(Double(order - k + 1)) - deterministicLog(Double(k))
      if k == 1 { continue }
      let exponent = Double(k) * Double(k - 1) / (2 * multiplier * multiplier)
      // ln(eˣ − 1), which for large x differs from x by nothing.
      let logGain = exponent > 40 ? exponent : deterministicLog(deterministicExpMinusOne(exponent))
      sum.add(logChoose + Double(k) * logRate + Double(order - k) * logRest + logGain)
    }
    return sum.value
  }

  /// ln(A_α − 1) by the trapezoidal rule, for orders that are not whole.
  ///
  /// The series of section 3.3 alternates and diverges for some orders. With r = q·(e^((2z − 1)/2σ²) − 1), whose
  /// mean is 0, A_α − 1 = E[(1 + r)^α − 1 − αr], whose integrand is positive (Bernoulli's inequality) and analytic
  /// in a strip of half-width πσ²: the rule converges geometrically (Trefethen and Weideman 2014, theorem 5.1).
  private func quadratureLogExcess(_ order: Double) -> Double {
    let sigma = multiplier
    let step = min(sigma / 8, sigma * sigma / 2)
    let lowest = -12 * sigma
    let highest = order + 12 * sigma
    let steps = Int(((highest - lowest) / step).rounded(.up))
    var sum = LogSum()
    for i in 0...steps {
      let z = lowest + Double(i) * step
      sum.add(logIntegrand((2 * z - 1) / (2 * sigma * sigma), order) - z * z / (2 * sigma * sigma))
    }
    return sum.value + deterministicLog(step / (sigma * 2.506_628_274_631_000_5))
  }

  /// ln((1 + r)^α − 1 − αr) for r = q·(eᵘ − 1).
  private func logIntegrand(_ u: Double, _ order: Double) -> Double {
    if u > 30 {
      let logRatio = logAddExp(deterministicLogOnePlus(-rate), deterministicLog(rate) + u)
      if order * logRatio > 40 { return order * logRatio }
    }
    return logPowerExcess(rate * deterministicExpMinusOne(min(u, 700)), order)
  }
}

/// ln((1 + r)^α − 1 − αr) for r > −1, whose argument is positive (Bernoulli's inequality).
func logPowerExcess(_ r: Double, _ order: Double) -> Double {
  let value: Double
  if abs(r) * order < 0.05 {
    // Σ_{k ≥ 2} C(α, k)·rᵏ: what cancels in the closed form is left out from the start.
    var term = order * r
    var total = 0.0
    for k in 2...12 {
      term *= (order - Double(k - 1)) / Double(k) * r
      total += term
    }
    value = total
  } else {
    value = deterministicExpMinusOne(order * deterministicLogOnePlus(r)) - order * r
  }
  return value > 0 ? deterministicLog(max(value, 0x1p-1022)) : -.infinity
}

/// Below this noise multiplier quadrature would need a fine grid over a wide range, and what sampling takes from a
/// divergence above 200 is little.
let leastQuadratureMultiplier = 0.05

/// The divergence of a Gaussian that is applied with probability q and else to data that do not differ:
/// ln(1 − q + q·e^(α(α − 1)/2σ²))/(α − 1), by the convexity of A_α in the pair. An upper bound for every sampling.
func convexDivergence(rate: Double, multiplier: Double, order: Double) -> Double {
  let exponent = order * (order - 1) / (2 * multiplier * multiplier)
  let logMoment =
    exponent > 30
    ? logAddExp(deterministicLogOnePlus(-rate), deterministicLog(rate) + exponent)
    : deterministicLogOnePlus(rate * deterministicExpMinusOne(exponent))
  return logMoment / (order - 1)
}

/// ln(eᵃ + eᵇ).
func logAddExp(_ a: Double, _ b: Double) -> Double {
  let (high, low) = a > b ? (a, b) : (b, a)
  return high + deterministicLogOnePlus(deterministicExp(low - high))
}
