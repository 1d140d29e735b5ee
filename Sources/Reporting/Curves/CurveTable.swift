import Curves
import Recommender
import Scenarios

/// The figures of a set of curves as rows of text, for pages and terminals alike.
struct CurveTable {
  let head: [String]
  let rows: [[String]]

  init(_ set: CurveSet, metric: Metric) {
    let names = set.curves.count > 1
    let position = set.isOverEpsilon ? "ε" : set.axis.split(separator: ".").last.map(String.init) ?? set.axis
    let isOpen = set.curves.contains { $0.points.last?.position == .infinity && $0.points.count > 1 }
    head =
      (names ? ["curve"] : []) + [position, "accounted ε", "noise multiplier", metric.title, "95 % interval"]
      + (isOpen ? ["against ∞, same seed"] : []) + ["seeds"]
    rows = set.curves.flatMap { curve in
      let open = curve.points.last.flatMap { $0.position == .infinity ? $0 : nil }
      return curve.points.map { point -> [String] in
        let interval = point.interval(metric)
        let accounted = point.epsilon.map { Number.fixed($0, 3) } ?? "none"
        return (names ? [curve.name] : []) + [
          Number.significant(point.position, 6), accounted,
          point.outcomes.first?.noiseMultiplier.map { Number.fixed($0, 4) } ?? "–",
          interval.map { Number.fixed($0.mean, 4) } ?? "–",
          interval?.bounds.map { "\(Number.fixed($0.lowerBound, 4)) to \(Number.fixed($0.upperBound, 4))" } ?? "–",
        ] + (isOpen ? [Self.cost(of: point, against: open, metric)] : []) + [Self.seeds(of: point, interval)]
      }
    }
  }

  /// How many seeds there are, and how many of them have a value where some have none.
  private static func seeds(of point: CurvePoint, _ interval: Interval?) -> String {
    let (all, measured) = (point.outcomes.count, interval?.count ?? 0)
    return measured == all ? "\(all)" : "\(measured) of \(all)"
  }

  /// What a point loses against the run without privacy.
  private static func cost(of point: CurvePoint, against open: CurvePoint?, _ metric: Metric) -> String {
    guard let open, point.position.isFinite else { return "–" }
    return PairedDifference.between(point, open, metric: metric).map { DifferenceTable.text($0.interval) } ?? "–"
  }

  /// The lines that curves are read against: those of all, and then, curve by curve, those that differ.
  static func references(_ set: CurveSet, metric: Metric) -> [[String]] {
    let shared = set.sharedReferences
    func row(_ line: CurveReference, of name: String?) -> [String]? {
      line.interval(metric).map { [(name.map { "\($0): " } ?? "") + line.kind.title, $0.text] }
    }
    let own = set.curves.flatMap { curve in
      curve.references.filter { line in !shared.contains { $0.kind == line.kind } }
        .compactMap { row($0, of: curve.name) }
    }
    return shared.compactMap { row($0, of: nil) } + own
  }
}
