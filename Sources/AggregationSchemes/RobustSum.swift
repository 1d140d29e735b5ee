/// The sum of a coordinate's middle values over groups of clients.
///
/// It costs no privacy that the plain sum does not: a client is in one group, so it moves one of the values; sorting does
/// not move a value by more than that, so the kept sum of a coordinate moves by no more than the client moves its group's,
/// and over all coordinates the change is no longer than the client's update. The sensitivity stays C.
package enum RobustSum {
  /// - Parameters:
  ///   - sums: one group's sums after the other's, all of one length.
  ///   - trimmed: values left out on each side, less than half.
  /// - Returns: one sum a coordinate.
  package static func kept(_ sums: [Double], groups: Int, trimmed: Int) -> [Double] {
    if groups == 1 { return sums }
    let dimension = sums.count / groups
    var values = [Double](repeating: 0, count: groups)
    return (0..<dimension).map { coordinate in
      for group in 0..<groups { values[group] = sums[group * dimension + coordinate] }
      values.sort()
      // Whole numbers below 2⁵²: exact in any order.
      return values[trimmed..<groups - trimmed].reduce(0, +)
    }
  }
}
