import NumericalCore

/// How the updates of a cohort become one.
///
/// The robust rules put every client of a round into one of k groups by chance, and then, coordinate by coordinate, leave
/// out the lowest and the highest of the k sums (Yin, Chen, Ramchandran and Bartlett 2018, "Byzantine-robust distributed
/// learning", definitions 1 and 2, over groups instead of single clients, because no single update is ever seen).
package struct Aggregation: Sendable, Equatable {
  package enum Rule: String, CaseIterable, Sendable {
    case mean
    /// The middle sum of each coordinate, or the two middle ones.
    case median
    /// All but a number of sums on each side.
    case trimmedMean = "trimmed-mean"
  }

  /// Sums of one message.
  static let mostSums = 1 << 20

  package let rule: Rule
  /// 1 for the mean.
  package let groups: Int
  /// Sums that are left out on each side.
  package let trimmed: Int

  /// Sums that are kept of each coordinate.
  package var kept: Int { groups - 2 * trimmed }

  init(_ reader: ObjectReader) {
    rule = reader.choice("rule", Rule.self, default: .mean, "how a cohort's updates become one")
    let robust = ObjectReader.Condition(holds: rule != .mean, meaning: "rule \"median\" or \"trimmed-mean\"")
    let trims = ObjectReader.Condition(holds: rule == .trimmedMean, meaning: "rule \"trimmed-mean\"")
    let groups = reader.integer(
      "groups", 3...1000, default: 10, when: robust, "groups that clients are put into by chance")
    let trimmed = reader.integer(
      "trimmed", 1...499, default: 1, when: trims, "groups that are left out on each side")
    switch rule {
    case .mean: (self.groups, self.trimmed) = (1, 0)
    case .median: (self.groups, self.trimmed) = (groups, (groups - 1) / 2)
    case .trimmedMean:
      if 2 * trimmed >= groups, !reader.session.describing {
        reader.problem("trimmed", "found \(trimmed) of \(groups) groups; allowed: less than half of them")
      }
      (self.groups, self.trimmed) = (groups, min(trimmed, (groups - 1) / 2))
    }
  }

  /// The group of a client in a round.
  package func group(ofClient client: Int, round: Int, seed: UInt64) -> Int {
    if groups == 1 { return 0 }
    var stream = RandomStream(seed: seed, purpose: .group, round: round, client: client)
    return stream.nextInteger(below: groups)
  }
}
