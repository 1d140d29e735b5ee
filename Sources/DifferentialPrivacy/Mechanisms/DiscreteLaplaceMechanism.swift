import NumericalCore

/// Discrete Laplace noise on a whole number, P(k) ∝ e^(−|k|·ε/Δ): the geometric mechanism of Ghosh, Roughgarden and
/// Sundararajan 2009, sampled in integer arithmetic, so that no gap of floating point can leak (Mironov 2012).
public struct DiscreteLaplaceMechanism: AdditiveMechanism {
  /// How far one unit can move the number.
  public let sensitivity: Int
  /// ε as a whole multiple of 2⁻²⁰, rounded down from what was asked for.
  public let epsilon: DyadicEpsilon

  /// - Parameters:
  ///   - sensitivity: at least 1.
  ///   - epsilon: pure differential privacy of one release.
  /// - Throws: `AccountingError` when ε is not within 2⁻²⁰…2²⁰ or the sensitivity is below 1.
  public init(sensitivity: Int, epsilon: Double) throws {
    self.sensitivity = try checkedSensitivity(sensitivity)
    self.epsilon = try DyadicEpsilon(epsilon)
  }

  /// Scale of the noise, Δ/ε.
  public var scale: Double { Double(sensitivity) / epsilon.value }

  /// What one release is in a ledger.
  public var event: PrivacyEvent { .discreteLaplace(scale: scale, sensitivity: sensitivity) }

  /// 2r/(1 − r)² with r = e^(−ε/Δ).
  public var variance: Double {
    let gap = -deterministicExpMinusOne(-1 / scale)
    return 2 * (1 - gap) / (gap * gap)
  }

  /// The value with noise.
  public func release(_ value: Int, from source: inout some RandomSource) -> Int {
    value
      &+ discreteLaplace(
        scale: UInt64(sensitivity) << DyadicEpsilon.bits, over: epsilon.numerator, from: &source)
  }
}

/// A discrete Laplace number of scale t/s (Canonne, Kamath and Steinke 2020, algorithm 2).
func discreteLaplace(scale t: UInt64, over s: UInt64, from source: inout some RandomSource) -> Int {
  while true {
    let u = source.uniform(below: UInt128(t))
    guard source.bernoulliExp(u, UInt128(t)) else { continue }
    var v: UInt128 = 0
    while source.bernoulliExp(1, 1) { v += 1 }
    let magnitude = Int(truncatingIfNeeded: (u + UInt128(t) * v) / UInt128(s))
    let isNegative = source.bernoulli(1, 2)
    // Zero must not be counted twice.
    if isNegative && magnitude == 0 { continue }
    return isNegative ? -magnitude : magnitude
  }
}

/// ε as a whole multiple of 2⁻²⁰, so that probabilities made of it are those of exact rational exponents.
public struct DyadicEpsilon: Equatable, Sendable {
  /// ε·2²⁰.
  public let numerator: UInt64
  /// log₂ of the denominator.
  public static let bits = 20

  /// Rounds down: never less private than asked for.
  /// - Throws: `AccountingError` when ε is not within 2⁻²⁰…2²⁰.
  public init(_ epsilon: Double) throws {
    let steps = epsilon * Double(1 << Self.bits)
    guard steps >= 1, steps <= Double(1 << (2 * Self.bits)) else {
      throw AccountingError.invalidEvent("ε is \(epsilon); allowed: 2⁻²⁰ to 2²⁰")
    }
    numerator = UInt64(steps)
  }

  /// ε.
  public var value: Double { Double(numerator) / Double(1 << Self.bits) }
}

/// Refuses a sensitivity below 1.
func checkedSensitivity(_ sensitivity: Int) throws -> Int {
  guard sensitivity >= 1, sensitivity <= 1 << 40 else {
    throw AccountingError.invalidEvent("sensitivity is \(sensitivity); allowed: 1 to 2⁴⁰")
  }
  return sensitivity
}
