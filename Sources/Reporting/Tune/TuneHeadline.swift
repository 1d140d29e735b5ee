import Curves
import Recommender
import Scenarios
import Tuning

/// What a search says in sentences: how much of the price of privacy was the price of not tuning.
struct TuneHeadline {
  let set: CurveSet
  let metric: Metric

  private var written: Curve? { self.set.curves.first { $0.name == TuningResult.writtenName } }
  private var tuned: [Curve] { self.set.curves.filter { $0.name != TuningResult.writtenName } }

  var sentences: [String] {
    guard let written else { return [] }
    return tuned.compactMap { price($0, instead: written) } + tuned.flatMap { gains($0, over: written) }
  }

  /// The prices side by side, each of its own curve's gain.
  private func price(_ curve: Curve, instead written: Curve) -> String? {
    guard case .cost(let now)? = PriceOfPrivacy(curve, metric: metric)?.finding,
      case .cost(let before)? = PriceOfPrivacy(written, metric: metric)?.finding
    else { return nil }
    let share = Number.percent(PriceOfPrivacy.share)
    return
      "\(curve.name.prefix(1).uppercased())\(curve.name.dropFirst()), \(share) of the gain costs \(now.estimate.inWords) instead of \(before.estimate.inWords)."
  }

  /// At the least and the largest ε: the paired gain, and its share of what the setting as written loses to privacy.
  private func gains(_ curve: Curve, over written: Curve) -> [String] {
    let finite = PairedDifference.between(curve, written, metric: metric).filter { $0.position.isFinite }
    guard let first = finite.first, let last = finite.last else { return [] }
    let open = written.points.first { $0.position == .infinity }?.interval(metric)?.mean
    return (first == last ? [first] : [first, last]).map { gain in
      let place = "\(curve.name), at ε = \(Number.rough(gain.position))"
      guard gain.interval.count > 1 else {
        return "\(place): one seed of the report does not tell it from the scenario as written."
      }
      guard gain.isReal else { return "\(place): no clear difference from the scenario as written." }
      let better = (gain.interval.mean > 0) == metric.isHigherBetter
      var text =
        "\(place): \(metric.title) \(better ? "better" : "worse") by \(Number.fixed(gain.interval.mean.magnitude, 3))"
      let here = written.points.first { $0.position == gain.position }?.interval(metric)?.mean
      if better, let open, let here, (open - here > 0) == metric.isHigherBetter, open != here {
        let share = gain.interval.mean / (open - here)
        text += ", \(Number.percent(share)) of what the scenario as written loses to privacy there"
      }
      return text + "."
    }
  }
}
