import KernelInterface
import NumericalCore

/// Rows of padded dense features.
struct DenseRows {
  let values: UnsafePointer<Float>
  let width: Int

  @inline(__always)
  func margins(
    _ order: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>, ahead: inout ReadAhead
  ) {
    for i in 0..<count {
      ahead.fetch()
      let row = row(order[i])
      var sums = Lanes()
      var j = 0
      while j < width {
        sums += row.lanes(j) * weights.lanes(j)
        j &+= Lanes.scalarCount
      }
      margins[i] = laneSum(sums)
    }
  }

  @inline(__always)
  private func row(_ index: Int32) -> UnsafePointer<Float> { values + Int(index) &* width }

  @inline(__always)
  func accumulate(
    _ order: UnsafePointer<Int32>, count: Int, coefficients: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    var j = 0
    // Two registers' columns at a time, held while all rows are added.
    while j &+ Lanes.scalarCount < width {
      var a = target.lanes(j)
      var b = target.lanes(j &+ Lanes.scalarCount)
      for i in 0..<count {
        let row = values + (Int(order[i]) &* width &+ j)
        let c = coefficients[i]
        a += row.lanes(0) * c
        b += row.lanes(Lanes.scalarCount) * c
      }
      target.setLanes(j, a)
      target.setLanes(j &+ Lanes.scalarCount, b)
      j &+= 2 &* Lanes.scalarCount
    }
    if j < width {
      var a = target.lanes(j)
      for i in 0..<count { a += (values + (Int(order[i]) &* width &+ j)).lanes(0) * coefficients[i] }
      target.setLanes(j, a)
    }
  }
}
