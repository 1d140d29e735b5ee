import NumericalCore

/// Rényi divergences of sampled Gaussians when one unit is replaced: those of the pairs that dominate them, by
/// quadrature. The multiplier is the noise over the distance between what a unit and its replacement can contribute.
struct SampledGaussianDivergence {
  /// Sampling rate q, in (0, 1).
  let rate: Double
  /// Noise multiplier σ.
  let multiplier: Double

  /// Poisson sampling: the pair of `MixtureLoss.replaced`.
  ///
  /// With a and b its densities over that of N(0, σ²) and r = a/b − 1, A_α − 1 = E[b·((1 + r)^α − 1 − αr)], a sum of
  /// positive terms. The integrand is analytic in a strip of half-width 2πσ²: the trapezoidal rule converges
  /// geometrically (Trefethen and Weideman 2014, theorem 5.1).
  func replaced(order: Double) -> Double {
    guard multiplier >= leastQuadratureMultiplier else {
      return convexDivergence(rate: rate, multiplier: multiplier, order: order)
    }
    let sigma = multiplier
    let step = min(sigma / 8, sigma * sigma / 2)
    // The bulk of a^α·b^(1 − α)·N lies around no centre beyond ±α.
    let reach = order + 12 * sigma
    let steps = Int((2 * reach / step).rounded(.up))
    var sum = LogSum()
    for i in 0...steps {
      let x = -reach + Double(i) * step
      let (logA, logB) = (logDensity(x), logDensity(-x))
      let logRatio = logA - logB
      let excess =
        order * logRatio > 40
        ? order * logRatio : logPowerExcess(deterministicExpMinusOne(logRatio), order)
      sum.add(logB + excess - x * x / (2 * sigma * sigma))
    }
    let logExcess = sum.value + deterministicLog(step / (sigma * 2.506_628_274_631_000_5))
    return divergence(logExcess, order: order)
  }

  /// ln of (1 − q)·N(0, σ²) + q·N(½, σ²) over N(0, σ²).
  private func logDensity(_ x: Double) -> Double {
    let exponent = (x - 0.25) / (2 * multiplier * multiplier)
    return exponent > 30
      ? logAddExp(deterministicLogOnePlus(-rate), deterministicLog(rate) + exponent)
      : deterministicLogOnePlus(rate * deterministicExpMinusOne(exponent))
  }

  /// Fixed-size sampling without replacement: the pair of `FixedSizeSampledGaussianLoss`.
  ///
  /// With r = M/N ≥ 1 at x > ½, A_α − 1 = ∫_{x > ½} N·(r^α − r)·(1 − r^−α): outcomes with a loss above 0 and below it
  /// together. The substitution x = ½ + c·ln(1 + eᵗ) makes the half-line a line, on which the integrand falls at both
  /// ends.
  func fixedSize(order: Double) -> Double {
    guard multiplier >= leastQuadratureMultiplier else {
      return convexDivergence(rate: rate, multiplier: multiplier, order: order)
    }
    let sigma = multiplier
    let scale = min(sigma / 2, sigma * sigma)
    let step = 0.25
    let highest = (order + 12 * sigma) / scale
    let lowest = -40.0
    let steps = Int(((highest - lowest) / step).rounded(.up))
    var sum = LogSum()
    for i in 0...steps {
      let t = lowest + Double(i) * step
      let decay = deterministicExp(-abs(t))
      let distance = scale * (max(t, 0) + deterministicLogOnePlus(decay))
      let logSlope = (t < 0 ? t : 0) - deterministicLogOnePlus(decay)
      let logRatio = logRatio(distance / (sigma * sigma))
      let grown = (order - 1) * logRatio
      let logGrowth = grown > 40 ? grown : deterministicLog(max(deterministicExpMinusOne(grown), 0x1p-1022))
      let logRest = deterministicLog(max(-deterministicExpMinusOne(-order * logRatio), 0x1p-1022))
      let x = 0.5 + distance
      sum.add(logRatio + logGrowth + logRest + logSlope - x * x / (2 * sigma * sigma))
    }
    let logExcess = sum.value + deterministicLog(step * scale / (sigma * 2.506_628_274_631_000_5))
    return divergence(logExcess, order: order)
  }

  /// ln(M/N) where the loss without sampling is u ≥ 0.
  private func logRatio(_ u: Double) -> Double {
    u > 30
      ? logAddExp(deterministicLogOnePlus(-rate), deterministicLog(rate) + u)
      : deterministicLogOnePlus(rate * deterministicExpMinusOne(u))
  }

  private func divergence(_ logExcess: Double, order: Double) -> Double {
    let logMoment = logExcess < 36 ? deterministicLogOnePlus(deterministicExp(logExcess)) : logExcess
    // The quadratures' relative error is below 10⁻¹¹; the factor keeps the result an upper bound.
    return logMoment * (1 + 1e-10) / (order - 1)
  }
}
