import Builtin

/// Memory that is needed soon, brought into the caches a portion at a time while something else is computed.
///
/// A client's examples lie in one piece, and within it the processor guesses well what comes next. It cannot guess where the
/// next client of a cohort lies, so without help each client starts by waiting for memory. Nothing that is computed depends
/// on this.
public struct ReadAhead {
  /// Bytes that come from memory together.
  public static let cacheLine = 64

  @usableFromInline var rest: UnsafeRawBufferPointer
  /// Bytes: whole cache lines.
  @usableFromInline let portion: Int

  /// - Parameters:
  ///   - memory: what is needed soon, nil where that is not known. It is never read, only asked for.
  ///   - portions: calls of `fetch` that together ask for all of it.
  public init(_ memory: UnsafeRawBufferPointer?, portions: Int) {
    let memory = memory ?? UnsafeRawBufferPointer(start: nil, count: 0)
    rest = memory
    let lines = (memory.count + Self.cacheLine - 1) / Self.cacheLine
    portion = (lines + max(1, portions) - 1) / max(1, portions) * Self.cacheLine
  }

  /// Asks for the next portion, without waiting for it; for nothing once all has been asked for.
  @inlinable @inline(__always)
  public mutating func fetch() {
    let next = next()
    guard let start = next.baseAddress else { return }
    var offset = 0
    while offset < next.count {
      // For reading, into all levels of the caches that hold data.
      Builtin.int_prefetch_RawPointer(
        (start + offset)._rawValue, (0 as Int32)._value, (3 as Int32)._value, (1 as Int32)._value)
      offset &+= Self.cacheLine
    }
  }

  /// The next portion; empty once all has been asked for.
  @inlinable @inline(__always)
  public mutating func next() -> UnsafeRawBufferPointer {
    guard rest.count > 0, let start = rest.baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let count = min(portion, rest.count)
    rest = UnsafeRawBufferPointer(start: start + count, count: rest.count &- count)
    return UnsafeRawBufferPointer(start: start, count: count)
  }
}
