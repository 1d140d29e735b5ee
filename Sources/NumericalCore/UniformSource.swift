/// Uniform random bits, and what is made of them alone: from a stream that can be repeated, or from the system.
public protocol UniformSource {
  /// Uniform over all 2³² values.
  mutating func nextWord() -> UInt32
}

extension UniformSource {
  /// Uniform on the open interval (0, 1): the midpoints of 2⁵² equal cells, so that neither end is reached.
  @inlinable
  public mutating func nextUniform() -> Double {
    let high = UInt64(nextWord())
    let low = UInt64(nextWord())
    return openUniform(high &<< 32 | low)
  }

  /// Uniform on 0..<bound without bias (Lemire 2019, "Fast random integer generation in an interval").
  /// - Parameter bound: 1 to 2³².
  @inlinable
  public mutating func nextInteger(below bound: Int) -> Int {
    precondition(bound >= 1 && bound <= 1 << 32)
    let range = UInt64(bound)
    let threshold = (0 &- range) & 0xFFFF_FFFF
    let rejectBelow = range == 1 << 32 ? 0 : threshold % range
    while true {
      let product = UInt64(nextWord()) &* range
      if product & 0xFFFF_FFFF >= rejectBelow { return Int(product &>> 32) }
    }
  }

  /// The number of failures before the first success of independent trials (geometric, from 0), by inversion.
  /// - Parameter logFailure: ln(1 − p), negative.
  public mutating func nextGeometric(logFailure: Double) -> Int {
    let gap = (deterministicLog(nextUniform()) / logFailure).rounded(.down)
    return gap < 0x1p53 ? Int(gap) : Int(1) << 53
  }
}
