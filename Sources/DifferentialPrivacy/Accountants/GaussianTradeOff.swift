import NumericalCore

/// Closed form for Gaussian mechanisms on everyone's data: T of them with multipliers σᵢ are one Gaussian with
/// sensitivity over deviation μ = √(Σ 1/σᵢ²) (Balle and Wang 2018, "Improving the Gaussian mechanism for
/// differential privacy", theorem 8; Dong, Roth and Su 2022, corollary 3.3).
struct GaussianTradeOff {
  let mu: Double

  /// δ(ε) = Φ(−a) − e^ε·Φ(−b) with a = ε/μ − μ/2 and b = ε/μ + μ/2.
  ///
  /// Because b² − a² = 2ε, e^ε·φ(b) = φ(a): with Mills' ratio R(x) = Φ(−x)/φ(x), δ = φ(a)·(R(a) − R(b)). Nothing
  /// overflows however large ε is.
  func delta(epsilon: Double) -> Double {
    let a = epsilon / mu - mu / 2
    let b = epsilon / mu + mu / 2
    let density = deterministicExp(-a * a / 2) * 0.398_942_280_401_432_7
    if a < 0 { return normalUpperTail(a) - density * millsRatio(b) }
    return density * (millsRatio(a) - millsRatio(b))
  }

  /// A bracket on δ(ε), with the same margin.
  func deltaBracket(epsilon: Double) -> DeltaBracket {
    let delta = max(0, delta(epsilon: epsilon))
    return DeltaBracket(lower: delta * (1 - 1e-7), upper: min(1, delta * (1 + 1e-7) + 1e-300))
  }

  /// A bracket on the least ε with δ(ε) ≤ delta, as narrow as doubles allow around the bisection's answer.
  func epsilon(delta target: Double) -> EpsilonBracket {
    if delta(epsilon: 0) <= target { return EpsilonBracket(lower: 0, upper: 0) }
    var low = 0.0
    var high = 1.0
    while delta(epsilon: high) > target { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if delta(epsilon: middle) > target { low = middle } else { high = middle }
    }
    // δ is computed with a relative error near 10⁻¹²; this margin on ε is far wider than what that moves.
    return EpsilonBracket(lower: low * (1 - 1e-7), upper: high * (1 + 1e-7))
  }
}
