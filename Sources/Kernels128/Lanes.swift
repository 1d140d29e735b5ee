import Builtin

typealias Lanes = SIMD16<Float>

extension UnsafePointer<Float> {
  /// Sixteen values from `offset`.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes {
    UnsafeRawPointer(self + offset).loadUnaligned(as: Lanes.self)
  }
}

extension UnsafeMutablePointer<Float> {
  /// Sixteen values from `offset`.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes { UnsafePointer(self).lanes(offset) }

  /// Stores sixteen values at `offset`.
  @inline(__always)
  func setLanes(_ offset: Int, _ value: Lanes) {
    UnsafeMutableRawPointer(self + offset).storeBytes(of: value, as: Lanes.self)
  }
}

/// Adds sixteen lanes pairwise: the one order of every dot product.
@inline(__always)
func laneSum(_ v: Lanes) -> Float {
  let eight = v.lowHalf + v.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// Adds eight lanes pairwise.
@inline(__always)
func laneSum(_ v: SIMD8<Double>) -> Double {
  let four = v.lowHalf + v.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// Rounds towards zero a number below 2³¹ in magnitude: by way of an integer, for which every vector unit has an
/// instruction.
@inline(__always)
func truncated(_ x: Float) -> Float {
  Float(Builtin.sitofp_Int32_FPIEEE32(Builtin.fptosi_FPIEEE32_Int32(x._value)))
}
