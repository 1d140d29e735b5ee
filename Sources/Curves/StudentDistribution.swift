/// Student's t distribution with a whole number of degrees of freedom.
enum StudentDistribution {
  /// The number that a t variable is below with probability `probability`.
  /// - Parameters:
  ///   - probability: from one half (0) to below 1.
  ///   - degrees: at least 1.
  /// - Returns: the quantile, to about nine digits.
  static func quantile(_ probability: Double, degrees: Int) -> Double {
    precondition(degrees >= 1 && probability >= 0.5 && probability < 1)
    let wanted = probability - 0.5
    // Newton's method. The distribution function is concave above 0, so that steps from the left never overshoot.
    var t = 0.0
    for _ in 0..<100 {
      let step = (wanted - centralMass(t, degrees: degrees)) / density(t, degrees: degrees)
      t += step
      if step < 1e-10 * t { break }
    }
    return t
  }

  /// The probability of being beyond ±t, to about nine digits after the point.
  static func twoSidedTail(_ t: Double, degrees: Int) -> Double {
    max(0, 1 - 2 * centralMass(t, degrees: degrees))
  }

  /// c·(1 + t²/ν)^(−(ν+1)/2).
  private static func density(_ t: Double, degrees: Int) -> Double {
    normalisation(degrees) * power(1 + t * t / Double(degrees), halves: -(degrees + 1))
  }

  /// The probability of [0, t], by Simpson's rule.
  private static func centralMass(_ t: Double, degrees: Int) -> Double {
    // Far out, as many steps as keep them shorter than the density is wide.
    let steps = max(1000, 2 * Int((8 * min(t, 1e4)).rounded(.up)))
    let width = t / Double(steps)
    var sum = 0.0
    for step in 0...steps {
      let weight = step == 0 || step == steps ? 1.0 : step % 2 == 1 ? 4.0 : 2.0
      sum +=
        weight
        * power(1 + (Double(step) * width) * (Double(step) * width) / Double(degrees), halves: -(degrees + 1))
    }
    return normalisation(degrees) * sum * width / 3
  }

  /// Γ((ν + 1)/2) / (√(νπ)·Γ(ν/2)), by the recurrence from ν − 2 to ν.
  private static func normalisation(_ degrees: Int) -> Double {
    // Γ((ν+1)/2)/Γ(ν/2) grows by the factor (ν − 1)/(ν − 2) from ν − 2 to ν; it is 1/√π for 1 and √π/2 for 2.
    var ratio = degrees % 2 == 1 ? 1 / Double.pi.squareRoot() : Double.pi.squareRoot() / 2
    for nu in stride(from: degrees % 2 == 1 ? 3 : 4, through: degrees, by: 2) {
      ratio *= Double(nu - 1) / Double(nu - 2)
    }
    return ratio / (Double(degrees) * Double.pi).squareRoot()
  }

  /// base^(halves/2), from multiplications, divisions and a square root: the same bits everywhere.
  private static func power(_ base: Double, halves: Int) -> Double {
    var result = 1.0
    var factor = base
    var whole = abs(halves) / 2
    while whole > 0 {
      if whole % 2 == 1 { result *= factor }
      factor *= factor
      whole /= 2
    }
    if halves % 2 != 0 { result *= base.squareRoot() }
    return halves < 0 ? 1 / result : result
  }
}
