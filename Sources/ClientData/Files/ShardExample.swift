/// One example as it stands in a shard. The arrays are used again for the next one.
struct ShardExample {
  /// 0 or 1.
  var label: Float = 0
  /// Whether the line names its client.
  var namesClient = false
  /// The bytes of the client's name.
  var client: [UInt8] = []
  /// Sparse features: their coordinates, ascending; empty for dense ones.
  var coordinates: [UInt32] = []
  /// One a coordinate, or a whole row.
  var values: [Float] = []

  /// 0 or 1; −1 is read as 0.
  static func label(_ text: Slice<UnsafeRawBufferPointer>, field: Int) throws(ShardProblem) -> Float {
    switch DecimalNumber.float(text) {
    case 1: return 1
    case 0, -1: return 0
    default: throw ShardProblem(.labelNotBinary, field: field)
    }
  }
}
