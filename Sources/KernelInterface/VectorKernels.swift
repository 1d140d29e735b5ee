import NumericalCore

/// The inner loops of a round. Each vector width has its own compiled copy of one source (`Sources/Kernels128`), and all
/// copies give the same bits: lanes and the order of every reduction are part of the source, and the compiler neither
/// reorders nor fuses floating-point operations.
///
/// Buffers of coordinates are padded to whole groups of `Rows.lanes` values.
package protocol VectorKernels: Sendable {
  /// margins[i] = rows[i] · weights, for `count` rows.
  /// - Parameter ahead: what is needed next; a portion of it is asked for with each row.
  func margins(
    of rows: Rows, _ order: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>, ahead: inout ReadAhead)

  /// Replaces each margin z by scale · (label − sigmoid(z)), the negative derivative of the logistic loss.
  /// - Parameter labels: 0 or 1, one for each row there is.
  func residuals(
    labels: UnsafePointer<Float>, _ order: UnsafePointer<Int32>, count: Int, scale: Float,
    margins: UnsafeMutablePointer<Float>)

  /// target += Σ coefficients[i] · rows[i], added in the order of i.
  func accumulate(
    _ rows: Rows, _ order: UnsafePointer<Int32>, count: Int, coefficients: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>)

  /// difference = a − b, `width` values.
  func subtract(
    _ b: UnsafePointer<Float>, from a: UnsafePointer<Float>, width: Int,
    into difference: UnsafeMutablePointer<Float>)

  /// local += pull · (anchor − local), `width` values.
  func pull(_ local: UnsafeMutablePointer<Float>, towards anchor: UnsafePointer<Float>, by pull: Float, width: Int)

  /// The squared L2 norm of `width` values, in doubles.
  func squaredNorm(_ update: UnsafePointer<Float>, width: Int) -> Double

  /// steps = update · factor, each rounded towards zero to a whole number. The products are below 2³¹ in magnitude.
  /// - Returns: the sum of the squares of the steps: exact, or above 2⁵³.
  func truncate(
    _ update: UnsafePointer<Float>, times factor: Float, width: Int, into steps: UnsafeMutablePointer<Float>
  ) -> Double

  /// sums += steps, `width` values.
  func add(_ steps: UnsafePointer<Float>, width: Int, to sums: UnsafeMutablePointer<Double>)

  /// sums[touched[k]] += steps[k]. The coordinates are distinct.
  func add(
    _ steps: UnsafePointer<Float>, at touched: UnsafeBufferPointer<UInt32>, to sums: UnsafeMutablePointer<Double>)

  /// compact[k] = weights[touched[k]]; zeros up to `width`.
  func gather(
    _ weights: UnsafePointer<Float>, at touched: UnsafeBufferPointer<UInt32>, width: Int,
    into compact: UnsafeMutablePointer<Float>)

  /// `RandomStream.fillNormal`.
  func fillNormal(_ stream: RandomStream, into output: UnsafeMutableBufferPointer<Double>)

  /// For benchmarks: six independent chains of sixteen lanes, x = x · factor + addend, `steps` times.
  /// - Returns: the sum of all lanes, so that the work cannot be left out.
  func multiplyAndAdd(steps: Int, factor: Float, addend: Float) -> Float
}

extension VectorKernels {
  /// margins[i] = rows[i] · weights, for `count` rows, when nothing is known of what comes next.
  package func margins(
    of rows: Rows, _ order: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>
  ) {
    var nothing = ReadAhead(nil, portions: 1)
    self.margins(of: rows, order, count: count, weights: weights, into: margins, ahead: &nothing)
  }

  /// `RandomStream.fillNormal` into an array.
  package func normalNumbers(_ stream: RandomStream, count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      fillNormal(stream, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }
}

/// The feature rows of a client, where they lie.
package enum Rows {
  /// Rows of `width` values, one after the other.
  case dense(values: UnsafePointer<Float>, width: Int)
  /// Row r has entries starts[r]..<starts[r + 1]: a column below `width` and a value each.
  case sparse(
    starts: UnsafePointer<Int32>, columns: UnsafePointer<UInt32>, values: UnsafePointer<Float>, width: Int)

  /// Coordinates are padded to a multiple of this many values, so that kernels have no remainder loop.
  package static let lanes = 16

  /// Where buffers should start: at a whole register of the widest kind, which is a cache line. Elsewhere every load of such
  /// a register touches two lines.
  package static let alignment = 64

  /// The padded length of a number of coordinates.
  package static func padded(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }

  /// Length of the model that the rows are multiplied with.
  package var width: Int {
    switch self {
    case .dense(_, let width), .sparse(_, _, _, let width): width
    }
  }
}
