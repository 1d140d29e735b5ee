/// Collects the examples of one client, row by row.
struct ShardBuilder {
  /// Features of an example where all are given; nil for sparse ones.
  private let denseDimension: Int?
  private var labels: [Float] = []
  private var coordinates: [UInt32] = []
  private var values: [Float] = []
  private var rowStarts = [0]

  init(denseDimension: Int?) { self.denseDimension = denseDimension }

  mutating func append(_ example: ShardExample) {
    labels.append(example.label)
    values += example.values
    if let denseDimension {
      // Padded to whole registers.
      values += repeatElement(0, count: DenseRows.stride(for: denseDimension) - denseDimension)
    } else {
      coordinates += example.coordinates
      rowStarts.append(coordinates.count)
    }
  }

  /// The finished shard.
  var shard: ClientShard {
    if let denseDimension {
      return ClientShard(labels: labels, features: .dense(DenseRows(dimension: denseDimension, values: values)))
    }
    let rows = SparseRows(coordinates: coordinates, values: values, rowStarts: rowStarts)
    return ClientShard(labels: labels, features: .sparse(rows))
  }
}
