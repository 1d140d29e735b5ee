import Coordinator
import Recommender
import Scenarios

/// The figures of a run's model and of those beside it as rows of text, for pages and terminals alike.
struct MetricsTable {
  let rows: [[String]]

  init(_ result: RunResult) {
    func row(_ name: String, _ metrics: EvaluationMetrics?, ranksOnly: Bool = false) -> [String]? {
      metrics.map { metrics in
        [name]
          + Metric.allCases.map { ranksOnly && !$0.needsOnlyRanking ? "–" : Number.fixed($0.value(metrics), 4) }
      }
    }
    rows = [
      row("best reachable", result.metrics.bestReachable), row("model", result.metrics.final),
      row("shared part", result.metrics.sharedPart),
      row("popularity", result.metrics.popularity, ranksOnly: true), row("untrained", result.metrics.untrained),
    ].compactMap { $0 }
  }
}
