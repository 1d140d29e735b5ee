import Curves
import Recommender
import Scenarios

/// What a set of curves says, in sentences that are computed from its points. Each sentence is what paired tests over
/// seeds carry, all that it says together with 95 % confidence, or says that it cannot be told.
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
      (set.isOverEpsilon
        ? price(curve) + standings(curve) : BestPlace(curve, metric: metric, axis: set.axis).sentences)
        .map { sentence in
          set.curves.count > 1
            ? "\(curve.name): \(sentence)." : "\(sentence.prefix(1).uppercased())\(sentence.dropFirst())."
        }
    }
  }

  private func epsilon(_ value: Double) -> String { "ε = \(Number.rough(value))" }

  // MARK: The price

  private func price(_ curve: Curve) -> [String] {
    guard let price = PriceOfPrivacy(curve, metric: metric) else { return [] }
    switch price.finding {
    case .cost(let cost):
      let gain = "\(Number.percent(PriceOfPrivacy.share)) of the non-private gain over \(price.base.title)"
      return ["\(gain) costs \(words(cost))"]
    case .noClearGain:
      return [
        "without privacy the model is not clearly better than \(other(price.base)), so there is no gain to price"
      ]
    case .unpaired: return ["what privacy costs cannot be told: its runs have no seed in common"]
    }
  }

  private func words(_ cost: PriceOfPrivacy.Cost) -> String {
    let estimate = cost.estimate.inWords
    let range: String
    if let interval = cost.interval {
      range = cost.isClear ? "" : " (\(words(interval.low)) to \(words(interval.high)))"
    } else {
      range = " (how far off that is cannot be told from one seed)"
    }
    guard case .moreThan = cost.estimate else { return estimate + range }
    return "\(estimate)\(range); there it is \(Number.fixed(max(0, cost.shareAtLargest) * 100, 1))\u{202F}%"
  }

  private func words(_ place: PriceOfPrivacy.Place) -> String {
    switch place {
    case .atMost(let value): "\(Number.rough(value)) or less"
    case .about(let value): Number.rough(value)
    case .moreThan(let value): "more than \(Number.rough(value))"
    }
  }

  // MARK: Against simpler models

  private func other(_ line: CurveReference.Kind) -> String {
    switch line {
    case .alone: "a model that each client trains alone"
    case .untrained: "the untrained one"
    default: line.title
    }
  }

  /// That a curve is always better, or cannot be told, is said once for all lines; the former only of a curve by itself.
  private func standings(_ curve: Curve) -> [String] {
    var sentences: [String] = []
    var beaten: [String] = []
    var untold: [String] = []
    var fewestSeeds = Int.max
    for line in [CurveReference.Kind.popularity, .alone] {
      guard let reference = curve.reference(line),
        let standing = Standing(curve, against: reference, metric: metric)
      else { continue }
      let other = other(line)
      switch standing {
      case .alwaysBetter: beaten.append(other)
      case .alwaysWorse: sentences.append("at every ε of the curve the model is worse than \(other)")
      case .neverClearlyBetter:
        sentences.append("at no ε of the curve the model is clearly better than \(other)")
      case .worseUpTo(let worse, let better):
        sentences.append("up to \(epsilon(worse)) the model is worse than \(other), \(from(better)) better")
      case .unclearUpTo(let unclear, let better):
        sentences.append(
          "up to \(epsilon(unclear)) the model is not clearly better than \(other), \(from(better)) it is")
      case .betterOnlyAt(let places):
        let list = places.map(Number.rough).joined(separator: ", ")
        sentences.append("the model is clearly better than \(other) only at ε = \(list)")
      case .cannotBeTold(let seeds):
        untold.append(other)
        fewestSeeds = min(fewestSeeds, seeds)
      }
    }
    if !beaten.isEmpty, set.curves.count == 1 {
      sentences.append("at every ε of the curve the model is better than \(beaten.joined(separator: " and than "))")
    }
    if !untold.isEmpty {
      let why = fewestSeeds == 1 ? "from one seed" : "without seeds in common"
      sentences.append(
        "whether the model is better than \(untold.joined(separator: " or than ")) cannot be told \(why)")
    }
    return sentences
  }

  private func from(_ place: Double) -> String {
    place.isFinite ? "from \(epsilon(place)) on" : "only without privacy"
  }
}

extension PriceOfPrivacy.Place {
  /// As a sentence says it.
  var inWords: String {
    switch self {
    case .atMost(let value): "ε = \(Number.rough(value)) or less"
    case .about(let value): "ε = \(Number.rough(value))"
    case .moreThan(let value): "more than ε = \(Number.rough(value))"
    }
  }
}

extension Interval {
  /// The mean with its interval.
  var text: String {
    let mean = Number.fixed(mean, 4)
    return bounds.map { "\(mean) (\(Number.fixed($0.lowerBound, 4)) to \(Number.fixed($0.upperBound, 4)))" } ?? mean
  }
}
