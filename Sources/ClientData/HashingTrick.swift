/// Coordinates for features by the hashing trick (Weinberger et al. 2009, "Feature hashing for large scale multitask
/// learning"): a feature's name is hashed straight to a coordinate, and no dictionary is kept.
struct HashingTrick: Sendable {
  /// Coordinates after the bias.
  private let coordinates: UInt64

  /// - Parameter dimension: length of the model; coordinate 0 is the bias.
  init(dimension: Int) { coordinates = UInt64(dimension - 1) }

  /// The coordinate of a hash, from 1 to dimension − 1.
  func coordinate(_ hash: UInt64) -> UInt32 { 1 + UInt32(hash.multipliedFullWidth(by: coordinates).high) }

  /// The hash of a text, continued from another.
  static func hash(_ text: String, from start: UInt64) -> UInt64 {
    text.utf8.reduce(mix(start ^ 0x2A)) { mix($0 ^ UInt64($1)) }
  }

  /// A bijective mixer: the finaliser of SplitMix64 (Steele, Lea and Flood 2014) after an odd increment.
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
