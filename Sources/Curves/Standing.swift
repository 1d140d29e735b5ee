import Recommender
import Scenarios

/// How a curve does against a line: at each place by the paired test, all places together with 95 % confidence.
package enum Standing: Equatable, Sendable {
  /// Clearly better at every place.
  case alwaysBetter
  /// Clearly worse at every place.
  case alwaysWorse
  /// Clearly better at no place.
  case neverClearlyBetter
  /// Clearly worse up to one place, and clearly better from the next on.
  case worseUpTo(Double, betterFrom: Double)
  /// Clearly better at no place up to one, and at all from the next on.
  case unclearUpTo(Double, betterFrom: Double)
  /// Clearly better at these places, with others between or after them.
  case betterOnlyAt([Double])
  /// A place has no two seeds that the line has too. `seeds`: the fewest in common.
  case cannotBeTold(seeds: Int)

  /// - Returns: nil where the metric of curve or line was not measured.
  package init?(_ curve: Curve, against line: CurveReference, metric: Metric) {
    let measured = curve.points.filter { $0.position > 0 && $0.interval(metric) != nil }
    guard !measured.isEmpty, line.interval(metric) != nil else { return nil }
    let differences = measured.map { PairedDifference.between($0, line, metric: metric)?.interval }
    let seeds = differences.map { $0?.count ?? 0 }.min() ?? 0
    guard seeds > 1 else {
      self = .cannotBeTold(seeds: seeds)
      return
    }
    let sign = metric.isHigherBetter ? 1.0 : -1
    // 1: better, −1: worse, 0: not clear.
    let verdicts = differences.map { interval in
      guard let interval, interval.excludesZero(amongTests: differences.count) else { return 0 }
      return sign * interval.mean > 0 ? 1 : -1
    }
    self = Standing(verdicts, at: measured.map(\.position))
  }

  private init(_ verdicts: [Int], at positions: [Double]) {
    guard let lastUnclear = verdicts.lastIndex(where: { $0 != 1 }) else {
      self = .alwaysBetter
      return
    }
    let next = lastUnclear + 1
    if verdicts.allSatisfy({ $0 == -1 }) {
      self = .alwaysWorse
    } else if !verdicts.contains(1) {
      self = .neverClearlyBetter
    } else if verdicts[..<next].contains(1) {
      self = .betterOnlyAt(zip(positions, verdicts).filter { $0.1 == 1 }.map(\.0))
    } else if verdicts[..<next].allSatisfy({ $0 == -1 }) {
      self = .worseUpTo(positions[lastUnclear], betterFrom: positions[next])
    } else {
      self = .unclearUpTo(positions[lastUnclear], betterFrom: positions[next])
    }
  }
}
