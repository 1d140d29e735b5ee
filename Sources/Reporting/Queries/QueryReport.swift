import Coordinator
import Scenarios

/// Answers as one HTML file that needs no network.
struct QueryReport {
  /// Cells of one histogram that a page shows; the CSV file has all.
  private static let mostCells = 400

  private let scenario: QueryScenario
  private let result: QueryResult
  private let summary: QuerySummary

  init(_ document: QueryDocument) {
    scenario = document.scenario
    result = document.result
    summary = QuerySummary(document)
  }

  var html: String {
    let charts = errorCharts.map { kind, chart in
      Page.section(
        chart.title,
        Page.figure(
          chart, file: "error-\(kind).svg",
          caption: "Measured on \(scenario.trials) draws of each answer; predicted from the variance of the noise.")
      )
    }
    return Page(
      title: scenario.name,
      sections: [
        element("h1", text: scenario.name), element("p", ["class": "headline"], text: summary.privacy),
        Page.section(
          "Answers",
          Page.table(
            head: AnswerTable.head, AnswerTable(result.answers, cellsOfAnAnswer: Self.mostCells).rows)
        ),
        element(
          "p", ["class": "note"],
          text:
            "“95 % of noise” is about the noise alone: it holds what stands under “without noise”, the answer with every client's contribution within its bounds, 95 times in 100 at least. It does not hold the truth where bounds cut something off: that is in no answer, and costs a query of its own to learn. What stands without noise, the truth, errors and their drawings, and hit rates are exact, known because this is a simulation, covered by no guarantee, and not to be published."
        ),
      ] + charts + [
        Page.section("What was released", ReleaseTable(result.ledger)?.html),
        Page.section("How this was made", provenance),
      ]
    ).html
  }

  /// Error against ε, one chart for all queries of a kind that were asked at three values of ε or more.
  var errorCharts: [(kind: String, chart: LineChart)] {
    Query.Kind.allCases.compactMap { kind in
      let names = scenario.queries.filter { $0.kind == kind && Set($0.epsilons).count >= 3 }.map(\.name)
      let answers = result.answers.filter { names.contains($0.query) && ($0.error?.measured ?? 0) > 0 }
      var series: [LineChart.Series] = []
      for name in names {
        for mechanism in unique(answers.filter { $0.query == name }.map(\.mechanism)) {
          let own = answers.filter { $0.query == name && $0.mechanism == mechanism }
          series += lines(
            own, named: own.count == answers.count { $0.query == name } ? name : "\(name), \(mechanism)",
            style: series.count)
        }
      }
      if series.isEmpty { return nil }
      return (
        kind.rawValue,
        LineChart(
          title: "Error of a \(kind.rawValue) against ε", xLabel: "ε", yLabel: "root mean squared error",
          scale: .logarithmic, yScale: .logarithmic, series: series)
      )
    }
  }

  /// What was measured, and the formula beside it.
  private func lines(_ answers: [QueryAnswer], named name: String, style: Int) -> [LineChart.Series] {
    let rising = answers.sorted { $0.epsilon < $1.epsilon }
    let measured = rising.compactMap { answer in answer.error.map { (answer.epsilon, $0.measured) } }
    let predicted = rising.compactMap { answer in answer.error?.predicted.map { (answer.epsilon, $0) } }
    return [LineChart.Series(name: name, points: measured, style: style % ChartStyle.count + 1, marked: true)]
      + (predicted.isEmpty
        ? [] : [LineChart.Series(name: "predicted", points: predicted, style: (style + 1) % ChartStyle.count + 1)])
  }

  private func unique(_ names: [String]) -> [String] {
    names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }.map(\.element)
  }

  private var provenance: String {
    let protection = scenario.protection
    return Page.facts([
      ("scenario", scenario.name), ("seed", "\(scenario.seed)"),
      ("clients", Number.count(Double(scenario.population.clients))),
      ("privacy unit", Privacy.Unit.client.rawValue),
      ("trust model", protection.trust.rawValue), ("adjacency", protection.adjacency.rawValue),
      ("accountant", protection.accountant.rawValue), ("noise from", result.noiseSource.about),
      ("holds", result.noiseSource.holds(sampling: nil)),
      ("fedsim", Version.current), ("digest", result.digest),
    ])
  }
}
