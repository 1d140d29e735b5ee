import Curves
import Recommender
import Scenarios

/// The drawing of a set of curves.
struct CurveChart {
  let set: CurveSet
  let metric: Metric

  /// All curves in one frame. Lines to read them against are drawn where all curves have the same.
  var chart: LineChart {
    make(set.curves, references: set.sharedReferences, title: set.name)
  }

  /// One curve with its own lines.
  func chart(of curve: Curve) -> LineChart { make([curve], references: curve.references, title: curve.name) }

  private func make(_ curves: [Curve], references: [CurveReference], title: String) -> LineChart {
    let series = curves.enumerated().flatMap { index, curve in
      LineChart.Series.withGaps(
        name: curve.name, points: curve.points.map { point(of: curve, $0) },
        style: index % ChartStyle.count + 1, marked: true)
    }
    let isPositive = curves.allSatisfy { curve in curve.points.allSatisfy { $0.position > 0 } }
    let positions = curves.flatMap { $0.points.map(\.position) }.filter(\.isFinite)
    // Other keys than ε get a logarithmic axis where their values are spread over more than a decade.
    let isWide = (positions.max() ?? 1) > 10 * (positions.min() ?? 1)
    return LineChart(
      title: "\(metric.title) of \(title)", xLabel: set.axisTitle, yLabel: metric.title,
      scale: isPositive && (set.isOverEpsilon || isWide) ? .logarithmic : .linear, series: series,
      // An untrained model would only stretch the axis.
      references: references.filter { $0.kind != .untrained }.compactMap { line in
        line.interval(metric).map { LineChart.Reference(name: line.kind.title, y: $0.mean) }
      })
  }

  private func point(of curve: Curve, _ point: CurvePoint) -> LineChart.Point? {
    guard let interval = point.interval(metric) else { return nil }
    let place =
      set.isOverEpsilon
      ? "ε = \(Number.significant(point.position, 4))" : "\(set.axis) = \(Number.significant(point.position, 6))"
    let seeds = interval.count == 1 ? "one seed" : "\(interval.count) seeds, 95 % interval"
    return LineChart.Point(
      x: point.position, y: interval.mean, bounds: interval.bounds,
      tip: "\(curve.name)\n\(place): \(metric.title) \(interval.text)\n\(seeds)")
  }
}
