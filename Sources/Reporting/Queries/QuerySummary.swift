import Coordinator
import Scenarios

/// The answers as text for a terminal.
package struct QuerySummary {
  /// Cells of one histogram that fit a terminal.
  private static let mostCells = 12

  private let scenario: QueryScenario
  private let result: QueryResult

  package init(_ document: QueryDocument) {
    scenario = document.scenario
    result = document.result
  }

  /// - Parameter folder: where the files are.
  package func text(folder: String) -> String {
    var lines = [
      "\(scenario.name), seed \(scenario.seed): \(Number.count(Double(scenario.population.clients))) clients, \(scenario.protection.trust.rawValue) trust, \(scenario.protection.adjacency.rawValue) adjacency",
      "",
    ]
    lines += TextTable.lines(
      head: AnswerTable.head, AnswerTable(result.answers, cellsOfAnAnswer: Self.mostCells).rows, textColumns: 3)
    lines += ["", "privacy   " + privacy, "holds     " + result.noiseSource.holds(sampling: nil)]
    let refused = result.answers.count { $0.release == nil }
    if refused > 0 {
      lines.append("refused   \(refused) of \(result.answers.count): the budget does not allow them")
    }
    lines.append("digest    \(result.digest.prefix(16))…")
    lines.append("report    \(folder)/report.html")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The whole cost in one sentence.
  var privacy: String {
    let protection = scenario.protection
    let delta = protection.accountant == .pure ? "" : " at δ = \(Number.significant(protection.delta, 3))"
    let budget = protection.budget.map { " of a budget of \(Number.significant($0, 4))" } ?? ""
    return
      "ε ≤ \(Number.fixed(result.epsilon.upper, 3))\(budget)\(delta) for all answers together (\(protection.accountant.rawValue))"
  }
}
