import DifferentialPrivacy

/// How good a candidate is, where one is chosen privately.
extension Query {
  /// How far one client can move any candidate's utility. A value's number of clients moves by one; the utility of a
  /// quantile by what `quantileUtilities` weighs a record with.
  package func utilitySensitivity(_ adjacency: Adjacency) -> Int {
    guard kind == .quantile else { return 1 }
    let steps = Self.quantileSteps
    return maximumPerClient * (adjacency == .replaceOne ? steps : max(wantedSteps, steps - wantedSteps))
  }

  /// How far each value is from having the wanted share of records below it, in thousandths of a record, negative: 0 for
  /// the quantile itself (Smith 2011, "Privacy-preserving statistical estimation with optimal convergence rates", section
  /// 3, in the form for values that many records share).
  /// - Parameter counts: records by value, ascending.
  package func quantileUtilities(_ counts: [Int]) -> [Int] {
    let total = counts.reduce(0, +)
    var below = 0
    return counts.map { count in
      let upTo = below + count
      let tooLow = wantedSteps * total - Self.quantileSteps * upTo
      let tooHigh = Self.quantileSteps * below - wantedSteps * total
      below = upTo
      return -max(0, tooLow, tooHigh)
    }
  }

  private var wantedSteps: Int { Int((quantile * Double(Self.quantileSteps)).rounded()) }
}
