import NumericalCore

/// What public draws about a client (its tier, how it misbehaves, in which rounds it is lost) are keyed by: its name, so that
/// they do not change when another client comes or goes.
package struct ClientKeys: Sendable {
  /// One a training client, in the order of their indices.
  package let training: [Int]
  package let heldOut: [Int]

  /// Whole numbers below this stand for themselves, so that a generated client has the same key in memory and in a file.
  private static let firstHashed = 1 << 27

  /// The key of a name: the number that it is, or 62 bits of the SHA-256 of seed and name.
  package static func key(ofName name: [UInt8], seed: UInt64) -> Int {
    if name == [UInt8(ascii: "0")] { return 0 }
    if let first = name.first, first != UInt8(ascii: "0"), name.count <= 9 {
      var number: Int? = 0
      for byte in name {
        let digit = byte &- UInt8(ascii: "0")
        number = digit < 10 ? number.map { $0 * 10 + Int(digit) } : nil
      }
      if let number, number < firstHashed { return number }
    }
    var hash = SHA256()
    hash.update("fedsim client ".utf8)
    hash.update(seed)
    hash.update(name)
    let bits = hash.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(bits >> 2 | 1 << 62)
  }
}
