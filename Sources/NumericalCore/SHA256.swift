/// SHA-256 (FIPS 180-4, section 6.2), for digests that two machines can compare.
public struct SHA256: Sendable {
  private static let blockLength = 64

  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  /// The bytes after the last whole block.
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  /// An empty message.
  public init() { pending.reserveCapacity(Self.blockLength) }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: some Sequence<UInt8>) {
    if bytes.withContiguousStorageIfAvailable({ append(UnsafeRawBufferPointer($0)) }) == nil {
      Array(bytes).withUnsafeBytes { append($0) }
    }
  }

  /// Appends an integer, little-endian.
  public mutating func update(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { append($0) } }

  /// The digest of everything appended, 64 lower-case hexadecimal digits. The message can go on afterwards.
  public var hexadecimal: String { Self.hexadecimal(bytes) }

  /// The 32 bytes of the digest of everything appended. The message can go on afterwards.
  public var bytes: [UInt8] {
    var final = self
    let zeros = (2 * Self.blockLength - 9 - pending.count) % Self.blockLength
    final.update([0x80] + [UInt8](repeating: 0, count: zeros))
    withUnsafeBytes(of: (length * 8).bigEndian) { final.append($0) }
    return (0..<32).map { UInt8(truncatingIfNeeded: final.state[$0 / 4] >> UInt32(24 - $0 % 4 * 8)) }
  }

  /// Bytes as lower-case hexadecimal digits.
  public static func hexadecimal(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
      for (index, byte) in bytes.enumerated() {
        for (place, digit) in [byte >> 4, byte & 0xF].enumerated() {
          digits[2 * index + place] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
        }
      }
      return 2 * bytes.count
    }
  }

  /// The digest of a message that is all there, as eight words; it allocates nothing.
  public static func words(of message: UnsafeRawBufferPointer) -> SIMD8<UInt32> {
    var state = SHA256().state
    let whole = message.count / blockLength * blockLength
    for start in stride(from: 0, to: whole, by: blockLength) {
      state = compressed(state, UnsafeRawBufferPointer(rebasing: message[start..<start + blockLength]))
    }
    return withUnsafeTemporaryAllocation(byteCount: 2 * blockLength, alignment: 16) { tail in
      let rest = message.count - whole
      let length = rest + 9 <= blockLength ? blockLength : 2 * blockLength
      tail.initializeMemory(as: UInt8.self, repeating: 0)
      tail.copyMemory(from: UnsafeRawBufferPointer(rebasing: message[whole...]))
      tail[rest] = 0x80
      tail.storeBytes(of: UInt64(message.count * 8).bigEndian, toByteOffset: length - 8, as: UInt64.self)
      for start in stride(from: 0, to: length, by: blockLength) {
        state = compressed(state, UnsafeRawBufferPointer(rebasing: tail[start..<start + blockLength]))
      }
      return state
    }
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    length += UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.blockLength - pending.count)
      pending.append(contentsOf: missing)
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.blockLength else { return }
      state = pending.withUnsafeBytes { Self.compressed(state, $0) }
      pending.removeAll(keepingCapacity: true)
    }
    while rest.count >= Self.blockLength {
      state = Self.compressed(state, UnsafeRawBufferPointer(rebasing: rest.prefix(Self.blockLength)))
      rest = rest.dropFirst(Self.blockLength)
    }
    pending.append(contentsOf: rest)
  }

  /// The state after a block of 64 bytes.
  private static func compressed(_ state: SIMD8<UInt32>, _ block: UnsafeRawBufferPointer) -> SIMD8<UInt32> {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
      for t in 0..<16 { w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self)) }
      for t in 16..<64 {
        let s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >> 3)
        let s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >> 10)
        w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      roundConstants.withUnsafeBufferPointer { k in
        for t in 0..<64 {
          let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
          let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ k[t] &+ w[t]
          let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
          let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
          (a, b, c, d, e, f, g, h) = (t1 &+ t2, a, b, c, d &+ t1, e, f, g)
        }
      }
      return state &+ SIMD8(a, b, c, d, e, f, g, h)
    }
  }

  @inline(__always)
  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

  private static let roundConstants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
