import NumericalCore
import Recommender
import Scenarios

/// What a curve over ε says in words: how much ε a good model costs. What it is worth against simpler models is
/// `Standing`.
package struct PriceOfPrivacy: Equatable, Sendable {
  /// A place on the axis of ε.
  package enum Place: Equatable, Sendable {
    /// Already the least ε of the curve is enough.
    case atMost(Double)
    /// Interpolated between two points.
    case about(Double)
    /// Not even the largest finite ε of the curve is enough.
    case moreThan(Double)
  }

  /// What `share` of the gain costs.
  package struct Cost: Equatable, Sendable {
    package let estimate: Place
    /// The 95 % confidence interval: every ε at which a paired test does not tell the model from the wanted one. nil
    /// where a place has one seed only.
    package let interval: Interval?
    /// The share of the gain that is had at the largest finite ε, over the seeds that all have.
    package let shareAtLargest: Double

    /// The ends of the interval.
    package struct Interval: Equatable, Sendable {
      package let low: Place
      package let high: Place
    }

    /// Whether the interval says no more than the estimate.
    package var isClear: Bool {
      switch estimate {
      case .atMost: interval?.high == estimate
      case .moreThan: interval?.low == estimate
      case .about: false
      }
    }
  }

  /// What came of looking for a price.
  package enum Finding: Equatable, Sendable {
    case cost(Cost)
    /// The run without privacy is not clearly better than what gains are measured from.
    case noClearGain
    /// No seed is in the run without privacy and in what gains are measured from.
    case unpaired
  }

  /// The share of the non-private gain that is priced.
  package static let share = 0.95

  /// What gains are measured from: popularity, or the untrained model where there is none.
  package let base: CurveReference.Kind
  package let finding: Finding

  /// - Returns: nil for a curve without a finite ε, without a run without privacy, or with nothing to measure gains from.
  package init?(_ curve: Curve, metric: Metric) {
    let finite = curve.points.filter { $0.position.isFinite && $0.position > 0 && $0.interval(metric) != nil }
    let isRanked = curve.reference(.popularity)?.interval(metric) != nil
    base = isRanked ? .popularity : .untrained
    guard let most = finite.last, let baseline = curve.reference(base), baseline.interval(metric) != nil,
      let open = curve.points.last, open.position == .infinity, open.interval(metric) != nil
    else { return nil }
    guard let gain = PairedDifference.between(open, baseline, metric: metric)?.interval else {
      finding = .unpaired
      return
    }
    let sign = metric.isHigherBetter ? 1.0 : -1
    guard sign * gain.mean > 0, gain.count == 1 || gain.excludesZero() else {
      finding = .noClearGain
      return
    }
    let target = Self.target(from: baseline, to: open, metric: metric)
    let differences = PairedDifference.between(curve, target, metric: metric)
      .filter { $0.position.isFinite && $0.position > 0 }
    guard let estimate = Self.lastCrossing(differences.map { ($0.position, sign * $0.interval.mean) }),
      let reached = PairedDifference.between(most, baseline, metric: metric)?.interval
    else {
      finding = .unpaired
      return
    }
    finding = .cost(
      Cost(
        estimate: estimate, interval: Self.interval(differences, sign: sign),
        shareAtLargest: reached.mean / gain.mean))
  }

  /// Where the better end of the paired interval crosses, less ε may do; where its worse end crosses, more may be needed.
  private static func interval(_ differences: [PairedDifference], sign: Double) -> Cost.Interval? {
    let ends = differences.compactMap { difference in
      difference.interval.bounds.map { bounds in
        (
          at: difference.position, better: max(sign * bounds.lowerBound, sign * bounds.upperBound),
          worse: min(sign * bounds.lowerBound, sign * bounds.upperBound)
        )
      }
    }
    guard ends.count == differences.count, let low = lastCrossing(ends.map { ($0.at, $0.better) }),
      let high = lastCrossing(ends.map { ($0.at, $0.worse) })
    else { return nil }
    return Cost.Interval(low: low, high: high)
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
  private static func lastCrossing(_ values: [(at: Double, value: Double)]) -> Place? {
    guard !values.isEmpty else { return nil }
    guard let below = values.lastIndex(where: { $0.value < 0 }) else { return .atMost(values[0].at) }
    guard below + 1 < values.count else { return .moreThan(values[below].at) }
    return .about(interpolate(values[below], values[below + 1]))
  }

  /// Where a straight line over ln ε is 0.
  private static func interpolate(_ a: (at: Double, value: Double), _ b: (at: Double, value: Double)) -> Double {
    let share = -a.value / (b.value - a.value)
    let (from, to) = (deterministicLog(a.at), deterministicLog(b.at))
    return deterministicExp(from + share * (to - from))
  }
}
