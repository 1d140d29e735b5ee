import Recommender
import Scenarios

/// The metrics of one model on the held-out clients.
package struct MetricValues: Equatable, Sendable {
  private var values: [Metric: Double] = [:]

  package init(_ values: [Metric: Double]) { self.values = values }

  /// - Parameter rankingOnly: leave out what a ranking without probabilities has not.
  package init(_ metrics: EvaluationMetrics, rankingOnly: Bool = false) {
    for metric in Metric.allCases where metric.needsOnlyRanking || !rankingOnly {
      values[metric] = metric.value(metrics)
    }
  }

  /// Reads what `json` writes. Keys that are no metric are left alone.
  package init(_ json: JSONValue) {
    for metric in Metric.allCases { values[metric] = json[metric.rawValue]?.asDouble }
  }

  /// nil where the metric was not measured, or has no value on the held-out clients.
  package subscript(_ metric: Metric) -> Double? { values[metric] }

  /// Every metric, null where it has no value.
  package var json: JSONValue {
    .object(
      Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.rawValue, .optional(values[$0])) }))
  }
}
