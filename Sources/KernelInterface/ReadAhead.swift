import NumericalCore

/// Memory that is needed soon, brought into the caches a portion at a time while something else is computed.
///
/// A client's examples lie in one piece, and within it the processor guesses well what comes next. It cannot guess where the
/// next client of a cohort lies, so without help each client starts by waiting for memory. Nothing that is computed depends
/// on this.
package struct ReadAhead {
  private var rest: UnsafeRawBufferPointer
  /// Bytes: whole cache lines.
  private let portion: Int

  /// - Parameters:
  ///   - memory: what is needed soon. It is never read, only asked for.
  ///   - portions: calls of `fetch` that together ask for all of it.
  package init(_ memory: UnsafeRawBufferPointer, portions: Int) {
    rest = memory
    let lines = (memory.count + Rows.alignment - 1) / Rows.alignment
    portion = (lines + max(1, portions) - 1) / max(1, portions) * Rows.alignment
  }

  /// Asks for the next portion; for nothing once all has been asked for.
  @inline(__always)
  package mutating func fetch() {
    let next = next()
    if let start = next.baseAddress { prefetch(start, bytes: next.count) }
  }

  /// The next portion; empty once all has been asked for.
  @inline(__always)
  package mutating func next() -> UnsafeRawBufferPointer {
    guard rest.count > 0, let start = rest.baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let count = min(portion, rest.count)
    rest = UnsafeRawBufferPointer(start: start + count, count: rest.count &- count)
    return UnsafeRawBufferPointer(start: start, count: count)
  }
}
