import NumericalCore

/// Gaussian noise rounded to whole numbers: post-processing of the continuous Gaussian mechanism, so its event is that
/// mechanism's. Much faster than the exact discrete Gaussian; outside the proof stays that a sample is made of 104 random
/// bits in double precision. Only whole numbers are released, so no gap between doubles can leak (Mironov 2012).
public struct RoundedGaussianMechanism: AdditiveMechanism {
  /// How far one unit can move the number.
  public let sensitivity: Int
  /// Standard deviation of the Gaussian before it is rounded.
  public let standardDeviation: Double

  /// - Throws: `AccountingError` when the deviation is not within 2⁻¹⁰…2⁴⁵ or the sensitivity is below 1.
  public init(sensitivity: Int, standardDeviation: Double) throws {
    self.sensitivity = try checkedSensitivity(sensitivity)
    self.standardDeviation = try checkedScale(standardDeviation)
  }

  /// What one release is in a ledger.
  public var event: PrivacyEvent { .gaussian(noiseMultiplier: standardDeviation / Double(sensitivity)) }

  /// σ² + 1/12 to within a part in a million from σ = 1 on: rounding adds the variance of a uniform step.
  public var variance: Double { standardDeviation * standardDeviation + 1.0 / 12 }

  /// The value with noise.
  public func release(_ value: Int, from source: inout some RandomSource) -> Int {
    let radius = (-2 * deterministicLog(source.nextUniform())).squareRoot()
    let normal = radius * deterministicSineCosine(turns: source.nextUniform()).cosine
    return value &+ Int((normal * standardDeviation).rounded())
  }
}

/// Laplace noise rounded to whole numbers: post-processing of the continuous Laplace mechanism, with the same remark as
/// for `RoundedGaussianMechanism`. `DiscreteLaplaceMechanism` is the exact one.
public struct RoundedLaplaceMechanism: AdditiveMechanism {
  /// How far one unit can move the number.
  public let sensitivity: Int
  /// Scale b of the Laplace distribution before it is rounded.
  public let scale: Double

  /// - Throws: `AccountingError` when the scale is not within 2⁻¹⁰…2⁴⁵ or the sensitivity is below 1.
  public init(sensitivity: Int, scale: Double) throws {
    self.sensitivity = try checkedSensitivity(sensitivity)
    self.scale = try checkedScale(scale)
  }

  /// What one release is in a ledger.
  public var event: PrivacyEvent { .laplace(noiseMultiplier: scale / Double(sensitivity)) }

  /// Σ k²·P(round to k), exactly: with r = e^(−1/b), P(|k|) = ½·(r^(|k| − ½) − r^(|k| + ½)) for k ≠ 0.
  public var variance: Double {
    let decay = -1 / scale
    let ratio = deterministicExp(decay)
    let gap = -deterministicExpMinusOne(decay)
    // Σ_{k ≥ 1} k²·r^k = r(1 + r)/(1 − r)³, times (r^−½ − r^½) = (1 − r)/√r.
    return ratio.squareRoot() * (1 + ratio) / (gap * gap)
  }

  /// The value with noise.
  public func release(_ value: Int, from source: inout some RandomSource) -> Int {
    let magnitude = -scale * deterministicLog(source.nextUniform())
    let isNegative = source.nextWord() & 1 == 1
    return value &+ Int((isNegative ? -magnitude : magnitude).rounded())
  }
}

/// Refuses a scale that the lattice cannot hold.
private func checkedScale(_ scale: Double) throws -> Double {
  guard scale >= 0x1p-10, scale <= 0x1p45 else {
    throw AccountingError.invalidEvent("noise scale is \(scale); allowed: 2⁻¹⁰ to 2⁴⁵")
  }
  return scale
}

extension RandomSource {
  /// Uniform on the open interval (0, 1), at the midpoints of 2⁵² equal cells.
  fileprivate mutating func nextUniform() -> Double { openUniform(UInt64(nextWord()) << 32 | UInt64(nextWord())) }
}
