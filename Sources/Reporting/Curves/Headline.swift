import Curves
import Recommender

/// What a set of curves says, in sentences that are computed from its points.
struct Headline {
  private let set: CurveSet
  private let metric: Metric
  /// More curves than this are told by their drawing.
  private static let mostCurves = 6

  init(_ set: CurveSet, metric: Metric) {
    self.set = set
    self.metric = metric
  }

  var sentences: [String] {
    let told = set.curves.prefix(Self.mostCurves)
    return told.flatMap { curve in
      (set.isOverEpsilon ? price(curve) : best(curve)).map { sentence in
        set.curves.count > 1
          ? "\(curve.name): \(sentence)." : "\(sentence.prefix(1).uppercased())\(sentence.dropFirst())."
      }
    }
  }

  private func epsilon(_ value: Double) -> String { "ε = \(Number.rough(value))" }

  private func price(_ curve: Curve) -> [String] {
    guard let price = PriceOfPrivacy(curve, metric: metric) else { return [] }
    return [price.cost.map { sentence($0, price) }].compactMap { $0 } + standings(price)
  }

  private func sentence(_ cost: PriceOfPrivacy.Cost, _ price: PriceOfPrivacy) -> String {
    let gain = "\(Number.percent(PriceOfPrivacy.share)) of the non-private gain over \(price.base.title)"
    switch cost {
    case .atMost(let least): return "\(gain) costs \(epsilon(least)) or less"
    case .moreThan(let most):
      let share = price.shareAtLargest.map { "; there it is \(Number.fixed(max(0, $0) * 100, 1))\u{202F}%" } ?? ""
      return "\(gain) costs more than \(epsilon(most))\(share)"
    case .about(let value, let low?, let high?) where low < high:
      return "\(gain) costs \(epsilon(value)) (\(Number.rough(low)) to \(Number.rough(high)))"
    case .about(let value, let low?, nil):
      return "\(gain) costs \(epsilon(value)) (at least \(Number.rough(low)))"
    case .about(let value, _, _): return "\(gain) costs \(epsilon(value))"
    }
  }

  /// How the curve does against popularity and against each client alone. That it is always better is said once, and
  /// only of a curve by itself.
  private func standings(_ price: PriceOfPrivacy) -> [String] {
    var sentences: [String] = []
    var beaten: [String] = []
    for (line, standing) in price.standings {
      let other = line == .alone ? "a model that each client trains alone" : line.title
      switch standing {
      case .alwaysBetter: beaten.append(other)
      case .neverBetter: sentences.append("at no ε of the curve the model is better than \(other)")
      case .worseBelow(let value): sentences.append("below \(epsilon(value)) the model is no better than \(other)")
      case .unclearUpTo(let value):
        sentences.append("up to \(epsilon(value)) the model is not clearly better than \(other)")
      }
    }
    if !beaten.isEmpty, set.curves.count == 1 {
      sentences.append("at every ε of the curve the model is better than \(beaten.joined(separator: " and than "))")
    }
    return sentences
  }

  /// Where a curve over another key is best.
  private func best(_ curve: Curve) -> [String] {
    let points = curve.points.compactMap { point in point.interval(metric).map { (point.position, $0) } }
    let sign = metric.isHigherBetter ? 1.0 : -1
    guard points.count > 1, let best = points.max(by: { sign * $0.1.mean < sign * $1.1.mean }) else { return [] }
    return [
      "\(metric.title) is best at \(set.axis) = \(Number.significant(best.0, 6)): \(best.1.text)"
    ]
  }
}

extension Interval {
  /// The mean with its interval.
  var text: String {
    let mean = Number.fixed(mean, 4)
    return bounds.map { "\(mean) (\(Number.fixed($0.lowerBound, 4)) to \(Number.fixed($0.upperBound, 4)))" } ?? mean
  }
}
