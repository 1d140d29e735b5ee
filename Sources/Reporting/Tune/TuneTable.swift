import Curves
import Recommender
import Scenarios
import Tuning

/// The settings that one search chose, by ε, with what they came to on the populations that they were chosen on and on
/// others.
struct TuneTable {
  let head: [String]
  let rows: [[String]]

  init(_ family: TuningResult.Family, in set: CurveSet, metric: Metric) {
    let curve = set.curves.first { $0.name == family.name }
    let written = set.curves.first { $0.name == TuningResult.writtenName }
    let gains = curve.flatMap { curve in written.map { PairedDifference.between(curve, $0, metric: metric) } } ?? []
    let names = family.keys.map { path in
      let last = path.split(separator: ".").last.map(String.init) ?? path
      let isAlone = family.keys.count { $0 == last || $0.hasSuffix(".\(last)") } == 1
      return isAlone ? last : path.split(separator: ".").suffix(2).joined(separator: ".")
    }
    head = ["ε", "gain", "reported", "searched", "as written"] + names
    rows = family.choices.map { choice in
      let values = family.keys.map { path in
        choice.settings.first { $0.path == path }.map { $0.value.inWords }
          ?? (choice.settings.isEmpty ? "as written" : "–")
      }
      let reported = curve?.points.first { $0.position == choice.position }?.interval(metric)
      let gain = gains.first { $0.position == choice.position }?.interval
      return [
        choice.position.isFinite ? Number.significant(choice.position, 6) : "∞",
        gain.map(DifferenceTable.text) ?? "–", Number.fixed(reported?.mean, 4),
        Number.fixed(choice.searched.chosen, 4), Number.fixed(choice.searched.written, 4),
      ] + values
    }
  }

  /// Which keys were free, which mattered, and how many settings make no run.
  static func note(_ family: TuningResult.Family, runs: Int) -> String {
    let keys = family.keys.joined(separator: ", ")
    var text = "Free: \(keys); everything else is held fixed. \(runs) runs at each ε."
    text += " Searched and as written are of the populations that settings are chosen on."
    if !family.importance.isEmpty {
      let shares = family.importance.map { "\($0.path) \(Number.percent($0.share))" }
      text +=
        " Of the spread over the search's design a key explains by itself: \(shares.joined(separator: ", "))."
    }
    let failed = family.choices.reduce(0) { $0 + $1.failed }
    if failed > 0 {
      text += " \(failed) settings make no run: no valid scenario, or no noise that gives the guarantee."
    }
    return text
  }
}
