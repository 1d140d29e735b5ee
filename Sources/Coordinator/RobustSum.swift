/// The sum of a coordinate's middle values over groups of clients.
///
/// It costs no privacy that the plain sum does not: a client is in one group, so it moves one of the values; sorting does
/// not move a value by more than that, so the kept sum of a coordinate moves by no more than the client moves its group's,
/// and over all coordinates the change is no longer than the client's update. The sensitivity stays C.
package enum RobustSum {
  /// - Parameters:
  ///   - sums: for each group its sums, all of one length.
  ///   - trimmed: values left out on each side, less than half.
  package static func kept(_ sums: [[Double]], trimmed: Int) -> [Double] {
    if sums.count == 1 { return sums[0] }
    var values = [Double](repeating: 0, count: sums.count)
    return sums[0].indices.map { coordinate in
      for group in sums.indices { values[group] = sums[group][coordinate] }
      values.sort()
      // Whole numbers below 2⁵²: exact in any order.
      return values[trimmed..<sums.count - trimmed].reduce(0, +)
    }
  }
}
