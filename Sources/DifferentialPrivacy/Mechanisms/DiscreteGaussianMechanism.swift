import NumericalCore

/// Discrete Gaussian noise on a whole number, P(k) ∝ e^(−k²/2σ²), by exact rejection in integer arithmetic (Canonne,
/// Kamath and Steinke 2020, algorithm 3).
public struct DiscreteGaussianMechanism: AdditiveMechanism {
  /// How far one unit can move the number.
  public let sensitivity: Int
  /// σ² = numerator/denominator, rounded up from what was asked for.
  private let numerator: UInt128
  private let denominator: UInt128
  /// ⌊σ⌋ + 1, the scale of the proposals.
  private let proposalScale: UInt64

  /// - Parameters:
  ///   - sensitivity: at least 1.
  ///   - standardDeviation: σ, from 0.01 to 2²⁶.
  /// - Throws: `AccountingError` when one of them is out of range.
  public init(sensitivity: Int, standardDeviation: Double) throws {
    self.sensitivity = try checkedSensitivity(sensitivity)
    guard standardDeviation >= 0.01, standardDeviation <= 0x1p26 else {
      throw AccountingError.invalidEvent("standard deviation is \(standardDeviation); allowed: 0.01 to 2²⁶")
    }
    let variance = standardDeviation * standardDeviation
    // As many binary places as keep the numerator below 2⁵³: every product below then fits 128 bits.
    let places = max(0, min(30, 52 - variance.exponent))
    denominator = 1 << UInt128(places)
    numerator = UInt128((variance * Double(sign: .plus, exponent: places, significand: 1)).rounded(.up))
    proposalScale = UInt64(variance.squareRoot().rounded(.down)) + 1
  }

  /// σ² of the distribution's formula; its variance is never more (Canonne, Kamath and Steinke 2020, corollary 9).
  public var variance: Double { Double(numerator) / Double(denominator) }

  /// What one release is in a ledger.
  public var event: PrivacyEvent {
    .discreteGaussian(standardDeviation: variance.squareRoot(), sensitivity: sensitivity)
  }

  /// The value with noise.
  public func release(_ value: Int, from source: inout some RandomSource) -> Int { value &+ sample(from: &source) }

  /// One number of the noise.
  @_specialize(where Source == RandomStream)
  public func sample<Source: RandomSource>(from source: inout Source) -> Int {
    let t = UInt128(proposalScale)
    // γ = (|y| − σ²/t)²/2σ² = (|y|·t·d − n)²/(2·n·t²·d) for σ² = n/d.
    let divisor = 2 * numerator * t * t * denominator
    while true {
      let y = discreteLaplace(scale: proposalScale, over: 1, from: &source)
      let reach = UInt128(y.magnitude) * t * denominator
      let distance = reach > numerator ? reach - numerator : numerator - reach
      // Beyond 64 proposal scales acceptance has a probability below e^−1000, and the square would not fit.
      guard y.magnitude <= 64 * proposalScale else { continue }
      if source.bernoulliExp(distance * distance, divisor) { return y }
    }
  }
}
