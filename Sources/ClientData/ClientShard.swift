import KernelInterface

/// All examples of one client. Only workers ever hold one.
package final class ClientShard: Sendable {
  /// 0 or 1, one an example.
  package let labels: [Float]
  package let features: FeatureRows
  /// The true logit of each example, where the population knows it; held-out clients only.
  package let trueLogits: [Float]?
  /// The catalogue popularity of each example's item, on any increasing scale; held-out clients only.
  package let popularity: [Float]?

  package init(
    labels: [Float], features: FeatureRows, trueLogits: [Float]? = nil, popularity: [Float]? = nil
  ) {
    self.labels = labels
    self.features = features
    self.trueLogits = trueLogits
    self.popularity = popularity
  }

  /// The first examples alone.
  package func first(_ examples: Int) -> ClientShard {
    if examples >= labels.count { return self }
    return ClientShard(
      labels: Array(labels.prefix(examples)), features: features.first(examples),
      trueLogits: trueLogits.map { Array($0.prefix(examples)) },
      popularity: popularity.map { Array($0.prefix(examples)) })
  }

  /// Memory held, in bytes.
  package var byteCount: Int {
    let extras = (trueLogits?.count ?? 0) + (popularity?.count ?? 0)
    return 128 + (labels.count + extras) * 4 + features.byteCount
  }
}

/// The feature vectors of a client's examples.
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

  var byteCount: Int {
    switch self {
    case .dense(let rows): rows.values.count * 4
    case .sparse(let rows): (rows.touched.count + rows.starts.count + rows.columns.count + rows.values.count) * 4
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
