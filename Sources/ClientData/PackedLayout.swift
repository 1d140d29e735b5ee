import KernelInterface

/// Where arrays lie in one allocation, each at the start of a cache line: first all are placed, then the memory is allocated
/// and filled.
struct PackedLayout {
  /// Of all that is placed.
  private(set) var bytes = 0

  /// Makes room for values.
  /// - Returns: where they start.
  mutating func place<Element: BitwiseCopyable>(_ values: [Element]) -> Int {
    let start = bytes
    let size = values.count * MemoryLayout<Element>.stride
    bytes += (size + Rows.alignment - 1) / Rows.alignment * Rows.alignment
    return start
  }

  func allocate() -> UnsafeMutableRawPointer {
    .allocate(byteCount: max(bytes, Rows.alignment), alignment: Rows.alignment)
  }

  /// Copies values to their place.
  func fill<Element: BitwiseCopyable>(
    _ memory: UnsafeMutableRawPointer, _ offset: Int, _ values: [Element]
  ) -> UnsafePointer<Element> {
    let start = (memory + offset).bindMemory(to: Element.self, capacity: values.count)
    start.initialize(from: values, count: values.count)
    return UnsafePointer(start)
  }
}
