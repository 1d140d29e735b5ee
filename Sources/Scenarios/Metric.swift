/// A figure of merit that tables, curves and comparisons can be about.
package enum Metric: String, CaseIterable, Sendable {
  case auc
  case averagePrecision
  case logLoss
  case accuracy
  case calibrationError
  case hitRateAt10
  case ndcgAt10

  /// As a sentence or an axis says it.
  package var title: String {
    switch self {
    case .auc: "AUC"
    case .averagePrecision: "average precision"
    case .logLoss: "log loss"
    case .accuracy: "accuracy"
    case .calibrationError: "calibration error"
    case .hitRateAt10: "hit rate at 10"
    case .ndcgAt10: "NDCG at 10"
    }
  }

  /// As the head of a narrow column says it.
  package var shortTitle: String {
    switch self {
    case .averagePrecision: "AP"
    case .calibrationError: "ECE"
    case .hitRateAt10: "HR@10"
    case .ndcgAt10: "NDCG@10"
    default: title
    }
  }

  /// Whether a larger value is a better model.
  package var isHigherBetter: Bool { self != .logLoss && self != .calibrationError }

  /// Whether it can be computed from a ranking alone. The others need probabilities, which popularity has not.
  package var needsOnlyRanking: Bool {
    switch self {
    case .auc, .averagePrecision, .hitRateAt10, .ndcgAt10: true
    case .logLoss, .accuracy, .calibrationError: false
    }
  }
}
