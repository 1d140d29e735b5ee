import Curves
import Recommender
import Scenarios

/// Curves as one HTML page.
struct CurveReport {
  private let set: CurveSet
  private let metric: Metric
  /// What is said of these curves beside what is said of all.
  private let headlines: [String]
  private let sections: [String]

  /// - Parameters:
  ///   - headlines: sentences at the top.
  ///   - sections: markup between the figures and what they are read against.
  init(_ set: CurveSet, metric: Metric, headlines: [String] = [], sections: [String] = []) {
    self.set = set
    self.metric = metric
    self.headlines = headlines
    self.sections = sections
  }

  var html: String {
    let drawing = CurveChart(set: set, metric: metric)
    let missing =
      set.missing.isEmpty
      ? ""
      : element("p", ["class": "warning"], text: "\(set.missing.count) runs are still to be done: this is a part.")
    let caption =
      "Means over seeds with 95 % confidence intervals (Student's t); ∞ is the run without privacy."
    let table = CurveTable(set, metric: metric)
    return Page(
      title: set.name,
      sections: [element("h1", text: set.name), missing]
        + [notes.undefined].compactMap { $0 }.map { element("p", ["class": "warning"], text: $0) }
        + (headlines + Headline(set, metric: metric).sentences).map {
          element("p", ["class": "headline"], text: $0)
        }
        + [
          Page.section(
            "\(metric.title) against \(set.axisTitle)",
            Page.figure(drawing.chart, file: "\(set.name)-\(metric.fileName).svg", caption: caption)),
          set.sharesReferences ? "" : Page.section("Each curve with its own lines", curvesApart(drawing)),
          Page.section("Figures", Page.table(head: table.head, table.rows)),
        ] + sections + [
          Page.section("Lines to read the curves against", references),
          Page.section("Which differences are real", differences),
          Page.section("Who is found again, and what that costs", linkage),
          Page.section("Bytes: what a client gets and sends in a round", traffic),
          Page.section("Other metrics", otherMetrics),
          Page.section("What publishing this means", notes.publishing.map { element("p", text: $0) }),
          Page.section("How this was made", Page.facts(provenance)),
          Page.section("What this page does not promise", promises),
        ]
    ).html
  }

  private var notes: CurveNotes { CurveNotes(set, metric: metric) }

  /// Nothing for single points: the table of lines says as much.
  private func curvesApart(_ drawing: CurveChart) -> String? {
    set.curves.enumerated().filter { $0.element.points.count > 1 }.compactMap { index, curve in
      Page.figure(
        drawing.chart(of: curve), file: "\(set.name)-\(metric.fileName)-\(index + 1).svg", caption: curve.name)
    }.reduce(nil) { ($0 ?? "") + $1 }
  }

  private var references: String? {
    let rows = CurveTable.references(set, metric: metric)
    return rows.isEmpty ? nil : Page.table(head: ["", "\(metric.title), 95 % interval"], rows)
  }

  private var differences: String? {
    guard let table = DifferenceTable(set, metric: metric) else { return nil }
    let rows = table.rows.map { row in
      [
        "\(row.first) against \(row.second)", Number.significant(row.position, 6),
        DifferenceTable.text(row.interval),
        row.verdict,
      ]
    }
    let note =
      "Differences of \(metric.title) within the same seed, which fixes population, cohorts and noise, with 95 % confidence intervals. Each interval is for itself: of twenty without a true difference, one is expected to exclude zero. The sentences at the top share the 5 % among all places that they speak of."
    return Page.table(head: ["", set.axisTitle, "difference", ""], rows)
      + element("p", ["class": "note"], text: [note, table.note].compactMap { $0 }.joined(separator: " "))
  }

  private var linkage: String? {
    guard let table = LinkageTable(set, metric: metric) else { return nil }
    let figure = Page.figure(table.chart, file: "\(set.name)-linkage.svg") ?? ""
    return figure + Page.table(head: table.head, table.rows) + element("p", ["class": "note"], text: table.note)
  }

