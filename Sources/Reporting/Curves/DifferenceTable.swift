import Curves
import Recommender
import Scenarios

/// Which of several curves is better, place by place.
struct DifferenceTable {
  /// One line of the table.
  struct Row {
    let first: String
    let second: String
    let position: Double
    /// nil without a common seed.
    let interval: Interval?
    let verdict: String
  }

  let rows: [Row]
  /// With many curves each is compared with the first only; this says so.
  let note: String?

  /// Up to this many curves every pair is compared.
  private static let mostPaired = 4

  /// - Returns: nil where no two curves have a place in common.
  init?(_ set: CurveSet, metric: Metric) {
    let curves = set.curves
    let everyPair = curves.count <= Self.mostPaired
    var rows: [Row] = []
    for first in curves.indices {
      for second in curves.indices where second > first && (everyPair || first == 0) {
        for (one, other) in Self.sharedPlaces(curves[second], curves[first], metric) {
          let difference = PairedDifference.between(one, other, metric: metric)
          rows.append(
            Row(
              first: curves[second].name, second: curves[first].name, position: one.position,
              interval: difference?.interval,
              verdict: difference.map { Self.verdict($0, metric) } ?? "no common seed: cannot be told"))
        }
      }
    }
    if rows.isEmpty { return nil }
    self.rows = rows
    note = everyPair ? nil : "Each curve is compared with the first, \(curves[0].name)."
  }

  /// The places at which both curves have a value.
  private static func sharedPlaces(_ first: Curve, _ second: Curve, _ metric: Metric) -> [(CurvePoint, CurvePoint)]
  {
    first.points.compactMap { point in
      guard point.interval(metric) != nil,
        let other = second.points.first(where: { $0.position == point.position }),
        other.interval(metric) != nil
      else { return nil }
      return (point, other)
    }
  }

  private static func verdict(_ difference: PairedDifference, _ metric: Metric) -> String {
    if difference.interval.mean == 0 { return "the same" }
    if difference.interval.count < 2 { return "one common seed: cannot be told" }
    if !difference.isReal { return "no clear difference" }
    return (difference.interval.mean > 0) == metric.isHigherBetter ? "better" : "worse"
  }

  /// A difference with its sign.
  static func text(_ interval: Interval?) -> String {
    guard let interval else { return "–" }
    func signed(_ value: Double) -> String { (value < 0 ? "−" : "+") + Number.fixed(abs(value), 4) }
    return interval.bounds.map {
      "\(signed(interval.mean)) (\(signed($0.lowerBound)) to \(signed($0.upperBound)))"
    } ?? signed(interval.mean)
  }
}
