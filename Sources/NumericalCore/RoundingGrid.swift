/// The few levels that a coordinate of an update may have when it is written with a number of bits: multiples of a whole
/// number of lattice steps, the same on both sides of zero, so that sums stay exact.
///
/// With b > 1 bits there are 2^(b−1) − 1 levels on each side, and zero; with one bit there are two levels and no zero.
/// A value between two levels becomes one of them by chance, so that its mean is the value (k-level stochastic quantization:
/// Suresh, Yu, Kumar and McMahan 2017, "Distributed mean estimation with limited communication", sections 2.1 and 2.2).
public struct RoundingGrid: Equatable, Sendable {
  /// Lattice steps from one level to the next.
  public let step: Int
  /// The highest level, in lattice steps; the lowest is its negative. Values beyond are cut to it.
  public let highest: Int

  /// - Parameters:
  ///   - bits: 1 to 16.
  ///   - range: the magnitude that the levels have to reach, in lattice steps; 1 to 2²⁸.
  public init(bits: Int, range: Int) {
    precondition((1...16).contains(bits) && (1...1 << 28).contains(range))
    if bits == 1 {
      highest = range
      step = 2 * range
    } else {
      let levels = 1 << (bits - 1) - 1
      step = (range + levels - 1) / levels
      highest = levels * step
    }
  }

  /// Every level is a whole multiple of so many lattice steps, at most 2¹⁵ of them.
  @inlinable
  public var unit: Int { step == 2 * highest ? highest : step }

  /// Replaces a value by one of the two levels next to it, without bias.
  /// - Parameter value: in lattice steps.
  /// - Returns: a level, in lattice steps.
  @inlinable
  public func round(_ value: Int, from stream: inout RandomStream) -> Int {
    let height = max(-highest, min(value, highest)) + highest
    let (below, rest) = height.quotientAndRemainder(dividingBy: step)
    let up = rest > 0 && stream.nextInteger(below: step) < rest
    return (up ? below + 1 : below) * step - highest
  }

  /// What no update of so many coordinates is longer than after rounding: one that was at most `norm` long moves by less
  /// than a step in each coordinate, and no coordinate is beyond the highest level.
  /// - Parameters:
  ///   - norm: L2, in lattice steps.
  ///   - coordinates: that are not zero.
  /// - Returns: L2, in lattice steps, rounded up.
  public func largestNorm(ofRounded norm: Double, coordinates: Int) -> Double {
    let root = Double(coordinates).squareRoot()
    return min(norm + Double(step) * root, Double(highest) * root).rounded(.up)
  }
}
