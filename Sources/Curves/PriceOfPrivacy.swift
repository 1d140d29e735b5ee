import NumericalCore
import Recommender

/// What a curve over ε says in words: how much ε a good model costs, and below which ε it is not worth having.
package struct PriceOfPrivacy: Sendable {
  /// An ε that was looked for.
  package enum Cost: Equatable, Sendable {
    /// Already the least ε of the curve is enough.
    case atMost(Double)
    /// Not even the largest finite ε of the curve is enough.
    case moreThan(Double)
    /// Interpolated between two points, with what the ends of the confidence intervals give where they give something.
    case about(Double, low: Double?, high: Double?)
  }

  /// How a curve does against a line.
  package enum Standing: Equatable, Sendable {
    /// Better at every ε.
    case alwaysBetter
    /// Better at no ε.
    case neverBetter
    /// Worse below this ε.
    case worseBelow(Double)
    /// Up to this ε no clear difference, better beyond.
    case unclearUpTo(Double)
  }

  /// The share of the non-private gain that is priced.
  package static let share = 0.95

  /// What gains are measured from.
  package let base: CurveReference.Kind
  /// What `share` of the gain costs; nil where there is no run without privacy, or where it gains nothing.
  package let cost: Cost?
  /// The share of the gain that is had at the largest finite ε.
  package let shareAtLargest: Double?
  /// Against popularity and against each client alone, where these are known.
  package let standings: [(line: CurveReference.Kind, standing: Standing)]

  /// - Returns: nil for a curve without a finite ε.
  package init?(_ curve: Curve, metric: Metric) {
    let finite = curve.points.filter { $0.position.isFinite && $0.position > 0 && $0.interval(metric) != nil }
    guard let least = finite.first, let most = finite.last else { return nil }
    let sign = metric.isHigherBetter ? 1.0 : -1
    let lines: [CurveReference.Kind] = [.popularity, .alone]
    standings = lines.compactMap { kind in
      curve.reference(kind).flatMap { Self.standing(curve, $0, metric: metric) }.map { (kind, $0) }
    }
    let isRanked = curve.reference(.popularity)?.interval(metric) != nil
    base = isRanked ? .popularity : .untrained
    guard let baseline = curve.reference(base), let from = baseline.interval(metric)?.mean,
      let open = curve.points.last, open.position == .infinity, let to = open.interval(metric)?.mean,
      sign * (to - from) > 0, let reached = most.interval(metric)?.mean
    else {
      cost = nil
      shareAtLargest = nil
      return
    }
    shareAtLargest = (reached - from) / (to - from)
    let target = Self.target(from: baseline, to: open, metric: metric)
    let differences = PairedDifference.between(curve, target, metric: metric).filter(\.position.isFinite)
    func crossing(_ value: (Interval) -> Double) -> Cost? {
      Self.lastCrossing(differences.map { ($0.position, sign * value($0.interval)) })
    }
    guard case .about(let epsilon, _, _)? = crossing(\.mean) else {
      cost = crossing(\.mean)
      return
    }
    // Where the better end of the interval crosses, less ε may do; where its worse end crosses, more may be needed.
    let better = crossing { metric.isHigherBetter ? $0.high : $0.low }
    let worse = crossing { metric.isHigherBetter ? $0.low : $0.high }
    cost = .about(epsilon, low: better?.interpolated ?? least.position, high: worse?.interpolated)
  }

  /// What has to be reached, seed by seed: differences within a seed are sharper than those of means.
  private static func target(from base: CurveReference, to open: CurvePoint, metric: Metric) -> CurveReference {
    let values = open.outcomes.compactMap { outcome -> SeedValues? in
      guard let high = outcome.metrics[metric],
        let low = base.values.first(where: { $0.seed == outcome.seed })?.values[metric]
      else { return nil }
      return SeedValues(seed: outcome.seed, values: MetricValues([metric: low + share * (high - low)]))
    }
    return CurveReference(kind: base.kind, values: values)
  }

  /// The place from which on values stay at or above 0, in straight lines over ln ε.
  /// - Parameter values: by rising ε.
  private static func lastCrossing(_ values: [(at: Double, value: Double)]) -> Cost? {
    guard !values.isEmpty else { return nil }
    guard let below = values.lastIndex(where: { $0.value < 0 }) else { return .atMost(values[0].at) }
    guard below + 1 < values.count else { return .moreThan(values[below].at) }
    return .about(interpolate(values[below], values[below + 1]), low: nil, high: nil)
  }

  /// Where a straight line over ln ε is 0.
  private static func interpolate(_ a: (at: Double, value: Double), _ b: (at: Double, value: Double)) -> Double {
    let share = -a.value / (b.value - a.value)
    let (from, to) = (deterministicLog(a.at), deterministicLog(b.at))
    return deterministicExp(from + share * (to - from))
  }

  private static func standing(_ curve: Curve, _ line: CurveReference, metric: Metric) -> Standing? {
    let sign = metric.isHigherBetter ? 1.0 : -1
    let differences = PairedDifference.between(curve, line, metric: metric).filter { $0.position > 0 }
    guard !differences.isEmpty else { return nil }
    func isBetter(_ difference: PairedDifference) -> Bool {
      sign * difference.interval.mean > 0 && (difference.isReal || difference.interval.count == 1)
    }
    guard let last = differences.lastIndex(where: { !isBetter($0) }) else { return .alwaysBetter }
    guard last + 1 < differences.count else { return .neverBetter }
    let (here, next) = (differences[last], differences[last + 1])
    if sign * here.interval.mean < 0, next.position.isFinite {
      return .worseBelow(
        interpolate((here.position, sign * here.interval.mean), (next.position, sign * next.interval.mean)))
    }
    return .unclearUpTo(here.position)
  }
}

extension PriceOfPrivacy.Cost {
  fileprivate var interpolated: Double? { if case .about(let epsilon, _, _) = self { epsilon } else { nil } }
}
