import NumericalCore

/// Rows of few nonzeros over the coordinates that the client touches.
struct SparseRows {
  let starts: UnsafePointer<Int32>
  let columns: UnsafePointer<UInt32>
  let values: UnsafePointer<Float>

  @inline(__always)
  func margins(
    _ order: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>, ahead: inout ReadAhead
  ) {
    for i in 0..<count {
      ahead.fetch()
      let row = Int(order[i])
      var entry = Int(starts[row])
      let end = Int(starts[row &+ 1])
      // Four partial sums by position modulo four, added pairwise: the one order of a sparse dot product.
      var sums = SIMD4<Float>()
      while entry &+ 3 < end {
        let v = UnsafeRawPointer(values + entry).loadUnaligned(as: SIMD4<Float>.self)
        let w = SIMD4(
          weights[Int(columns[entry])], weights[Int(columns[entry &+ 1])],
          weights[Int(columns[entry &+ 2])], weights[Int(columns[entry &+ 3])])
        sums += v * w
        entry &+= 4
      }
      var lane = 0
      while entry < end {
        sums[lane] += values[entry] * weights[Int(columns[entry])]
        entry &+= 1
        lane &+= 1
      }
      margins[i] = (sums[0] + sums[2]) + (sums[1] + sums[3])
    }
  }

  @inline(__always)
  func accumulate(
    _ order: UnsafePointer<Int32>, count: Int, coefficients: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count {
      let row = Int(order[i])
      let c = coefficients[i]
      var entry = Int(starts[row])
      let end = Int(starts[row &+ 1])
      while entry < end {
        target[Int(columns[entry])] += values[entry] * c
        entry &+= 1
      }
    }
  }
}
