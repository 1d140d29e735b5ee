import Recommender
import Scenarios

/// How far two curves are apart at one place. Both were run with the same seeds, and a seed fixes the population, the
/// cohorts and the noise; differences within seeds are sharper than the spread of either curve.
package struct PairedDifference: Equatable, Sendable {
  /// The place on the axis.
  package let position: Double
  /// First less second, over the seeds that both have.
  package let interval: Interval

  /// Whether the 95 % interval excludes no difference at all.
  package var isReal: Bool { interval.excludesZero() }

  /// The differences at every place at which both curves have a common seed, by rising position.
  package static func between(_ first: Curve, _ second: Curve, metric: Metric) -> [PairedDifference] {
    first.points.compactMap { point in
      guard let other = second.points.first(where: { $0.position == point.position }) else { return nil }
      return between(point, other, metric: metric)
    }
  }

  /// The difference between two points, at the place of the first; nil without a common seed.
  package static func between(_ first: CurvePoint, _ second: CurvePoint, metric: Metric) -> PairedDifference? {
    between(values(of: first, metric), values(of: second, metric)).map {
      PairedDifference(position: first.position, interval: $0)
    }
  }

  /// The differences between a curve and a line, by rising position.
  static func between(_ curve: Curve, _ line: CurveReference, metric: Metric) -> [PairedDifference] {
    curve.points.compactMap { between($0, line, metric: metric) }
  }

  /// The difference between a point and a line; nil without a common seed.
  static func between(_ point: CurvePoint, _ line: CurveReference, metric: Metric) -> PairedDifference? {
    let fixed = line.values.map { (seed: $0.seed, value: $0.values[metric]) }
    return between(values(of: point, metric), fixed).map {
      PairedDifference(position: point.position, interval: $0)
    }
  }

  private static func values(of point: CurvePoint, _ metric: Metric) -> [(seed: UInt64, value: Double?)] {
    point.outcomes.map { ($0.seed, $0.metrics[metric]) }
  }

  private static func between(
    _ first: [(seed: UInt64, value: Double?)], _ second: [(seed: UInt64, value: Double?)]
  ) -> Interval? {
    let differences = first.compactMap { seed, value -> Double? in
      guard let value, let other = second.first(where: { $0.seed == seed })?.value else { return nil }
      return value - other
    }
    return differences.isEmpty ? nil : Interval(differences)
  }
}
