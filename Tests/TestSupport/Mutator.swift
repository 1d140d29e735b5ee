/// Turns valid inputs into hostile ones, the same for the same seed.
public struct Mutator {
  private var state: UInt64

  /// A mutator that starts anew for every seed.
  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func next() -> UInt64 {
    // Xorshift (Marsaglia 2003): enough to vary inputs, and independent of what is tested.
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// A number from 0 to below `limit`.
  public mutating func number(below limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

  /// A copy that is cut, lengthened, overwritten, repeated or has a few bits turned.
  public mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0...number(below: 3) {
      guard !result.isEmpty else { return (0..<number(below: 20)).map { _ in UInt8(truncatingIfNeeded: next()) } }
      let place = number(below: result.count)
      let length = min(1 + number(below: 8), result.count - place)
      switch number(below: 8) {
      case 0: result.removeSubrange(place...)
      case 1: result.removeSubrange(place..<place + length)
      case 2: result.insert(contentsOf: (0..<length).map { _ in UInt8(truncatingIfNeeded: next()) }, at: place)
      case 3: result.insert(contentsOf: result[place..<place + length], at: place)
      // Numbers at the ends of their ranges are what decoders stumble over.
      case 4: for index in place..<place + length { result[index] = 0xFF }
      case 5: for index in place..<place + length { result[index] = 0 }
      case 6: result[place] = UInt8(truncatingIfNeeded: next())
      default: result[place] ^= 1 << UInt8(number(below: 8))
      }
    }
    return result
  }
}
