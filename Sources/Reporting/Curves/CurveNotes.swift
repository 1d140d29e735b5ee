import Curves
import Recommender
import Scenarios

/// What a reader of curves has to know before using or publishing them, a sentence or two each.
struct CurveNotes {
  private let set: CurveSet
  private let metric: Metric

  init(_ set: CurveSet, metric: Metric) {
    self.set = set
    self.metric = metric
  }

  private var runs: [RunOutcome] { self.set.curves.flatMap { $0.points.flatMap(\.outcomes) } }

  /// Runs whose metric has no value; nil where all have one.
  var undefined: String? {
    let without = runs.count { $0.metrics[metric] == nil }
    if without == 0 { return nil }
    return
      "\(metric.title) has no value in \(without) of \(runs.count) runs, which are left out of means and intervals: held-out clients have one class only, or cannot be ranked, or logits are not finite."
  }

  /// What publishing a sweep means; nil where no run has a guarantee.
  var publishing: String? {
    guard runs.contains(where: { $0.epsilon != nil }) else { return nil }
    return
      "Each ε is that of its run alone: it holds where that run alone is published and its seed is secret. Runs of one seed share their noise, and what two of them release together can cancel it (with noise multipliers 1 and 2, twice the first model less the second has none left). So no two runs of one seed over private data may be published, nor figures made from them; runs with independent secret seeds may, and their ε add up."
  }
}
