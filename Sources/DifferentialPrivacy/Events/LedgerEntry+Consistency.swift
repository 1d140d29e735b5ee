import NumericalCore

extension LedgerEntry {
  /// Relative difference of two numbers that were computed in different order and written in full.
  private static let rounding = 1e-9

  /// What in an entry contradicts the rest of it; nil where the noise that it names is that of its event.
  ///
  /// A Gaussian's multiplier is deviation over sensitivity, and with a count z⁻² = z_Δ⁻² + c⁻² (Andrew et al. 2021, theorem
  /// 1). A Laplace distribution of scale b has the deviation √2·b, the discrete one √(2r)/(1 − r) with r = e^(−1/b).
  var contradiction: String? {
    let ratio = noiseStandardDeviation / sensitivity
    guard ratio.isFinite else { return "its noise over its sensitivity is no number" }
    if countNoiseMultiplier != nil, !event.isGaussian { return "a count was released with what is no Gaussian" }
    switch event {
    case .gaussian(let multiplier), .poissonSampledGaussian(_, let multiplier),
      .fixedSizeSampledGaussian(_, _, let multiplier):
      return contradiction(of: multiplier, sum: ratio)
    case .laplace(let multiplier), .poissonSampledLaplace(_, let multiplier):
      return differs("noise over sensitivity", ratio, [squareRootOfTwo * multiplier])
    case .discreteGaussian(let deviation, let steps):
      return differs("noise over sensitivity", ratio, [deviation / Double(steps)])
    case .discreteLaplace(let scale, let steps):
      return differs("noise over sensitivity", ratio, [discreteLaplaceDeviation(scale) / Double(steps)])
    case .randomizedResponse:
      return noiseStandardDeviation == 0 ? nil : "an answer by chance has no noise added to it"
    case .concentrated(let rho):
      // Gaussian noise: ρ = Δ²/2σ² (Bun and Steinke 2016, proposition 1.6).
      if noiseStandardDeviation == 0 { return nil }
      return differs("noise over sensitivity", ratio, [1 / (2 * rho).squareRoot()])
    case .pure(let epsilon):
      // A mechanism that adds no noise, such as a selection, has no deviation. One that does is Laplace noise on a sum of
      // real numbers, or discrete Laplace noise on whole ones.
      if noiseStandardDeviation == 0 { return nil }
      return differs(
        "noise over sensitivity", ratio,
        [squareRootOfTwo / epsilon, discreteLaplaceDeviation(sensitivity / epsilon) / sensitivity])
    }
  }

  private func contradiction(of multiplier: Double, sum: Double) -> String? {
    guard let count = countNoiseMultiplier else { return differs("noise over sensitivity", sum, [multiplier]) }
    guard count > 0, count.isFinite else { return "the noise multiplier of its count is \(count)" }
    let both = 1 / (1 / (sum * sum) + 1 / (count * count)).squareRoot()
    return differs("the noise of sum and count together", both, [multiplier])
  }

  private func differs(_ what: String, _ found: Double, _ allowed: [Double]) -> String? {
    if allowed.contains(where: { abs(found - $0) <= Self.rounding * $0 }) { return nil }
    return "\(what) is \(found), and its \(event.name) event needs \(allowed[0])"
  }
}

private let squareRootOfTwo = 2.0.squareRoot()

/// Standard deviation of P(k) ∝ e^(−|k|/scale).
private func discreteLaplaceDeviation(_ scale: Double) -> Double {
  let gap = -deterministicExpMinusOne(-1 / scale)
  return (2 * (1 - gap)).squareRoot() / gap
}

extension PrivacyEvent {
  /// Whether a count may be released with it.
  fileprivate var isGaussian: Bool {
    switch self {
    case .gaussian, .poissonSampledGaussian, .fixedSizeSampledGaussian: true
    case .laplace, .poissonSampledLaplace, .discreteGaussian, .discreteLaplace, .randomizedResponse, .pure,
      .concentrated:
      false
    }
  }
}
