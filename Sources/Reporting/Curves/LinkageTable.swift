import Curves
import Recommender
import Scenarios

/// Who can be found again in what runs release, and what that protection costs.
struct LinkageTable {
  let head: [String]
  let rows: [[String]]
  let note: String
  /// The metric against the share of clients that are told from others.
  let chart: LineChart

  /// - Returns: nil where nobody attacked.
  init?(_ set: CurveSet, metric: Metric) {
    let points = set.curves.flatMap { curve in
      curve.points.compactMap { point in point.linkage.map { (curve, point, $0) } }
    }
    guard let candidates = points.first?.2.candidates else { return nil }
    head = [
      "released", "accounted ε", "row linked", "singled out", "told from \(candidates - 1) others", "at most",
      metric.title,
    ]
    rows = points.map { curve, point, rates in
      let position = curve.points.count > 1 ? ", \(set.axisTitle) = \(Number.significant(point.position, 4))" : ""
      return [
        curve.name + position, point.epsilon.map { Number.fixed($0, 3) } ?? "none",
        rates.linked.map(Number.precisePercent) ?? "no rows", rates.singledOut.map(Number.precisePercent) ?? "–",
        Number.precisePercent(rates.told), rates.bound.map(Number.precisePercent) ?? "no bound",
        point.interval(metric).map { Number.fixed($0.mean, 4) } ?? "–",
      ]
    }
    note = Self.note(candidates)
    chart = LineChart(
      title: "\(metric.title) against clients found", xLabel: "told from \(candidates - 1) others",
      yLabel: metric.title,
      series: points.enumerated().compactMap { index, one in
        guard let interval = one.1.interval(metric) else { return nil }
        let point = LineChart.Point(
          x: one.2.told, y: interval.mean, bounds: interval.bounds,
          tip: "\(one.0.name): \(Number.precisePercent(one.2.told)) told, \(metric.title) \(interval.text)")
        return LineChart.Series(
          name: one.0.name, points: [point], style: index % ChartStyle.count + 1, marked: true, joined: false)
      })
  }

  /// What the columns mean.
  static func note(_ candidates: Int) -> String {
    "The attacker knows the quasi-identifiers of each client that it looks for, and a few of its examples. Row linked: it picks the client's row in the released table. Singled out: only that row fits. Told from others: it names the one of \(candidates) people who is in the data, \(Number.precisePercent(1 / Double(candidates))) by guessing. At most: what no attacker can exceed in that, whatever it knows."
  }
}
