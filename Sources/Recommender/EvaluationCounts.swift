import NumericalCore

/// Everything that metrics are computed from, as integer counters that add up exactly over examples, clients and
/// workers in any order.
package struct EvaluationCounts: Equatable, Sendable {
  /// Equal-width bins of the predicted probability, for calibration.
  package static let calibrationBins = 20
  /// The list length k of hit rate and NDCG.
  package static let rankingCutoff = 10
  /// Real-valued totals are kept as whole multiples of 2⁻²⁸.
  static let fixedPoint = 0x1p28
  /// Logits are held within ±256, so that no total overflows before 10⁸ examples at the largest possible loss.
  static let largestLogit: Float = 256

  /// Where each group of counters starts.
  enum Layout {
    static let octaves = 28
    static let binsPerOctave = 256
    static let sideBins = octaves * binsPerOctave
    /// Score bins: negative scores, zero, positive scores; each side is 28 octaves of 256 bins from 2⁻²⁰ to 2⁸.
    static let scoreBins = 2 * sideBins + 1
    static let negatives = 0
    static let positives = scoreBins
    static let calibrationCount = 2 * scoreBins
    static let calibrationPositives = calibrationCount + calibrationBins
    static let calibrationPrediction = calibrationPositives + calibrationBins
    static let logLoss = calibrationPrediction + calibrationBins
    static let correct = logLoss + 1
    static let rankedClients = correct + 1
    static let hits = rankedClients + 1
    static let discountedGain = hits + 1
    static let count = discountedGain + 1
  }

  /// The counters in the order of `Layout`.
  package private(set) var values: [Int64]

  /// No examples.
  package init() { values = [Int64](repeating: 0, count: Layout.count) }

  /// Counters received from elsewhere, or nil when there are not as many as there should be.
  package init?(values: [Int64]) {
    guard values.count == Layout.count else { return nil }
    self.values = values
  }

  /// Adds the counters of other clients.
  package mutating func add(_ other: EvaluationCounts) {
    for index in values.indices { values[index] &+= other.values[index] }
  }

  /// Counts one client.
  /// - Parameters:
  ///   - scores: one logit an example. One that is not a number counts as 0.
  ///   - labels: 0 or 1, as many as there are scores.
  package mutating func record(scores: [Float], labels: [Float]) {
    precondition(scores.count == labels.count)
    let scores = scores.map { $0.isNaN ? 0 : max(-Self.largestLogit, min($0, Self.largestLogit)) }
    for (score, label) in zip(scores, labels) {
      let positive = label > 0
      values[(positive ? Layout.positives : Layout.negatives) + Self.scoreBin(score)] += 1
      let logit = Double(score)
      let probability = sigmoid(logit)
      let bin = min(Int(probability * Double(Self.calibrationBins)), Self.calibrationBins - 1)
      values[Layout.calibrationCount + bin] += 1
      values[Layout.calibrationPositives + bin] += positive ? 1 : 0
      values[Layout.calibrationPrediction + bin] += Self.fixed(probability)
      values[Layout.logLoss] += Self.fixed(softplus(positive ? -logit : logit))
      values[Layout.correct] += (logit > 0) == positive ? 1 : 0
    }
    recordRanking(scores: scores, labels: labels)
  }

  /// Ranks each positive among the client's own negatives. Clients with fewer than `rankingCutoff` negatives or
  /// no positive are left out: every ranking of theirs would be a hit, or none.
  private mutating func recordRanking(scores: [Float], labels: [Float]) {
    let negatives = zip(scores, labels).filter { $0.1 <= 0 }.map(\.0).sorted()
    let positives = zip(scores, labels).filter { $0.1 > 0 }.map(\.0)
    guard negatives.count >= Self.rankingCutoff, !positives.isEmpty else { return }
    var hits = 0.0
    var gain = 0.0
    for score in positives {
      let notAbove = negatives.partitioningIndex { $0 > score }
      let below = negatives.partitioningIndex { $0 >= score }
      let above = negatives.count - notAbove
      // Among equal scores the order is a fair draw: the positive's rank is uniform over above…above + equal.
      let equal = notAbove - below
      for rank in above..<min(above + equal + 1, max(above, Self.rankingCutoff)) {
        hits += 1 / Double(equal + 1)
        gain += Self.discounts[rank] / Double(equal + 1)
      }
    }
    values[Layout.rankedClients] += 1
    values[Layout.hits] += Self.fixed(hits / Double(positives.count))
    values[Layout.discountedGain] += Self.fixed(gain / Double(positives.count))
  }

  /// 1/log₂(rank + 2) for ranks from 0 (Järvelin and Kekäläinen 2002), with one relevant item the whole NDCG.
  private static let discounts = (0..<rankingCutoff).map {
    deterministicLog(2) / deterministicLog(Double($0 + 2))
  }

  private static func fixed(_ value: Double) -> Int64 { Int64((value * fixedPoint).rounded()) }

  /// The bin of a score: monotone, and fine wherever scores are, because a bin is a 256th of an octave.
  static func scoreBin(_ score: Float) -> Int {
    let magnitude = abs(score)
    guard magnitude >= 0x1p-20 else { return Layout.sideBins }
    let smallest = Int(Float(0x1p-20).bitPattern >> 15)
    let step = min(Int(magnitude.bitPattern >> 15) - smallest, Layout.sideBins - 1)
    return score > 0 ? Layout.sideBins + 1 + step : Layout.sideBins - 1 - step
  }
}

extension Array {
  /// The first index whose element satisfies `predicate`, when all that do come last.
  fileprivate func partitioningIndex(_ predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
