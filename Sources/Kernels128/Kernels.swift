import KernelInterface
import NumericalCore

/// The kernels, compiled for the vector width that this module is named after: `Kernels256` and `Kernels512` are these
/// very files, built with other options (see Package.swift).
package struct Kernels: VectorKernels {
  package init() {}

  package func margins(
    of rows: Rows, _ order: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>, ahead: inout ReadAhead
  ) {
    switch rows {
    case .dense(let values, let width):
      DenseRows(values: values, width: width).margins(
        order, count: count, weights: weights, into: margins, ahead: &ahead)
    case .sparse(let starts, let columns, let values, _):
      SparseRows(starts: starts, columns: columns, values: values)
        .margins(order, count: count, weights: weights, into: margins, ahead: &ahead)
    }
  }

  package func residuals(
    labels: UnsafePointer<Float>, _ order: UnsafePointer<Int32>, count: Int, scale: Float,
    margins: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { margins[i] = sigmoid(margins[i]) }
    for i in 0..<count { margins[i] = (labels[Int(order[i])] - margins[i]) * scale }
  }

  package func accumulate(
    _ rows: Rows, _ order: UnsafePointer<Int32>, count: Int, coefficients: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    switch rows {
    case .dense(let values, let width):
      DenseRows(values: values, width: width)
        .accumulate(order, count: count, coefficients: coefficients, into: target)
    case .sparse(let starts, let columns, let values, _):
      SparseRows(starts: starts, columns: columns, values: values)
        .accumulate(order, count: count, coefficients: coefficients, into: target)
    }
  }

  package func fillNormal(_ stream: RandomStream, into output: UnsafeMutableBufferPointer<Double>) {
    stream.fillNormal(output)
  }
}
