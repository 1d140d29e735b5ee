import KernelInterface

/// All examples of one client, in one piece of memory that never changes. Only workers ever hold one.
package final class ClientShard: @unchecked Sendable {
  /// Where the examples lie.
  package struct Examples {
    /// 0 or 1, one an example.
    package let labels: UnsafeBufferPointer<Float>
    /// The feature vectors.
    package let rows: Rows
    /// Sparse features: the distinct model coordinates that occur, ascending; columns of rows are places in it. nil for
    /// dense ones.
    package let touched: UnsafeBufferPointer<UInt32>?
    /// All of it, in one piece.
    package let memory: UnsafeRawBufferPointer

    /// The same feature vectors with other labels, one an example.
    package func with(labels: UnsafeBufferPointer<Float>) -> Examples {
      Examples(labels: labels, rows: rows, touched: touched, memory: memory)
    }
  }

  private let examples: Examples
  /// The true logit of each example, where the population knows it; held-out clients only.
  package let trueLogits: [Float]?
  /// The catalogue popularity of each example's item, on any increasing scale; held-out clients only.
  package let popularity: [Float]?
  /// Dense features of an example, without padding; nil for sparse ones.
  package let denseDimension: Int?

  package init(
    labels: [Float], features: FeatureRows, trueLogits: [Float]? = nil, popularity: [Float]? = nil
  ) {
    self.trueLogits = trueLogits
    self.popularity = popularity
    var layout = PackedLayout()
    let labelsAt = layout.place(labels)
    let memory: UnsafeMutableRawPointer
    let rows: Rows
    var touched: UnsafeBufferPointer<UInt32>?
    switch features {
    case .dense(let dense):
      let valuesAt = layout.place(dense.values)
      memory = layout.allocate()
      rows = .dense(values: layout.fill(memory, valuesAt, dense.values), width: dense.stride)
      denseDimension = dense.dimension
    case .sparse(let sparse):
      let (startsAt, columnsAt) = (layout.place(sparse.starts), layout.place(sparse.columns))
      let (valuesAt, touchedAt) = (layout.place(sparse.values), layout.place(sparse.touched))
      memory = layout.allocate()
      rows = .sparse(
        starts: layout.fill(memory, startsAt, sparse.starts),
        columns: layout.fill(memory, columnsAt, sparse.columns),
        values: layout.fill(memory, valuesAt, sparse.values), width: Rows.padded(sparse.touched.count))
      touched = UnsafeBufferPointer(
        start: layout.fill(memory, touchedAt, sparse.touched), count: sparse.touched.count)
      denseDimension = nil
    }
    examples = Examples(
      labels: UnsafeBufferPointer(start: layout.fill(memory, labelsAt, labels), count: labels.count), rows: rows,
      touched: touched, memory: UnsafeRawBufferPointer(start: memory, count: layout.bytes))
  }

  deinit { examples.memory.deallocate() }

  /// How many examples there are.
  package var count: Int { examples.labels.count }

  /// Calls a closure with the place of the examples, which is not to be kept.
  @inline(__always)
  package func withExamples<Result>(_ body: (Examples) -> Result) -> Result {
    withExtendedLifetime(self) { body(examples) }
  }

  /// A copy of the labels: 0 or 1, one an example.
  package var labels: [Float] { withExamples { Array($0.labels) } }

  /// The first examples alone.
  package func first(_ number: Int) -> ClientShard {
    if number >= count { return self }
    return ClientShard(
      labels: Array(labels.prefix(number)), features: features.first(number),
      trueLogits: trueLogits.map { Array($0.prefix(number)) },
      popularity: popularity.map { Array($0.prefix(number)) })
  }

  /// A copy of the feature vectors, for whoever writes them elsewhere.
  package var features: FeatureRows {
    withExamples { examples in
      switch examples.rows {
      case .dense(let values, let width):
        return .dense(
          DenseRows(
            dimension: denseDimension ?? width,
            values: Array(UnsafeBufferPointer(start: values, count: count * width))))
      case .sparse(let starts, let columns, let values, _):
        let entries = Int(starts[count])
        return .sparse(
          SparseRows(
            touched: examples.touched.map { Array($0) } ?? [],
            starts: Array(UnsafeBufferPointer(start: starts, count: count + 1)),
            columns: Array(UnsafeBufferPointer(start: columns, count: entries)),
            values: Array(UnsafeBufferPointer(start: values, count: entries))))
      }
    }
  }

  /// Memory held, in bytes.
  package var byteCount: Int {
    192 + examples.memory.count + ((trueLogits?.count ?? 0) + (popularity?.count ?? 0)) * 4
  }
}

