import KernelInterface

/// Buffers that local training works in, allocated once and grown when a client needs more, so that the loop over
/// clients allocates nothing.
package final class TrainingWorkspace {
  package init() {}

  /// The model as broadcast, padded.
  package let model = Buffer<Float>()
  /// The model as broadcast, in the client's layout.
  package let anchor = Buffer<Float>()
  /// The model while it is trained.
  package let local = Buffer<Float>()
  /// What the client contributes; later its lattice form.
  package let update = Buffer<Float>()
  package let margins = Buffer<Float>()
  package let order = Buffer<Int32>()
  /// The model coordinates of one example.
  private let coordinates = Buffer<UInt32>()
  /// Labels other than the client's own, for whoever learns from such.
  let labels = Buffer<Float>()

  /// Makes room for a client.
  package func prepare(width: Int, examples: Int) {
    anchor.reserve(width)
    local.reserve(width)
    update.reserve(width)
    margins.reserve(examples)
    order.reserve(examples)
  }

  /// Lays out a multiple of one sparse example in `update`, over the coordinates that it has itself and no others of its
  /// client: then nothing that is computed from it, to the last bit, depends on what else the client holds.
  /// - Parameters:
  ///   - entries: the example's, in `columns` and `values`; no more than there is room for.
  ///   - coordinates: what columns stand for.
  /// - Returns: the example's coordinates, until the next one.
  func layOut(
    _ entries: Range<Int>, columns: UnsafePointer<UInt32>, values: UnsafePointer<Float>, times factor: Float,
    coordinates touched: UnsafePointer<UInt32>
  ) -> UnsafeBufferPointer<UInt32> {
    coordinates.reserve(entries.count)
    let (update, own) = (update.pointer, coordinates.pointer)
    for (k, entry) in entries.enumerated() {
      update[k] = values[entry] * factor
      own[k] = touched[Int(columns[entry])]
    }
    for k in entries.count..<Rows.padded(entries.count) { update[k] = 0 }
    return UnsafeBufferPointer(start: own, count: entries.count)
  }
}

/// A growing piece of uninitialised memory.
package final class Buffer<Element: BitwiseCopyable> {
  // One thread trains, and the inner loops ask for pointers often: checking at run time that nobody else does costs more
  // than what is done with them.
  @exclusivity(unchecked) package private(set) var pointer: UnsafeMutablePointer<Element>
  @exclusivity(unchecked) private var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = capacity
    pointer = Self.allocate(capacity)
  }

  deinit { pointer.deallocate() }

  /// Makes room for `count` elements; what was there is lost when it has to grow.
  func reserve(_ count: Int) {
    guard count > capacity else { return }
    pointer.deallocate()
    capacity = max(count, capacity * 2)
    pointer = Self.allocate(capacity)
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: Rows.alignment)
      .bindMemory(to: Element.self, capacity: count)
  }
}
