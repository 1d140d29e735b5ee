import Builtin

/// Asks the processor to bring memory into its caches, without waiting for it.
/// - Parameter bytes: from `start`; it need not be memory that may be read.
@inlinable @inline(__always)
public func prefetch(_ start: UnsafeRawPointer, bytes: Int) {
  var offset = 0
  while offset < bytes {
    Builtin.int_prefetch_RawPointer(
      (start + offset)._rawValue, (0 as Int32)._value, (3 as Int32)._value, (1 as Int32)._value)
    offset &+= 64
  }
}
