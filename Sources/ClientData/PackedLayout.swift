import KernelInterface

/// Pieces of one allocation, each at a whole cache line.
struct PackedLayout {
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

  func fill<Element: BitwiseCopyable>(
    _ memory: UnsafeMutableRawPointer, _ offset: Int, _ values: [Element]
  ) -> UnsafePointer<Element> {
    let start = (memory + offset).bindMemory(to: Element.self, capacity: values.count)
    start.update(from: values, count: values.count)
    return UnsafePointer(start)
  }
}
