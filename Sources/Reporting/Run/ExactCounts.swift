import Coordinator
import Scenarios

/// What a run's page shows of exact numbers that one client can change: for whoever runs a simulation, and covered by no
/// guarantee.
struct ExactCounts {
  private let scenario: Scenario
  private let result: RunResult
  private let summary: RunSummary

  init(_ scenario: Scenario, _ result: RunResult, _ summary: RunSummary) {
    (self.scenario, self.result, self.summary) = (scenario, result, summary)
  }

  static let title = "Exact counts, which no guarantee covers"

  var html: String {
    let note =
      "These are counted exactly, as a simulation can; one client more or less changes them. They are not part of what was released, and do not belong into a publication about real clients: fedsim audit-trail --publish writes a ledger without them."
    let drawing = Page.figure(cohortCurve, file: "\(scenario.name)-\(cohortCurve.title.asFileName).svg") ?? ""
    let warnings = summary.dataWarnings.map { element("p", ["class": "warning"], text: $0) }.joined()
    return element("p", ["class": "note"], text: note) + warnings + drawing + Page.facts(facts)
  }

  private var cohortCurve: LineChart {
    let sizes = LineChart.thinned(result.rounds.map { (Double($0.round), Double($0.cohortSize)) })
    var series = [LineChart.Series(name: "cohort", points: sizes)]
    if scenario.faults != nil {
      let summed = result.rounds.map { (Double($0.round), Double($0.cohortSize - $0.lostClients)) }
      series.append(LineChart.Series(name: "in the sum", points: LineChart.thinned(summed), style: 2))
    }
    return LineChart(
      title: "Clients in a round", xLabel: "round", yLabel: "clients", series: series,
      references: [
        LineChart.Reference(name: "expected", y: Double(scenario.training.cohort.expectedSize))
      ])
  }

  private var facts: [(name: String, value: String)] {
    var facts = [
      ("client updates", Number.count(Double(result.execution.timing.clientUpdates))),
      ("fewest clients in a sum", result.population.fewestClientsInASum.map { "\($0)" } ?? "–"),
    ]
    if let lost = summary.lostClients { facts.append(("lost", lost)) }
    if scenario.anonymisation != nil { facts.append(("left out", summary.skipped)) }
    if let linkage = summary.linkage { facts.append(("an attacker finds", linkage)) }
    facts.append(("digest", result.digest))
    return facts
  }
}

extension LineChart {
  /// More points than pixels would only slow the page down; the files have them all.
  static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let stride = max(1, points.count / 400)
    return points.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
  }
}
