import ClientData
import NumericalCore

/// Logistic regression by one pass after the other of AdaGrad steps, one example at a time (Duchi, Hazan and Singer
/// 2011, "Adaptive subgradient methods", figure 1 with a diagonal matrix). It needs no tuning on sparse features, which
/// makes it a fair reference.
struct OnlineRegression {
  private static let learningRate: Float = 0.1
  /// What squared gradients start from: the first steps are not the largest.
  private static let firstSquares: Float = 1

  private var weights: [Float]
  private var squares: [Float]
  private let l2: Float

  /// A model of zeros.
  /// - Parameter l2: λ of the penalty λ/2·w² on each coordinate that an example has.
  init(dimension: Int, l2: Double = 0) {
    weights = [Float](repeating: 0, count: dimension)
    squares = [Float](repeating: Self.firstSquares, count: dimension)
    self.l2 = Float(l2)
  }

  /// The logit of an example.
  func score(_ row: ExampleRow) -> Float {
    var sum: Float = 0
    row.forEachEntry { index, value in sum += weights[index] * value }
    return sum
  }

  /// One step.
  mutating func learn(_ row: ExampleRow, label: Float) {
    let residual = sigmoid(score(row)) - label
    row.forEachEntry { index, value in
      let gradient = residual * value + l2 * weights[index]
      squares[index] += gradient * gradient
      weights[index] -= Self.learningRate * gradient / squares[index].squareRoot()
    }
  }
}

/// The entries of one example.
struct ExampleRow {
  /// Which coordinates the entries are numbered by.
  enum Numbering {
    /// Those of the model.
    case model
    /// Those that the client's own examples touch.
    case own
  }

  let shard: ClientShard
  let row: Int
  let numbering: Numbering

  /// Coordinates that a model for this numbering has.
  static func dimension(_ shard: ClientShard, own numbering: Numbering, of model: Int) -> Int {
    numbering == .own ? shard.withExamples { $0.touched?.count } ?? model : model
  }

  /// 0 or 1.
  var label: Float { shard.withExamples { $0.labels[row] } }

  @inline(__always)
  func forEachEntry(_ body: (Int, Float) -> Void) {
    shard.withExamples { examples in
      switch examples.rows {
      case .dense(let values, let width):
        for j in 0..<(shard.denseDimension ?? width) { body(j, values[row * width + j]) }
      case .sparse(let starts, let columns, let values, _):
        guard let touched = examples.touched else { return }
        for entry in Int(starts[row])..<Int(starts[row + 1]) {
          let column = Int(columns[entry])
          body(numbering == .own ? column : Int(touched[column]), values[entry])
        }
      }
    }
  }
}
