import Curves
import Foundation
import Recommender
import Scenarios

/// What is written and printed about a set of curves.
package struct CurveDocument {
  package let set: CurveSet
  /// The metric of the report and the terminal; the files hold all.
  package let metric: Metric

  package init(_ set: CurveSet, metric: Metric) {
    self.set = set
    self.metric = metric
  }

  /// All files of a folder of results.
  package func files() throws -> [(name: String, contents: Data)] {
    var drawings = Metric.allCases.compactMap { metric in
      CurveChart(set: set, metric: metric).chart.svg(.wide, standalone: true).map {
        ("curve-\(metric.fileName).svg", Data($0.utf8))
      }
    }
    if let drawing = TrafficTable(set, metric: metric)?.chart?.svg(.wide, standalone: true) {
      drawings.append(("curve-bytes.svg", Data(drawing.utf8)))
    }
    if let drawing = LinkageTable(set, metric: metric)?.chart.svg(.wide, standalone: true) {
      drawings.append(("curve-linkage.svg", Data(drawing.utf8)))
    }
    return [
      ("curve.json", try set.json.encoded(pretty: true) + Data("\n".utf8)), ("curve.csv", Data(csv.utf8)),
      ("report.html", Data(html.utf8)),
    ] + drawings
  }

  package var html: String { CurveReport(set, metric: metric).html }

  /// `curve.csv`: one line a run, and one a seed of each line that curves are read against.
  package var csv: String {
    var text = "curve,kind,position,seed,epsilon,epsilon_lower_bound,noise_multiplier,"
    text += "\(Metric.columns),bytes_up,digest\n"
    func number(_ value: Double?) -> String { value.map { $0 == .infinity ? "infinity" : "\($0)" } ?? "" }
    func line(_ curve: Curve, _ kind: String, _ before: [String], _ values: MetricValues, _ after: [String]) {
      text += ([curve.name.quotedForCSV, kind] + before + Metric.allCases.map { number(values[$0]) } + after)
        .joined(separator: ",")
      text += "\n"
    }
    for curve in set.curves {
      for point in curve.points {
        for run in point.outcomes {
          let before = [
            number(point.position), "\(run.seed)", number(run.epsilon), number(run.epsilonLowerBound),
            number(run.noiseMultiplier),
          ]
          line(curve, "run", before, run.metrics, [number(run.bytesUp), run.digest])
        }
      }
      for reference in curve.references {
        for one in reference.values {
          line(curve, reference.kind.rawValue, ["", "\(one.seed)", "", "", ""], one.values, ["", ""])
        }
      }
    }
    return text
  }

  /// The summary for a terminal: what was learned, the figures, a plot, and which differences are real.
  package var text: String {
    var lines = [
      set.name + (!set.missing.isEmpty ? ": a part, \(set.missing.count) runs are still to be done" : ""), "",
    ]
    let table = CurveTable(set, metric: metric)
    lines += TextTable.lines(head: table.head, table.rows, textColumns: set.curves.count > 1 ? 1 : 0) + [""]
    let references = CurveTable.references(set, metric: metric)
    let width = references.reduce(22) { max($0, $1[0].count) }
    for row in references { lines.append(row[0].padded(to: width) + "  " + row[1]) }
    lines += [""] + TextPlot(CurveChart(set: set, metric: metric).chart).lines + [""]
    if let differences = DifferenceTable(set, metric: metric) {
      lines += TextTable.lines(
        head: ["", "", set.isOverEpsilon ? "ε" : "", "difference", ""],
        differences.rows.map {
          [
            $0.first, "against \($0.second)", Number.significant($0.position, 6), DifferenceTable.text($0.interval),
            $0.verdict,
          ]
        }, textColumns: 2)
      lines += [differences.note].compactMap { $0 } + [""]
    }
    if let traffic = TrafficTable(set, metric: metric), traffic.chart != nil {
      lines += TextTable.lines(head: traffic.head, traffic.rows, textColumns: set.curves.count > 1 ? 1 : 0) + [""]
    }
    if let linkage = LinkageTable(set, metric: metric) {
      lines += TextTable.lines(head: linkage.head, linkage.rows, textColumns: 1) + [""]
    }
    lines += Headline(set, metric: metric).sentences
    let notes = CurveNotes(set, metric: metric)
    lines += [notes.undefined].compactMap { $0 }.map { "Warning: " + $0 }
    if notes.publishing != nil {
      lines.append("Runs of one seed share their noise: report.html says what that means for publishing them.")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
