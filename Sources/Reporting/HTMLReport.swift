import Coordinator
import Recommender
import Scenarios

/// A run as one HTML file that needs no network.
struct HTMLReport {
  private let scenario: Scenario
  private let result: RunResult
  private let summary: RunSummary
  private let document: RunDocument

  init(_ document: RunDocument) {
    self.document = document
    scenario = document.scenario
    result = document.result
    summary = RunSummary(document)
  }

  var html: String {
    let progress = "after \(result.rounds.count) of \(scenario.training.rounds) rounds"
    let note =
      switch result.status {
      case .finished: ""
      case .budgetReached: element("p", text: "Stopped \(progress): the next would exceed the privacy budget.")
      case .interrupted:
        element("p", ["class": "warning"], text: "Interrupted \(progress): these results are partial.")
      }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>fedsim: \(scenario.name.escapedForHTML)</title>
      <style>\(Self.style)</style></head><body><main>
      <h1>\(scenario.name.escapedForHTML)</h1>
      \(note)
      <p class="headline">\(summary.verdict.escapedForHTML)</p>
      <p class="headline">\(privacyStatement)</p>
      \(summary.deltaWarning.map { element("p", ["class": "warning"], text: $0) } ?? "")
      \(section("Accuracy on held-out clients", metricsTable))
      \(section("Tiers", tierTable))
      \(section("AUC by round", learningCurve.svg))
      \(section("Log loss by round", lossCurve.svg))
      \(section("ε spent by round", epsilonCurve?.svg))
      \(section("Calibration", calibrationCurve.svg))
      \(section("Clipping norm by round", normCurve?.svg))
      \(section("Clients in a round", cohortCurve.svg))
      \(section("How this was made", provenance))
      </main></body></html>

      """
  }

  private func section(_ title: String, _ body: String?) -> String {
    guard let body else { return "" }
    return "<section><h2>\(title)</h2>\(body)</section>"
  }

  private var privacyStatement: String {
    guard let settings = scenario.privacy, let outcome = result.privacy else { return "No privacy guarantee." }
    let lower =
      outcome.epsilon.lower.map { " (no analysis of these releases can go below \(Number.fixed($0, 3)))" } ?? ""
    return
      "ε ≤ \(Number.fixed(outcome.epsilon.upper, 3))\(lower) at δ = \(Number.significant(settings.delta, 3)), for each \(settings.unit.rawValue), \(settings.adjacency.rawValue) adjacency, from \(result.ledger.count) releases with noise multiplier \(Number.fixed(outcome.noiseMultiplier, 4))."
  }

  private var metricsTable: String {
    func row(_ name: String, _ metrics: EvaluationMetrics, ranksOnly: Bool = false) -> String {
      let probabilities = [metrics.logLoss, metrics.accuracy, metrics.calibrationError]
      let cells =
        [Number.fixed(metrics.auc, 4)] + probabilities.map { ranksOnly ? "–" : Number.fixed($0, 4) }
        + [metrics.hitRateAt10, metrics.ndcgAt10].map { Number.fixed($0, 4) }
      return "<tr><th>\(name)</th>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }
    var rows = ""
    if let best = result.bestReachable { rows += row("best reachable", best) }
    rows += row("model", result.final)
    if let popularity = result.popularity { rows += row("popularity", popularity, ranksOnly: true) }
    rows += row("untrained", result.untrained)
    return
      "<div class=\"scroll\"><table><tr><th></th><th>AUC</th><th>log loss</th><th>accuracy</th><th>calibration error</th><th>hit rate at 10</th><th>NDCG at 10</th></tr>\(rows)</table></div>"
  }

  private var tierTable: String? {
    if result.tiers.isEmpty { return nil }
    let rows = result.tiers.map { tier -> String in
      let paid =
        tier.target == nil
        ? ["opted out", "–", "never contacted"]
        : [
          Number.significant(tier.target ?? 0, 4), Number.fixed(tier.epsilon.upper, 3),
          Number.significant(tier.samplingRate, 3),
        ]
      let cells =
        [Number.percent(tier.share)] + paid + [
          Number.fixed(tier.metrics.auc, 4), Number.fixed(tier.metrics.logLoss, 4),
        ]
      return element(
        "tr", inner: element("th", text: tier.name) + cells.map { element("td", text: $0) }.joined())
    }
    let head = ["", "clients", "ε accepted", "ε", "sampling rate", "AUC", "log loss"].map {
      element("th", text: $0)
    }
    return element(
      "div", ["class": "scroll"],
      inner: element("table", inner: element("tr", inner: head.joined()) + rows.joined()))
  }

  private func points(_ value: (EvaluationMetrics) -> Double) -> [(x: Double, y: Double)] {
    [(0, value(result.untrained))]
      + result.rounds.compactMap { record in record.metrics.map { (Double(record.round), value($0)) } }
  }

  private var learningCurve: LineChart {
    var chart = LineChart(
      title: "AUC by round", xLabel: "round", yLabel: "AUC",
      series: [LineChart.Series(name: "model", points: points(\.auc), color: 1)])
    if let best = result.bestReachable {
      chart.references.append(LineChart.Reference(name: "best reachable", y: best.auc, color: 2))
    }
    if let popularity = result.popularity {
      chart.references.append(LineChart.Reference(name: "popularity", y: popularity.auc, color: 3))
    }
    return chart
  }

  private var lossCurve: LineChart {
    var chart = LineChart(
      title: "Log loss by round", xLabel: "round", yLabel: "log loss",
      series: [LineChart.Series(name: "model", points: points(\.logLoss), color: 1)])
    if let best = result.bestReachable {
      chart.references.append(LineChart.Reference(name: "best reachable", y: best.logLoss, color: 2))
    }
    return chart
  }

  private var epsilonCurve: LineChart? {
    guard result.privacy != nil else { return nil }
    let upper = result.rounds.compactMap { record in record.epsilon.map { (Double(record.round), $0.upper) } }
    return LineChart(
      title: "ε spent by round", xLabel: "round", yLabel: "ε",
      series: [LineChart.Series(name: "ε", points: [(0, 0)] + upper, color: 1)])
  }

  private var calibrationCurve: LineChart {
    let bins = result.final.calibration.filter { $0.examples > 0 }
    return LineChart(
      title: "Calibration", xLabel: "predicted probability", yLabel: "share of positives",
      series: [
        LineChart.Series(
          name: "model", points: bins.map { ($0.meanPrediction, $0.positiveShare) }, color: 1, showsMarkers: true)
      ],
      showsDiagonal: true)
  }

  private var normCurve: LineChart? {
    guard scenario.privacy?.adaptiveClipping != nil else { return nil }
    let norms = result.rounds.compactMap { record in record.clippingNorm.map { (Double(record.round), $0) } }
    return LineChart(
      title: "Clipping norm by round", xLabel: "round", yLabel: "clipping norm",
      series: [LineChart.Series(name: "norm", points: norms, color: 1)])
  }

  private var cohortCurve: LineChart {
    // More points than pixels would only slow the page down; the files have them all.
    let stride = max(1, result.rounds.count / 400)
    let sizes = result.rounds.enumerated().filter { $0.offset % stride == 0 }.map {
      (Double($0.element.round), Double($0.element.cohortSize))
    }
    return LineChart(
      title: "Clients in a round", xLabel: "round", yLabel: "clients",
      series: [LineChart.Series(name: "cohort", points: sizes, color: 1)],
      references: [
        LineChart.Reference(name: "expected", y: Double(scenario.training.cohort.expectedSize), color: 2)
      ])
  }

  private var provenance: String {
    var facts: [(String, String)] = [
      ("scenario", scenario.name), ("seed", "\(scenario.seed)"), ("rounds", "\(result.rounds.count)"),
      ("client updates", Number.count(Double(result.timing.clientUpdates))),
    ]
    if let settings = scenario.privacy {
      facts += [
        ("privacy unit", settings.unit.rawValue), ("adjacency", settings.adjacency.rawValue),
        ("trust model", settings.trust.rawValue), ("δ", Number.significant(settings.delta, 3)),
        ("accountant", settings.accountant.rawValue),
        ("clipping norm", Number.significant(settings.clippingNorm, 4)),
        ("noise from", result.noiseSource.about),
      ]
    }
    for other in document.sideBySide { facts.append(("side by side", other.text)) }
    facts += [
      ("fewest clients in a sum", result.fewestClientsInASum.map { "\($0)" } ?? "–"),
      ("fedsim", Version.current), ("digest", result.digest),
    ]
    let rows = facts.map {
      "<tr><th>\($0.0.escapedForHTML)</th><td class=\"text\">\($0.1.escapedForHTML)</td></tr>"
    }
    return "<div class=\"scroll\"><table>\(rows.joined())</table></div>"
  }

  /// Okabe and Ito's palette, whose colours stay apart for colour-blind readers.
  private static let style = """
    :root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6470;--rule:#dfe3e8;--page:#fff;--c1:#0072b2;--c2:#00795a;--c3:#b34e00}
    @media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3acb8;--rule:#343a42;--page:#14171a;--c1:#56b4e9;--c2:#2fc397;--c3:#e69f00}}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
    main{max-width:760px;margin:0 auto;padding:24px 16px}h1{font-size:1.6em;margin:0 0 .4em}h2{font-size:1.1em;margin:2em 0 .5em}
    .headline{font-size:1.1em;margin:.3em 0}.warning{border-left:4px solid var(--c3);padding-left:12px;font-weight:600}
    .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
    th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--rule);text-align:right}th{font-weight:500;color:var(--soft)}
    th:first-child,td.text{text-align:left}td.text{overflow-wrap:anywhere}
    svg{width:100%;height:auto}svg text{fill:var(--soft);font:12px system-ui,sans-serif}
    .grid{stroke:var(--rule)}.axis{stroke:var(--soft)}.reference{stroke-dasharray:5 4;stroke:var(--soft)}
    .series{fill:none;stroke-width:2}line.c1,polyline.c1{stroke:var(--c1)}line.c2,polyline.c2{stroke:var(--c2)}line.c3,polyline.c3{stroke:var(--c3)}
    circle.c1,svg text.c1{fill:var(--c1)}circle.c2,svg text.c2{fill:var(--c2)}circle.c3,svg text.c3{fill:var(--c3)}
    @media print{section{break-inside:avoid}}
    """
}
