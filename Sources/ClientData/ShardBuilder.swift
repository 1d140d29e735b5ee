/// Collects the examples of one client, row by row.
struct ShardBuilder {
  private var labels: [Float] = []
  private var coordinates: [UInt32] = []
  private var values: [Float] = []
  private var rowStarts = [0]

  /// Appends an example of sparse features.
  mutating func appendSparse(label: Float, coordinates: [UInt32], values: [Float]) {
    labels.append(label)
    self.coordinates += coordinates
    self.values += values
    rowStarts.append(self.coordinates.count)
  }

  /// Appends an example of dense features, padded to whole registers.
  mutating func appendDense(label: Float, values row: [Float]) {
    labels.append(label)
    values += row
    values += [Float](repeating: 0, count: DenseRows.stride(for: row.count) - row.count)
  }

  /// The finished shard.
  func shard(denseDimension: Int?) -> ClientShard {
    if let denseDimension {
      return ClientShard(labels: labels, features: .dense(DenseRows(dimension: denseDimension, values: values)))
    }
    let rows = SparseRows(coordinates: coordinates, values: values, rowStarts: rowStarts)
    return ClientShard(labels: labels, features: .sparse(rows))
  }
}
