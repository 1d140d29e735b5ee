import KernelInterface

/// What is done with the update of a client.
extension Kernels {
  package func subtract(
    _ b: UnsafePointer<Float>, from a: UnsafePointer<Float>, width: Int,
    into difference: UnsafeMutablePointer<Float>
  ) {
    var j = 0
    while j < width {
      difference.setLanes(j, a.lanes(j) - b.lanes(j))
      j &+= Lanes.scalarCount
    }
  }

  package func pull(
    _ local: UnsafeMutablePointer<Float>, towards anchor: UnsafePointer<Float>, by pull: Float, width: Int
  ) {
    var j = 0
    while j < width {
      let here = local.lanes(j)
      local.setLanes(j, here - (here - anchor.lanes(j)) * pull)
      j &+= Lanes.scalarCount
    }
  }

  package func squaredNorm(_ update: UnsafePointer<Float>, width: Int) -> Double {
    var squares = SIMD8<Double>()
    var j = 0
    while j < width {
      Self.add(squaresOf: update.lanes(j), to: &squares)
      j &+= Lanes.scalarCount
    }
    return laneSum(squares)
  }

  package func truncate(
    _ update: UnsafePointer<Float>, times factor: Float, width: Int, into steps: UnsafeMutablePointer<Float>
  ) -> Double {
    for j in 0..<width { steps[j] = truncated(update[j] * factor) }
    return squaredNorm(steps, width: width)
  }

  package func add(_ steps: UnsafePointer<Float>, width: Int, to sums: UnsafeMutablePointer<Double>) {
    for j in 0..<width { sums[j] += Double(steps[j]) }
  }

  package func add(
    _ steps: UnsafePointer<Float>, at touched: UnsafeBufferPointer<UInt32>, to sums: UnsafeMutablePointer<Double>
  ) {
    guard let coordinates = touched.baseAddress else { return }
    for k in 0..<touched.count { sums[Int(coordinates[k])] += Double(steps[k]) }
  }

  package func gather(
    _ weights: UnsafePointer<Float>, at touched: UnsafeBufferPointer<UInt32>, width: Int,
    into compact: UnsafeMutablePointer<Float>
  ) {
    guard let coordinates = touched.baseAddress else { return }
    for k in 0..<touched.count { compact[k] = weights[Int(coordinates[k])] }
    for k in touched.count..<width { compact[k] = 0 }
  }

  /// Squares in doubles: exact for whole numbers below 2²⁶.
  @inline(__always)
  private static func add(squaresOf v: Lanes, to squares: inout SIMD8<Double>) {
    let low = SIMD8<Double>(v.lowHalf)
    let high = SIMD8<Double>(v.highHalf)
    squares += low * low
    squares += high * high
  }
}
