import NumericalCore

/// Where a mechanism's random bits come from.
public protocol RandomSource: UniformSource {
  /// What results say about it.
  static var about: String { get }
  /// Fills a buffer with standard normal numbers.
  func fillNormal(_ output: UnsafeMutableBufferPointer<Double>)
}

extension RandomStream: RandomSource {
  /// Reproducible: who knows the seed knows the noise.
  public static var about: String { "seeded counter-based generator (reproducible, for simulation)" }
}

/// The operating system's cryptographically secure generator.
public struct SecureRandomSource: RandomSource {
  private var generator = SystemRandomNumberGenerator()

  /// A source; it has no seed.
  public init() {}

  /// Not reproducible.
  public static var about: String { "the system's secure generator (not reproducible)" }

  /// 32 uniform bits.
  public mutating func nextWord() -> UInt32 { UInt32(truncatingIfNeeded: generator.next() as UInt64) }
}

extension SecureRandomSource {
  /// Fills a buffer with standard normal numbers (Box and Muller 1958).
  public func fillNormal(_ output: UnsafeMutableBufferPointer<Double>) {
    var generator = SystemRandomNumberGenerator()
    var index = 0
    while index < output.count {
      let radius = (-2 * deterministicLog(openUniform(generator.next()))).squareRoot()
      let (sine, cosine) = deterministicSineCosine(turns: openUniform(generator.next()))
      output[index] = radius * cosine
      if index + 1 < output.count { output[index + 1] = radius * sine }
      index += 2
    }
  }
}

extension RandomSource {
  /// Standard normal numbers.
  public func normalNumbers(count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      fillNormal(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Uniform on 0..<bound, by rejection of whole draws: exact.
  mutating func uniform(below bound: UInt128) -> UInt128 {
    precondition(bound > 0)
    // The same draws and the same numbers, without the cost of wide arithmetic.
    if let narrow = UInt64(exactly: bound) { return UInt128(uniform(below: narrow)) }
    let bits = 128 - (bound - 1).leadingZeroBitCount
    let words = (bits + 31) / 32
    while true {
      var value: UInt128 = 0
      for _ in 0..<words { value = value << 32 | UInt128(nextWord()) }
      if bits < 128 { value &= (1 << UInt128(bits)) - 1 }
      if value < bound { return value }
    }
  }

  private mutating func uniform(below bound: UInt64) -> UInt64 {
    let bits = 64 - (bound - 1).leadingZeroBitCount
    let mask = bits == 0 ? 0 : UInt64.max >> UInt64(64 - bits)
    while true {
      var value: UInt64 = bits > 0 ? UInt64(nextWord()) : 0
      if bits > 32 { value = value << 32 | UInt64(nextWord()) }
      value &= mask
      if value < bound { return value }
    }
  }

  /// True with probability numerator/denominator, at most 1.
  mutating func bernoulli(_ numerator: UInt128, _ denominator: UInt128) -> Bool {
    uniform(below: denominator) < numerator
  }

  /// True with probability e^−(numerator/denominator), in integer arithmetic only (Canonne, Kamath and Steinke 2020,
  /// "The discrete Gaussian for differential privacy", algorithm 1).
  mutating func bernoulliExp(_ numerator: UInt128, _ denominator: UInt128) -> Bool {
    var rest = numerator
    // Subtracting beats dividing: only as many times as coins succeed, which is once or twice.
    while rest >= denominator {
      if !bernoulliExpUpToOne(1, 1) { return false }
      rest -= denominator
    }
    return bernoulliExpUpToOne(rest, denominator)
  }

  private mutating func bernoulliExpUpToOne(_ numerator: UInt128, _ denominator: UInt128) -> Bool {
    // With γ ≤ 1: the first k at which a coin of probability γ/k fails is odd with probability e^−γ.
    var k: UInt64 = 1
    if let narrow = UInt64(exactly: numerator), let below = UInt64(exactly: denominator) {
      while uniform(below: k) < 1 && uniform(below: below) < narrow { k += 1 }
    } else {
      while uniform(below: k) < 1 && bernoulli(numerator, denominator) { k += 1 }
    }
    return k % 2 == 1
  }
}
