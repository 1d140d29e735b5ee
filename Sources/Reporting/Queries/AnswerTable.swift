import Coordinator

/// Answers as rows: one an answer, and for a histogram one a cell.
struct AnswerTable {
  static let head = [
    "query", "", "mechanism", "ε", "answer", "95 % of noise", "without noise", "truth", "error", "predicted",
  ]

  let rows: [[String]]

  /// - Parameter most: cells of a histogram that are shown.
  init(_ answers: [QueryAnswer], cellsOfAnAnswer most: Int) {
    rows = answers.flatMap { answer -> [[String]] in
      let start = [answer.query, "", answer.mechanism, Number.significant(answer.epsilon, 4)]
      guard answer.release != nil else { return [start + ["refused: over the budget", "", "", "", "", ""]] }
      let errors = [
        answer.error.map { Self.number($0.measured) } ?? answer.hitRate.map { "\(Number.percent($0)) hits" } ?? "",
        answer.error?.predicted.map(Self.number) ?? "",
      ]
      if answer.isNames {
        let names = answer.lines.map { $0.label.joined(separator: " / ") }.joined(separator: ", ")
        return [start + [names, "", "", "", errors[0], ""]]
      }
      var rows = answer.lines.prefix(most).enumerated().map { index, line -> [String] in
        let own = index == 0 ? start : ["", "", "", ""]
        let label = line.label.joined(separator: " / ")
        return [own[0], label, own[2], own[3]] + [
          line.released.map(Self.number) ?? "withheld",
          line.noiseInterval.map { "\(Self.number($0.lowerBound)) to \(Self.number($0.upperBound))" } ?? "",
          Self.number(line.withoutNoise), line.truth.map(Self.number) ?? "–",
        ] + (index == 0 ? errors : ["", ""])
      }
      if answer.lines.count > most {
        rows.append(["", "… \(answer.lines.count - most) more", "", "", "", "", "", "", "", ""])
      }
      return rows
    }
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : Number.significant(value, 4)
  }
}
