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
    let charts = errorCharts.map { query, chart in
      Page.section(
        "What ε buys: \(query)",
        Page.figure(
          chart, file: "error-\(query.asFileName).svg",
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
            head: AnswerTable.head, AnswerTable(result.answers, cellsOfAnAnswer: Self.mostCells).rows, isText: true)
        ),
        element(
          "p", ["class": "note"],
          text:
            "Truth and error are known because this is a simulation. Intervals are about the noise: they hold for the answer with every client's contribution bounded."
        ),
      ] + charts + [
        Page.section("What was released", ReleaseTable(result.ledger)?.html),
        Page.section("How this was made", provenance),
      ]
    ).html
  }

  /// Error against ε, for every query that was asked at three values of ε or more.
  var errorCharts: [(query: String, chart: LineChart)] {
    scenario.queries.compactMap { query in
      let answers = result.answers.filter { $0.query == query.name && $0.release != nil }
      guard Set(query.epsilons).count >= 3, query.kind != .top else { return nil }
      var series: [LineChart.Series] = []
      for (index, name) in unique(answers.map(\.mechanism)).enumerated() {
        let own = answers.filter { $0.mechanism == name }.sorted { $0.epsilon < $1.epsilon }
        let measured = own.compactMap { answer in answer.error.map { (answer.epsilon, $0.measured) } }
        let predicted = own.compactMap { answer in answer.error?.predicted.map { (answer.epsilon, $0) } }
        series.append(
          LineChart.Series(name: "\(name), measured", points: measured, style: 1 + 2 * index, marked: true))
        if !predicted.isEmpty {
          series.append(LineChart.Series(name: "predicted", points: predicted, style: 2 + 2 * index))
        }
      }
      return (
        query.name,
        LineChart(
          title: "\(query.name): error against ε", xLabel: "ε", yLabel: "root mean squared error",
          scale: .logarithmic, series: series)
      )
    }
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
      ("fedsim", Version.current), ("digest", result.digest),
    ])
  }
}
