import Curves
import Recommender
import Scenarios

/// Where a curve over another key than ε is best, as far as paired tests tell.
struct BestPlace {
  /// A sentence, or none for a single place.
  let sentences: [String]

  init(_ curve: Curve, metric: Metric, axis: String) {
    let points = curve.points.compactMap { point in point.interval(metric).map { (point: point, interval: $0) } }
    let sign = metric.isHigherBetter ? 1.0 : -1
    guard points.count > 1,
      let best = points.max(by: { sign * $0.interval.mean < sign * $1.interval.mean })
    else {
      sentences = []
      return
    }
    func place(_ position: Double) -> String { Number.significant(position, 6) }
    let others = points.filter { $0.point.position != best.point.position }
    let differences = others.map { other in
      (
        at: other.point.position,
        interval: PairedDifference.between(best.point, other.point, metric: metric)?.interval
      )
    }
    // Any of the others might be the true best, so each test has its part of the 5 %.
    let close = differences.filter { difference in
      guard let interval = difference.interval else { return true }
      return sign * interval.mean <= 0 || !interval.excludesZero(amongTests: differences.count)
    }
    let extreme = metric.isHigherBetter ? "highest" : "lowest"
    let at = "at \(axis) = \(place(best.point.position)): \(best.interval.text)"
    if close.isEmpty {
      sentences = ["\(metric.title) is best \(at)"]
    } else if differences.contains(where: { ($0.interval?.count ?? 0) < 2 }) {
      let isAlone = points.allSatisfy { $0.interval.count == 1 }
      sentences = [
        "\(metric.title) is \(extreme) \(at); whether that is best cannot be told \(isAlone ? "from one seed" : "without seeds in common")"
      ]
    } else {
      let list = close.map { place($0.at) }.joined(separator: ", ")
      sentences = ["\(metric.title) is \(extreme) \(at), not clearly better than at \(list)"]
    }
  }
}
