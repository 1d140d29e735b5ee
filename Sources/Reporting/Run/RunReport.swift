import Coordinator
import Recommender
import Scenarios

/// A run as one HTML file that needs no network.
struct RunReport {
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
    let charts: [(title: String, chart: LineChart?, caption: String?)] = [
      ("AUC by round", learningCurve, nil),
      ("Log loss by round", lossCurve, nil),
      ("ε spent by round", epsilonCurve, nil),
      ("Calibration", calibrationCurve, nil),
      ("Clipping norm and update norms", normCurve, Self.normCaption),
      ("Share of updates that are clipped", clippedCurve, Self.normCaption),
    ]
    return Page(
      title: scenario.name,
      sections: [
        element("h1", text: scenario.name), note,
        element("p", ["class": "headline"], text: summary.verdict),
        element("p", ["class": "headline"], text: privacyStatement),
        summary.figureWarnings.map { element("p", ["class": "warning"], text: $0) }.joined(),
        summary.dataWarnings.isEmpty
          ? ""
          : element("p", ["class": "warning"], text: "Something is odd about the data: see \(ExactCounts.title)."),
        Page.section("Accuracy on held-out clients", metricsTable),
        Page.section("Who pays: accuracy by tier", tierTable),
        Page.section("Who pays: accuracy by the client's number of examples", sizeTable),
      ]
        + charts.map { title, chart, caption in
          let file = "\(scenario.name)-\(title.asFileName).svg"
          return Page.section(title, chart.flatMap { Page.figure($0, file: file, caption: caption) })
        } + [
          Page.section("What was released", ReleaseTable(result.ledger)?.html),
          Page.section("How this was made", provenance),
          Page.section(ExactCounts.title, ExactCounts(scenario, result, summary).html),
        ]
    ).html
  }

  private static let normCaption =
    "Measured on up to 200 held-out clients, who never train: what training clients do is released only with noise."

  private var privacyStatement: String {
    guard let settings = scenario.privacy, let outcome = result.privacy else { return "No privacy guarantee." }
    let lower =
      outcome.epsilon.lower.map { " (no analysis of these releases can go below \(Number.fixed($0, 3)))" } ?? ""
    return
      "ε ≤ \(Number.fixed(outcome.epsilon.upper, 3))\(lower) at δ = \(Number.significant(settings.delta, 3)), for each \(settings.unit.rawValue), \(settings.adjacency.rawValue) adjacency, from \(result.ledger.count) releases with noise multiplier \(Number.fixed(outcome.noiseMultiplier, 4))."
  }

  private var metricsTable: String {
    Page.table(head: [""] + Metric.allCases.map(\.title), MetricsTable(result).rows)
  }

  private var tierTable: String? {
    if result.findings.tiers.isEmpty { return nil }
    let rows = result.findings.tiers.map { tier -> [String] in
      let paid =
        tier.target == nil
        ? ["opted out", "–", "never contacted"]
        : [
          Number.significant(tier.target ?? 0, 4), Number.fixed(tier.epsilon.upper, 3),
          Number.significant(tier.samplingRate, 3),
        ]
      return [tier.name, Number.percent(tier.share)] + paid
        + [Number.fixed(tier.metrics.auc, 4), Number.fixed(tier.metrics.logLoss, 4)]
    }
    return Page.table(head: ["", "clients", "ε accepted", "ε", "sampling rate", "AUC", "log loss"], rows)
  }

  private var sizeTable: String? {
    if result.findings.sizeGroups.isEmpty { return nil }
    let rows = result.findings.sizeGroups.map { group -> [String] in
      let (least, most) = (group.examples.lowerBound, group.examples.upperBound)
      return [
        least == most ? "\(least)" : "\(least) to \(most)", Number.count(Double(group.clients)),
        Number.percent(Double(group.metrics.positives) / Double(max(group.metrics.examples, 1))),
        Number.fixed(group.metrics.auc, 4), Number.fixed(group.metrics.logLoss, 4),
        Number.fixed(group.metrics.calibrationError, 4),
      ]
    }
    return Page.table(
      head: ["examples", "held-out clients", "positives", "AUC", "log loss", "calibration error"], rows)
  }

  /// Rounds without a value are gaps.
  private func points(_ value: (EvaluationMetrics) -> Double?) -> [LineChart.Point?] {
    let evaluated = result.rounds.compactMap { record in record.metrics.map { (round: record.round, metrics: $0) } }
    return ([(round: 0, metrics: result.metrics.untrained)] + evaluated).map { one in
      value(one.metrics).map { LineChart.Point(x: Double(one.round), y: $0) }
    }
  }

  private func reference(_ name: String, _ y: Double?) -> LineChart.Reference? {
    y.map { LineChart.Reference(name: name, y: $0) }
  }

  private var learningCurve: LineChart {
    var chart = LineChart(
      title: "AUC by round", xLabel: "round", yLabel: "AUC",
      series: LineChart.Series.withGaps(name: "model", points: points(\.auc)))
    chart.references = [
      reference("best reachable", result.metrics.bestReachable?.auc),
      reference("popularity", result.metrics.popularity?.auc),
    ].compactMap { $0 }
    return chart
  }

  private var lossCurve: LineChart {
    var chart = LineChart(
      title: "Log loss by round", xLabel: "round", yLabel: "log loss",
      series: LineChart.Series.withGaps(name: "model", points: points(\.logLoss)))
    chart.references = [reference("best reachable", result.metrics.bestReachable?.logLoss)].compactMap { $0 }
    return chart
  }

  private var epsilonCurve: LineChart? {
    guard result.privacy != nil else { return nil }
    let upper = result.rounds.compactMap { record in record.epsilon.map { (Double(record.round), $0.upper) } }
    return LineChart(
      title: "ε spent by round", xLabel: "round", yLabel: "ε",
      series: [LineChart.Series(name: "ε", points: [(0, 0)] + upper)])
  }

  private var calibrationCurve: LineChart {
    let bins = result.metrics.final.calibration.filter { $0.examples > 0 }
    return LineChart(
      title: "Calibration", xLabel: "predicted probability", yLabel: "share of positives",
      series: [
        LineChart.Series(
          name: "model", points: bins.map { ($0.meanPrediction, $0.positiveShare) }, marked: true)
      ],
      showsDiagonal: true)
  }

  private func norms(_ value: (RunResult.UpdateNorms) -> Double?) -> [(x: Double, y: Double)] {
    result.rounds.compactMap { record in record.norms.flatMap(value).map { (Double(record.round), $0) } }
  }

  private var normCurve: LineChart? {
    let median = norms { $0.median }
    guard !median.isEmpty else { return nil }
    var series = [
      LineChart.Series(name: "90th percentile", points: norms { $0.ninetieth }, style: 3),
      LineChart.Series(name: "median update", points: median, style: 2),
      LineChart.Series(name: "10th percentile", points: norms { $0.tenth }, style: 4),
    ]
    let clipping = LineChart.thinned(
      result.rounds.compactMap { record in record.clippingNorm.map { (Double(record.round), $0) } })
    if !clipping.isEmpty { series.insert(LineChart.Series(name: "clipping norm", points: clipping), at: 0) }
    return LineChart(title: "Clipping norm and update norms", xLabel: "round", yLabel: "L2 norm", series: series)
  }

  private var clippedCurve: LineChart? {
    let shares = norms(\.clippedShare)
    guard !shares.isEmpty else { return nil }
    return LineChart(
      title: "Share of updates that are clipped", xLabel: "round", yLabel: "share",
      series: [LineChart.Series(name: "clipped", points: shares, marked: true)])
  }

  /// What clients hold back, in words; nil where they hold nothing back.
  private var minimisation: String? {
    guard let minimisation = scenario.minimisation else { return nil }
    let parts = [
      minimisation.fields.map { "only the fields " + $0.map(\.rawValue).joined(separator: ", ") },
      minimisation.priceBands.map { "\($0) price bands" }, minimisation.hourBands.map { "\($0) parts of the day" },
      minimisation.maximumExamples.map { "at most \($0) examples of a client" },
    ]
    return parts.compactMap { $0 }.joined(separator: "; ")
  }

  /// How updates are shortened, in words; nil where they are sent whole.
  private var compression: String? {
    guard let compression = scenario.training.compression else { return nil }
    let share = "\(Number.significant(compression.share * 100, 3))\u{202F}% of the coordinates"
    let sparse: String? =
      switch compression.sparsification {
      case .none: nil
      case .topK: "the largest \(share)"
      case .random: "a random \(share)"
      }
    let bits = compression.quantization.map {
      "\($0.bits) \($0.bits == 1 ? "bit" : "bits") of each, up to \(Number.significant($0.range, 4))"
    }
    return [sparse, bits].compactMap { $0 }.joined(separator: "; ")
  }

  private var provenance: String {
    var facts: [(name: String, value: String)] = [
      ("scenario", scenario.name), ("seed", "\(scenario.seed)"), ("rounds", "\(result.rounds.count)"),
    ]
    if let settings = scenario.privacy {
      facts += [
        ("privacy unit", settings.unit.rawValue), ("adjacency", settings.adjacency.rawValue),
        ("trust model", settings.trust.rawValue), ("δ", Number.significant(settings.delta, 3)),
        ("accountant", settings.accountant.rawValue),
        ("clipping norm", Number.significant(settings.clippingNorm, 4)),
        ("noise from", result.execution.noiseSource.about),
        ("holds", result.execution.noiseSource.holds(sampling: settings.secretSampling(scenario.training.cohort))),
      ]
    }
    let aggregation = scenario.training.aggregation
    if aggregation.rule != .mean {
      facts.append(
        ("aggregation", "\(aggregation.rule.rawValue) over \(aggregation.groups) groups, \(aggregation.kept) kept"))
    }
    if let own = scenario.training.personalisation {
      facts.append(
        (
          "kept by each client",
          "a bias\(own.adapter > 0 ? " and an adapter of \(own.adapter) weights" : ""), learned from \(Number.percent(scenario.supportShare)) of its examples; the others are scored"
        ))
    } else if scenario.supportShare > 0 {
      facts.append(
        ("scored", "all but the first \(Number.percent(scenario.supportShare)) of a held-out client's examples"))
    }
    if let compression { facts.append(("updates", compression)) }
    if let traffic = summary.traffic { facts.append(("traffic", traffic)) }
    if let anonymisation = scenario.anonymisation {
      let fields = anonymisation.quasiIdentifiers.map(\.rawValue).joined(separator: ", ")
      facts.append(("anonymised", "\(fields): \(anonymisation.k) clients at least have a combination"))
    }
    if let held = minimisation { facts.append(("held back", held)) }
    for other in document.sideBySide { facts.append(("side by side", other.text)) }
    facts.append(("fedsim", Version.current))
    return Page.facts(facts)
  }
}
