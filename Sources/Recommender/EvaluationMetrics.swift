import NumericalCore

/// What a model is worth on the held-out clients. A metric that has no value on them is nil: there is no ranking of one
/// class, and no mean over nobody.
package struct EvaluationMetrics: Equatable, Sendable, Codable {
  package let examples: Int
  package let positives: Int
  /// Area under the ROC curve; nil where one class is missing. See `ScoreHistogram`.
  package let auc: Double?
  /// The same with all logits in one cell of `ScoreGrid` as equal, to within about 10⁻³: what digests of runs are made of,
  /// so that they do not depend on how closely logits are told apart.
  package let coarseAUC: Double?
  /// Average precision; nil without positives.
  package let averagePrecision: Double?
  /// Mean logistic loss in nats; nil without examples.
  package let logLoss: Double?
  /// Share of examples on the right side of probability one half; nil without examples.
  package let accuracy: Double?
  /// Expected calibration error over equal-width bins (Naeini, Cooper and Hauskrecht 2015); nil without examples.
  package let calibrationError: Double?
  /// Share of positives ranked among the first ten of the client's candidates, averaged over clients; nil where no client
  /// can be ranked.
  package let hitRateAt10: Double?
  /// Normalised discounted cumulative gain at ten, averaged over clients; nil where no client can be ranked.
  package let ndcgAt10: Double?
  /// Clients that could be ranked.
  package let rankedClients: Int
  /// Examples whose logit is so far from 0 that the sigmoid no longer tells it from others: by 32 or more.
  package let saturatedExamples: Int
  /// Examples whose logit is infinite or no number. Where there is one, no metric has a value.
  package let notFiniteExamples: Int
  /// Per calibration bin: examples, mean prediction, share of positives.
  package let calibration: [CalibrationBin]

  /// One bin of a calibration plot.
  package struct CalibrationBin: Equatable, Sendable, Codable {
    package let examples: Int
    package let meanPrediction: Double
    package let positiveShare: Double
  }

  /// The metrics of a set of counters.
  package init(_ counts: EvaluationCounts) { self.init(counts, ranking: ScoreHistogram(counts)) }

  /// - Parameter ranking: of the same examples, in finer cells.
  package init(_ counts: EvaluationCounts, ranking: ScoreHistogram) {
    typealias Layout = EvaluationCounts.Layout
    let values = counts.values
    let isFinite = values[Layout.notFinite] == 0
    func defined(_ value: Double?) -> Double? { isFinite ? value : nil }

    let counted = ranking.negatives + ranking.positives
    examples = Int(counted + values[Layout.notFinite])
    positives = Int(ranking.positives)
    notFiniteExamples = Int(values[Layout.notFinite])
    saturatedExamples = Int(values[Layout.saturated])
    auc = defined(ranking.auc)
    coarseAUC = defined(ranking.coarseAUC)
    averagePrecision = defined(ranking.averagePrecision)

    func mean(_ sum: Double) -> Double? { defined(counted > 0 ? sum / Double(counted) : nil) }
    logLoss = mean(counts.totalLoss)
    accuracy = mean(Double(values[Layout.correct]))
    calibration = (0..<EvaluationCounts.calibrationBins).map { bin in
      let count = values[Layout.calibrationCount + bin]
      let divisor = Double(max(count, 1))
      return CalibrationBin(
        examples: Int(count),
        meanPrediction: Double(values[Layout.calibrationPrediction + bin]) / EvaluationCounts.fixedPoint / divisor,
        positiveShare: Double(values[Layout.calibrationPositives + bin]) / divisor)
    }
    let total = Double(max(counted, 1))
    let error = calibration.reduce(0) { sum, bin in
      sum + abs(bin.meanPrediction - bin.positiveShare) * Double(bin.examples) / total
    }
    calibrationError = defined(counted > 0 ? error : nil)

    let clients = Int(values[Layout.rankedClients])
    rankedClients = clients
    func perClient(_ sum: Int64) -> Double? {
      defined(clients > 0 ? Double(sum) / EvaluationCounts.fixedPoint / Double(clients) : nil)
    }
    hitRateAt10 = perClient(values[Layout.hits])
    ndcgAt10 = perClient(values[Layout.discountedGain])
  }
}
