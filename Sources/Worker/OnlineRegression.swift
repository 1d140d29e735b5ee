import ClientData
import NumericalCore

/// Logistic regression by one pass after the other of AdaGrad steps, one example at a time (Duchi, Hazan and Singer
/// 2011, "Adaptive subgradient methods", figure 1 with a diagonal matrix). It needs no tuning on sparse features, which
/// makes it a fair reference.
struct OnlineRegression {
  private static let learningRate: Float = 0.1
  /// What squared gradients start from: the first steps are not the largest.
  private static let firstSquares: Float = 1

  /// What belongs to one coordinate, side by side, because a step needs both.
  private struct Coordinate {
    var weight: Float = 0
    var squares: Float = OnlineRegression.firstSquares
  }

  private var coordinates: [Coordinate]
  private let l2: Float

  /// A model of zeros.
  /// - Parameter l2: λ of the penalty λ/2·w² on each coordinate that an example has.
  init(dimension: Int, l2: Double = 0) {
    coordinates = [Coordinate](repeating: Coordinate(), count: dimension)
    self.l2 = Float(l2)
  }

  /// The logit of an example.
  func score(_ row: ExampleRow) -> Float {
    coordinates.withUnsafeBufferPointer { coordinates in
      var sum: Float = 0
      row.forEachEntry { index, value in sum += coordinates[index].weight * value }
      return sum
    }
  }

  /// One step.
  mutating func learn(_ row: ExampleRow) {
    let residual = sigmoid(score(row)) - row.label
    coordinates.withUnsafeMutableBufferPointer { coordinates in
      row.forEachEntry { index, value in
        var here = coordinates[index]
        let gradient = residual * value + l2 * here.weight
        here.squares += gradient * gradient
        here.weight -= Self.learningRate * gradient / here.squares.squareRoot()
        coordinates[index] = here
      }
    }
  }
}

/// The entries of one example, where they lie: whoever has one keeps its shard alive. A row counts no references, because
/// reference models go through all rows of a population many times.
struct ExampleRow: BitwiseCopyable {
  /// Which coordinates the entries are numbered by.
  enum Numbering {
    /// Those of the model.
    case model
    /// Those that the client's own examples touch.
    case own
  }

  /// The row's place among the client's.
  let row: Int
  /// 0 or 1.
  let label: Float
  private let count: Int
  private let values: UnsafePointer<Float>
  /// nil: entry k is in column k.
  private let columns: UnsafePointer<UInt32>?
  /// The coordinate of each column; nil: the columns are what entries are numbered by.
  private let coordinates: UnsafePointer<UInt32>?

  init(shard: ClientShard, row: Int, numbering: Numbering) {
    self.row = row
    (label, count, values, columns, coordinates) = shard.withExamples { examples in
      switch examples.rows {
      case .dense(let values, let width):
        return (examples.labels[row], shard.denseDimension ?? width, values + row * width, nil, nil)
      case .sparse(let starts, let columns, let values, _):
        let start = Int(starts[row])
        return (
          examples.labels[row], Int(starts[row + 1]) - start, values + start, columns + start,
          numbering == .own ? nil : examples.touched?.baseAddress
        )
      }
    }
  }

  /// Coordinates that a model for this numbering has.
  static func dimension(_ shard: ClientShard, own numbering: Numbering, of model: Int) -> Int {
    numbering == .own ? shard.withExamples { $0.touched?.count } ?? model : model
  }

  @inline(__always)
  func forEachEntry(_ body: (Int, Float) -> Void) {
    if let columns {
      for k in 0..<count {
        let column = Int(columns[k])
        body(coordinates.map { Int($0[column]) } ?? column, values[k])
      }
    } else {
      for k in 0..<count { body(k, values[k]) }
    }
  }

  /// The coordinate that has more than a share of the square of the example's length, where others are not 0 too; nil
  /// without one.
  func outweighing(_ share: Double) -> Int? {
    var (coordinate, largest, total, others) = (0, 0.0, 0.0, 0)
    forEachEntry { index, value in
      let square = Double(value) * Double(value)
      total += square
      others += value != 0 ? 1 : 0
      if square > largest { (coordinate, largest) = (index, square) }
    }
    return others > 1 && largest > share * total ? coordinate : nil
  }
}
