import Scenarios

extension Metric {
  /// The figure of a model; nil where it has no value on the held-out clients.
  package func value(_ metrics: EvaluationMetrics) -> Double? {
    switch self {
    case .auc: metrics.auc
    case .averagePrecision: metrics.averagePrecision
    case .logLoss: metrics.logLoss
    case .accuracy: metrics.accuracy
    case .calibrationError: metrics.calibrationError
    case .hitRateAt10: metrics.hitRateAt10
    case .ndcgAt10: metrics.ndcgAt10
    }
  }
}
