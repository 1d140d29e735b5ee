/// Buffers that local training works in, allocated once and grown when a client needs more, so that the loop over
/// clients allocates nothing.
package final class TrainingWorkspace {
  package init() {}

  /// The model as broadcast, in the client's layout.
  package private(set) var anchor = Buffer<Float>()
  /// The model while it is trained.
  package private(set) var local = Buffer<Float>()
  /// What the client contributes; later its lattice form.
  package private(set) var update = Buffer<Float>()
  package private(set) var margins = Buffer<Float>()
  package private(set) var order = Buffer<Int32>()

  /// Makes room for a client.
  package func prepare(width: Int, examples: Int) {
    anchor.reserve(width)
    local.reserve(width)
    update.reserve(width)
    margins.reserve(examples)
    order.reserve(examples)
  }
}

/// A growing piece of uninitialised memory.
package final class Buffer<Element: BitwiseCopyable> {
  package private(set) var pointer: UnsafeMutablePointer<Element>
  private var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = capacity
    pointer = .allocate(capacity: capacity)
  }

  deinit { pointer.deallocate() }

  /// Makes room for `count` elements; what was there is lost when it has to grow.
  func reserve(_ count: Int) {
    guard count > capacity else { return }
    pointer.deallocate()
    capacity = max(count, capacity * 2)
    pointer = .allocate(capacity: capacity)
  }
}
