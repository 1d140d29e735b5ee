import ClientData

/// The two operations that training a linear model needs, over a client's rows in some layout.
///
/// Both have a fixed order of every floating-point operation, so their bits do not depend on the machine's vector
/// width: lanes are part of the source, and the compiler never reorders or fuses them.
package protocol RowKernel {
  /// Length of the local model: padded to whole registers.
  var width: Int { get }

  /// margins[i] = rows[i] · weights, for `count` rows.
  func margins(
    _ rows: UnsafePointer<Int32>, count: Int, weights: UnsafePointer<Float>,
    into margins: UnsafeMutablePointer<Float>)

  /// target += Σ coefficients[i] · rows[i], added in the order of i.
  func accumulate(
    _ rows: UnsafePointer<Int32>, count: Int, coefficients: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>)
}

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
  func lanes(_ offset: Int) -> Lanes {
    UnsafeRawPointer(self + offset).loadUnaligned(as: Lanes.self)
  }

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
