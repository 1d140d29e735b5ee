/// Buffers that local training works in, allocated once and grown when a client needs more, so that the loop over
/// clients allocates nothing.
final class TrainingWorkspace {
  /// The model as broadcast, in the client's layout.
  private(set) var anchor = Buffer<Float>()
  /// The model while it is trained.
  private(set) var local = Buffer<Float>()
  /// What the client contributes; later its lattice form.
  private(set) var update = Buffer<Float>()
  private(set) var margins = Buffer<Float>()
  private(set) var order = Buffer<Int32>()

  /// Makes room for a client.
  func prepare(width: Int, examples: Int) {
    anchor.reserve(width)
    local.reserve(width)
    update.reserve(width)
    margins.reserve(examples)
    order.reserve(examples)
  }
}

/// A growing piece of uninitialised memory.
final class Buffer<Element: BitwiseCopyable> {
  private(set) var pointer: UnsafeMutablePointer<Element>
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