  private var traffic: String? {
    guard let table = TrafficTable(set, metric: metric) else { return nil }
    let figure = table.chart.flatMap { Page.figure($0, file: "\(set.name)-bytes.svg") } ?? ""
    return figure + Page.table(head: table.head, table.rows)
      + element(
        "p", ["class": "note"],
        text:
          "Down is the model in floats; up is the mean over up to 200 held-out clients of the shorter of a list of coordinates with their values, and all values in turn."
      )
  }

  /// Nothing where no run has a guarantee.
  private var promises: String? {
    guard set.curves.contains(where: { $0.points.contains { $0.outcomes.contains { $0.epsilon != nil } } }) else {
      return nil
    }
    return element(
      "p", ["class": "note"],
      text:
        "Each ε is that of its run alone. Runs of one seed share their noise up to its scale, so that whoever has the models of two points can cancel it: for all models of a sweep together no ε holds, and fedsim account refuses to put their ledgers together. To release a model of real clients, run its point again with another seed, or with --secure-noise. Lines named central or alone, and what an attacker finds, are of exact data, which no guarantee covers."
    )
  }

  private var otherMetrics: String {
    Metric.allCases.filter { $0 != metric }.map { other in
      Page.folded(
        other.title,
        Page.figure(
          CurveChart(set: set, metric: other).chart, file: "\(set.name)-\(other.fileName).svg") ?? "")
    }.joined()
  }

  private var provenance: [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = []
    for curve in set.curves {
      let settings = curve.settings.keys.sorted().flatMap { path in
        curve.settings[path].map { Self.settings($0, at: path) } ?? []
      }
      facts.append((curve.name, (settings + [Self.summary(curve.scenario)]).joined(separator: "; ")))
    }
    let seeds = Set(set.curves.flatMap { $0.points.flatMap { $0.outcomes.map(\.seed) } }).sorted()
    facts.append(("seeds", seeds.map { "\($0)" }.joined(separator: ", ")))
    if set.curves.contains(where: { $0.reference(.central) != nil }) {
      facts += [
        (
          "central, no privacy",
          "the same model on the pooled examples of all training clients, AdaGrad, stopped at the pass with the least log loss on the held-out clients"
        ),
        (
          "each client alone",
          "for every held-out client a model of its own, learned from four fifths of its examples and scored on the rest, five times over"
        ),
      ]
    }
    facts += [("fedsim", set.version), ("digest of all runs", set.digest)]
    return facts
  }

  /// What is set at a path and below, in words.
  private static func settings(_ value: JSONValue, at path: String) -> [String] {
    switch value {
    case .object(let members):
      members.keys.sorted().flatMap { key in members[key].map { settings($0, at: "\(path).\(key)") } ?? [] }
    case .array(let values): ["\(path) = \(values.map(\.inWords).joined(separator: ", "))"]
    default: ["\(path) = \(value.inWords)"]
    }
  }

  /// A scenario in one line.
  private static func summary(_ scenario: JSONValue) -> String {
    func text(_ path: String) -> String? {
      let value = scenario.member(at: path)
      if case .string(let text)? = value { return text }
      return value?.inWords
    }
    var parts: [String] = []
    if let clients = text("population.clients") { parts.append("\(clients) clients") }
    if let rounds = text("training.rounds") { parts.append("\(rounds) rounds") }
    if let cohort = text("training.cohort.expectedSize") { parts.append("cohorts of \(cohort)") }
    if let algorithm = text("training.client.algorithm") { parts.append(algorithm) }
    if text("privacy") != "none", let delta = text("privacy.delta") {
      parts.append("unit \(text("privacy.unit") ?? ""), \(text("privacy.adjacency") ?? "")")
      parts.append(
        "\(text("privacy.trust") ?? "") trust, δ = \(delta), accountant \(text("privacy.accountant") ?? "")")
    }
    return parts.joined(separator: ", ")
  }
}
