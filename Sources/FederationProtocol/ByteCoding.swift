// Bodies are little-endian. Every machine fedsim runs on is too, so arrays are copied as they lie in memory.
#if !(_endian(little))
  #error("the wire format assumes a little-endian machine")
#endif

/// Builds a frame's body.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The count as UInt32, then the elements.
  mutating func array<Element: BitwiseCopyable>(_ values: [Element]) {
    integer(UInt32(values.count))
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Takes a body apart; every read is checked against what is left.
struct ByteReader {
  private let bytes: [UInt8]
  private let kind: Frame.Kind
  private var position = 0

  init(_ frame: Frame) {
    bytes = frame.body
    kind = frame.kind
  }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let size = MemoryLayout<Value>.size
    guard bytes.count - position >= size else { throw ProtocolError.malformed(kind) }
    defer { position += size }
    return bytes.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Value.self))
    }
  }

  /// A byte that is 0 or 1.
  mutating func flag() throws -> Bool {
    switch try integer(UInt8.self) {
    case 0: return false
    case 1: return true
    default: throw ProtocolError.malformed(kind)
    }
  }

  /// A count: a UInt64 that fits an Int.
  mutating func count() throws -> Int {
    guard let count = Int(exactly: try integer(UInt64.self)) else { throw ProtocolError.malformed(kind) }
    return count
  }

  /// An array of at most `limit` elements. The count is checked against the bytes there are before allocating.
  mutating func array<Element: BitwiseCopyable>(of type: Element.Type, limit: Int) throws -> [Element] {
    let count = Int(try integer(UInt32.self))
    let size = count * MemoryLayout<Element>.stride
    guard count <= limit, bytes.count - position >= size else { throw ProtocolError.malformed(kind) }
    defer { position += size }
    return bytes.withUnsafeBytes { source in
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[position..<(position + size)]))
        initialized = count
      }
    }
  }

  /// A SHA-256, or nothing.
  mutating func digest() throws -> [UInt8] {
    let bytes = try array(of: UInt8.self, limit: Limits.digest)
    guard bytes.isEmpty || bytes.count == Limits.digest else { throw ProtocolError.malformed(kind) }
    return bytes
  }

  /// Refuses a body with bytes left over.
  func finish() throws {
    guard position == bytes.count else { throw ProtocolError.malformed(kind) }
  }
}
