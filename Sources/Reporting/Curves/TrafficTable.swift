import Curves
import Recommender
import Scenarios

/// What the points of curves cost in bytes, and what accuracy a byte buys.
struct TrafficTable {
  let head: [String]
  let rows: [[String]]
  /// Accuracy against what a client sends; nil where all send the same.
  let chart: LineChart?

  /// - Returns: nil where bytes were not measured.
  init?(_ set: CurveSet, metric: Metric) {
    let names = set.curves.count > 1
    head =
      (names ? ["curve"] : [])
      + [set.axisTitle, "bytes down", "bytes up", metric.title, "gain over untrained", "gain per kB up"]
    rows = set.curves.flatMap { curve in
      let untrained = curve.reference(.untrained)?.interval(metric)?.mean
      return curve.points.compactMap { point -> [String]? in
        guard let up = point.bytesUp, let down = point.outcomes.first?.bytesDown else { return nil }
        let mean = point.interval(metric)?.mean
        let gain = mean.flatMap { mean in untrained.map { metric.isHigherBetter ? mean - $0 : $0 - mean } }
        return (names ? [curve.name] : []) + [
          Number.significant(point.position, 6), Number.count(Double(down)), Number.count(up),
          mean.map { Number.fixed($0, 4) } ?? "–", gain.map { Number.fixed($0, 4) } ?? "–",
          gain.map { up > 0 ? Number.significant($0 / (up / 1000), 3) : "–" } ?? "–",
        ]
      }
    }
    if rows.isEmpty { return nil }
    chart = Self.chart(set, metric)
  }

  /// One colour a value of ε; with another axis one line a curve.
  private static func chart(_ set: CurveSet, _ metric: Metric) -> LineChart? {
    let all = set.curves.flatMap { curve in curve.points.map { (curve, $0) } }
    let bytes = all.compactMap { $0.1.bytesUp }.filter { $0 > 0 }
    // Messages of one kind differ a little from model to model.
    guard let least = bytes.min(), let most = bytes.max(), most > 1.2 * least else { return nil }
    func point(_ curve: Curve, _ point: CurvePoint) -> LineChart.Point? {
      guard let up = point.bytesUp, up > 0, let interval = point.interval(metric) else { return nil }
      let place = "\(set.axisTitle) = \(Number.significant(point.position, 4))"
      return LineChart.Point(
        x: up, y: interval.mean, bounds: interval.bounds,
        tip: "\(curve.name), \(place)\n\(Number.count(up)) bytes up: \(metric.title) \(interval.text)")
    }
    let lines: [(name: String, points: [LineChart.Point])]
    if set.isOverEpsilon {
      lines = Set(all.map(\.1.position)).sorted().map { position in
        (
          "ε = \(Number.significant(position, 4))",
          all.filter { $0.1.position == position }.compactMap { point($0.0, $0.1) }.sorted { $0.x < $1.x }
        )
      }
    } else {
      lines = set.curves.map { curve in
        (curve.name, curve.points.compactMap { point(curve, $0) }.sorted { $0.x < $1.x })
      }
    }
    return LineChart(
      title: "\(metric.title) against what a client sends", xLabel: "bytes up, a client and round",
      yLabel: metric.title, scale: .logarithmic,
      series: lines.enumerated().map { index, line in
        LineChart.Series(
          name: line.name, points: line.points, style: index % ChartStyle.count + 1, marked: true,
          joined: !set.isOverEpsilon)
      })
  }
}
