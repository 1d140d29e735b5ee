import DifferentialPrivacy
import Scenarios

extension PrivacyCurve {
  /// The figures as text.
  package var table: [String] {
    TextTable.lines(head: ["δ", "ε at most", "ε at least"], rows.filter { $0.shows }.map(\.cells)) + [""]
      + TextTable.lines(
        head: ["false positives", "false negatives, at least"],
        [0.001, 0.01, 0.05, 0.1, 0.2, 0.5].map {
          [Number.significant($0, 3), Number.significant(leastFalseNegativeRate(at: $0), 4)]
        })
  }

  /// All points as cells, and whether each is one of the round ones that a short table shows.
  var rows: [(cells: [String], shows: Bool)] {
    points.map { point in
      let lower = point.epsilon.lower.map { Number.significant($0, 6) } ?? "–"
      return (
        [Number.significant(point.delta, 3), Number.significant(point.epsilon.upper, 6), lower],
        point.delta == 0.1 || point.delta <= 0.01 && point.delta != 3e-3
      )
    }
  }

  /// The figures for machines.
  package var json: [String: JSONValue] {
    [
      "curve": .array(
        points.map { point in
          .object([
            "delta": .number(point.delta), "epsilon": .number(point.epsilon.upper),
            "epsilonLowerBound": .optional(point.epsilon.lower),
          ])
        }),
      "tradeOff": .array(
        tradeOff.map { falsePositives, falseNegatives in
          .object([
            "falsePositiveRate": .number(falsePositives), "leastFalseNegativeRate": .number(falseNegatives),
          ])
        }),
    ]
  }
}