/// The feature vectors of a client's examples, to make a shard of.
package enum FeatureRows: Sendable {
  case dense(DenseRows)
  case sparse(SparseRows)

  func first(_ examples: Int) -> FeatureRows {
    switch self {
    case .dense(let rows):
      return .dense(DenseRows(dimension: rows.dimension, values: Array(rows.values.prefix(examples * rows.stride))))
    case .sparse(let rows):
      let entries = Int(rows.starts[examples])
      return .sparse(
        SparseRows(
          coordinates: rows.columns.prefix(entries).map { rows.touched[Int($0)] },
          values: Array(rows.values.prefix(entries)), rowStarts: rows.starts.prefix(examples + 1).map { Int($0) }))
    }
  }
}

/// Rows of equal length, one after the other, each padded with zeros to whole vector registers.
package struct DenseRows: Sendable {
  /// Features of an example.
  package let dimension: Int
  /// Values from one row's start to the next's: `dimension` padded for the kernels.
  package let stride: Int
  /// rows × stride values.
  package let values: [Float]

  /// The padded length for a number of features.
  package static func stride(for dimension: Int) -> Int { Rows.padded(dimension) }

  /// Rows that are already padded.
  package init(dimension: Int, values: [Float]) {
    self.dimension = dimension
    stride = Self.stride(for: dimension)
    precondition(values.count % stride == 0)
    self.values = values
  }
}

/// Rows of few nonzeros, renumbered: a client's examples touch few coordinates of a long model, so rows refer to
/// positions in `touched`, and training works on a short dense vector that stays in the first-level cache.
package struct SparseRows: Sendable {
  /// The distinct model coordinates that occur, ascending.
  package let touched: [UInt32]
  /// Row r is entries starts[r]..<starts[r + 1].
  package let starts: [Int32]
  /// Position in `touched` of each entry; ascending within a row.
  package let columns: [UInt32]
  /// Value of each entry.
  package let values: [Float]

  /// Rows that are already built.
  init(touched: [UInt32], starts: [Int32], columns: [UInt32], values: [Float]) {
    self.touched = touched
    self.starts = starts
    self.columns = columns
    self.values = values
  }

  /// Builds rows from entries in any order. The result depends only on the examples: the entries of a row are
  /// put in ascending order, and equal coordinates (hash collisions) are added in the order they were given.
  /// - Parameters:
  ///   - coordinates: model coordinates of all rows, one row after the other.
  ///   - values: one value a coordinate.
  ///   - rowStarts: where each row starts, and the total as the last element.
  package init(coordinates: [UInt32], values: [Float], rowStarts: [Int]) {
    var coordinates = coordinates
    var values = values
    var starts: [Int32] = [0]
    starts.reserveCapacity(rowStarts.count)
    var kept = 0
    for (start, end) in zip(rowStarts, rowStarts.dropFirst()) {
      // Insertion sort: stable, and rows are short or already in order.
      for i in start..<end {
        let (coordinate, value) = (coordinates[i], values[i])
        var j = i
        while j > start && coordinates[j - 1] > coordinate {
          coordinates[j] = coordinates[j - 1]
          values[j] = values[j - 1]
          j -= 1
        }
        coordinates[j] = coordinate
        values[j] = value
      }
      let rowStart = kept
      for i in start..<end {
        if kept > rowStart && coordinates[kept - 1] == coordinates[i] {
          values[kept - 1] += values[i]
        } else {
          coordinates[kept] = coordinates[i]
          values[kept] = values[i]
          kept += 1
        }
      }
      starts.append(Int32(kept))
    }
    coordinates.removeSubrange(kept...)
    values.removeSubrange(kept...)
    var touched: [UInt32] = []
    for coordinate in coordinates.sorted() where touched.last != coordinate { touched.append(coordinate) }
    // A binary search for each entry is cheaper than a table of the model's size for each client.
    self.columns = coordinates.map { UInt32(Self.position(of: $0, in: touched)) }
    self.touched = touched
    self.starts = starts
    self.values = values
  }

  private static func position(of coordinate: UInt32, in sorted: [UInt32]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < coordinate { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
