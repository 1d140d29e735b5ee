import NumericalCore

/// What a model is worth on the held-out clients.
package struct EvaluationMetrics: Equatable, Sendable, Codable {
  package let examples: Int
  package let positives: Int
  /// Area under the ROC curve; a half when one class is missing. Ties within a score bin count one half.
  package let auc: Double
  /// Average precision, Σ (Rₙ − Rₙ₋₁)·Pₙ over falling score thresholds; examples in one score bin pass together.
  package let averagePrecision: Double
  /// Mean logistic loss in nats.
  package let logLoss: Double
  /// Share of examples on the right side of probability one half.
  package let accuracy: Double
  /// Expected calibration error over equal-width bins (Naeini, Cooper and Hauskrecht 2015).
  package let calibrationError: Double
  /// Share of positives ranked among the first ten of the client's candidates, averaged over clients.
  package let hitRateAt10: Double
  /// Normalised discounted cumulative gain at ten, averaged over clients.
  package let ndcgAt10: Double
  /// Clients that could be ranked.
  package let rankedClients: Int
  /// Per calibration bin: examples, mean prediction, share of positives.
  package let calibration: [CalibrationBin]

  /// One bin of a calibration plot.
  package struct CalibrationBin: Equatable, Sendable, Codable {
    package let examples: Int
    package let meanPrediction: Double
    package let positiveShare: Double
  }

  /// The metrics of a set of counters.
  package init(_ counts: EvaluationCounts) {
    typealias Layout = EvaluationCounts.Layout
    let values = counts.values
    let negativeBins = values[Layout.negatives..<Layout.negatives + Layout.scoreBins]
    let positiveBins = values[Layout.positives..<Layout.positives + Layout.scoreBins]
    let negativeCount = negativeBins.reduce(0, +)
    let positiveCount = positiveBins.reduce(0, +)
    var negativesBelow: Int64 = 0
    var twicePairsInOrder = 0.0
    for (negative, positive) in zip(negativeBins, positiveBins) {
      twicePairsInOrder += Double(positive) * Double(2 * negativesBelow + negative)
      negativesBelow += negative
    }
    let pairs = Double(negativeCount) * Double(positiveCount)
    auc = pairs > 0 ? twicePairsInOrder / (2 * pairs) : 0.5
    averagePrecision = Self.averagePrecision(negatives: negativeBins, positives: positiveBins)

    let total = Double(max(negativeCount + positiveCount, 1))
    examples = Int(negativeCount + positiveCount)
    positives = Int(positiveCount)
    logLoss = Double(values[Layout.logLoss]) / EvaluationCounts.fixedPoint / total
    accuracy = Double(values[Layout.correct]) / total
    calibration = (0..<EvaluationCounts.calibrationBins).map { bin in
      let count = values[Layout.calibrationCount + bin]
      let divisor = Double(max(count, 1))
      return CalibrationBin(
        examples: Int(count),
        meanPrediction: Double(values[Layout.calibrationPrediction + bin]) / EvaluationCounts.fixedPoint / divisor,
        positiveShare: Double(values[Layout.calibrationPositives + bin]) / divisor)
    }
    calibrationError = calibration.reduce(0) { sum, bin in
      sum + abs(bin.meanPrediction - bin.positiveShare) * Double(bin.examples) / total
    }
    rankedClients = Int(values[Layout.rankedClients])
    let clients = Double(max(rankedClients, 1))
    hitRateAt10 = Double(values[Layout.hits]) / EvaluationCounts.fixedPoint / clients
    ndcgAt10 = Double(values[Layout.discountedGain]) / EvaluationCounts.fixedPoint / clients
  }

  /// - Parameters:
  ///   - negatives: examples of label 0 in each score bin, by rising score.
  ///   - positives: the same of label 1.
  private static func averagePrecision(negatives: ArraySlice<Int64>, positives: ArraySlice<Int64>) -> Double {
    let all = positives.reduce(0, +)
    var (found, passed) = (Int64(0), Int64(0))
    var sum = 0.0
    for (negative, positive) in zip(negatives, positives).reversed() where positive > 0 || negative > 0 {
      found += positive
      passed += positive + negative
      sum += Double(positive) * (Double(found) / Double(passed))
    }
    return all > 0 ? sum / Double(all) : 0
  }
}
