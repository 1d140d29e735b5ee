import ClientData

/// Rows of padded dense features.
package struct DenseKernel: RowKernel {
  let values: UnsafePointer<Float>
  package let width: Int

  /// - Parameters:
  ///   - values: rows of `width` values, one after the other.
  ///   - width: values of a row, padded to whole registers.
  package init(values: UnsafePointer<Float>, width: Int) {
    self.values = values
    self.width = width
  }

  private static let longestPairedRow = 128

  @inline(__always)
  package func margins(
    _ rows: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>
  ) {
    var i = 0
    // Short rows: two at a time keep enough additions in flight. Long rows come from memory, which is fastest
    // read in one ascending stream. Either way each row's own order of operations is the same.
    while i &+ 1 < count && width <= Self.longestPairedRow {
      let first = values + Int(rows[i]) &* width
      let second = values + Int(rows[i &+ 1]) &* width
      var a = Lanes()
      var b = Lanes()
      var j = 0
      while j < width {
        let w = weights.lanes(j)
        a += first.lanes(j) * w
        b += second.lanes(j) * w
        j &+= DenseRows.lanes
      }
      margins[i] = laneSum(a)
      margins[i &+ 1] = laneSum(b)
      i &+= 2
    }
    while i < count {
      let row = values + Int(rows[i]) &* width
      var a = Lanes()
      var j = 0
      while j < width {
        a += row.lanes(j) * weights.lanes(j)
        j &+= DenseRows.lanes
      }
      margins[i] = laneSum(a)
      i &+= 1
    }
  }

  @inline(__always)
  package func accumulate(
    _ rows: UnsafePointer<Int32>, count: Int, coefficients: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    var j = 0
    // Two registers' columns at a time, held while all rows are added.
    while j &+ DenseRows.lanes < width {
      var a = target.lanes(j)
      var b = target.lanes(j &+ DenseRows.lanes)
      for i in 0..<count {
        let row = values + (Int(rows[i]) &* width &+ j)
        let c = coefficients[i]
        a += row.lanes(0) * c
        b += row.lanes(DenseRows.lanes) * c
      }
      target.setLanes(j, a)
      target.setLanes(j &+ DenseRows.lanes, b)
      j &+= 2 &* DenseRows.lanes
    }
    if j < width {
      var a = target.lanes(j)
      for i in 0..<count { a += (values + (Int(rows[i]) &* width &+ j)).lanes(0) * coefficients[i] }
      target.setLanes(j, a)
    }
  }
}
