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
  /// Losses from here on are those of logits that the sigmoid no longer tells apart: they equal the logit's size to
  /// within 2⁻⁴⁶, and are added up as whole multiples of the last place of their octave, so that nothing is cut, rounded
  /// or too large for a sum.
  static let largeLoss = Float(0x1p5)

  /// Where each group of counters starts.
  enum Layout {
    /// By rising score.
    static let negatives = 0
    static let positives = negatives + ScoreGrid.count
    static let calibrationCount = positives + ScoreGrid.count
    static let calibrationPositives = calibrationCount + calibrationBins
    static let calibrationPrediction = calibrationPositives + calibrationBins
    static let logLoss = calibrationPrediction + calibrationBins
    /// One an octave of losses from `largeLoss` to the largest finite number.
    static let largeLosses = logLoss + 1
    static let largeLossOctaves = 128 - 5
    static let correct = largeLosses + largeLossOctaves
    /// Examples whose logit is at least `largeLoss` from 0, whatever their label.
    static let saturated = correct + 1
    /// Examples whose logit is infinite or no number. They are in no other counter.
    static let notFinite = saturated + 1
    static let rankedClients = notFinite + 1
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
  ///   - scores: one logit an example.
  ///   - labels: 0 or 1, as many as there are scores.
  package mutating func record(scores: [Float], labels: [Float]) {
    precondition(scores.count == labels.count)
    var isRankable = true
    for (score, label) in zip(scores, labels) {
      let positive = label > 0
      guard score.isFinite else {
        values[Layout.notFinite] += 1
        isRankable = false
        continue
      }
      values[(positive ? Layout.positives : Layout.negatives) + ScoreGrid.index(score)] += 1
      let logit = Double(score)
      let probability = sigmoid(logit)
      let bin = min(Int(probability * Double(Self.calibrationBins)), Self.calibrationBins - 1)
      values[Layout.calibrationCount + bin] += 1
      values[Layout.calibrationPositives + bin] += positive ? 1 : 0
      values[Layout.calibrationPrediction + bin] += Self.fixed(probability)
      values[Layout.correct] += (logit > 0) == positive ? 1 : 0
      values[Layout.saturated] += score.magnitude >= Self.largeLoss ? 1 : 0
      recordLoss(positive ? -score : score)
    }
    if isRankable { recordRanking(scores: scores, labels: labels) }
  }

  /// - Parameter score: the logit of the class that the example is not of.
  private mutating func recordLoss(_ score: Float) {
    guard score >= Self.largeLoss else {
      values[Layout.logLoss] += Self.fixed(softplus(Double(score)))
      return
    }
    let octave = Int(score.exponent - Self.largeLoss.exponent)
    values[Layout.largeLosses + octave] += Int64(score.significandBitPattern | 1 << Float.significandBitCount)
  }

  /// The sum of all losses, in nats.
  var totalLoss: Double {
    let large = (0..<Layout.largeLossOctaves).reduce(0.0) { sum, octave in
      let lastPlace = Self.largeLoss.exponent + octave - Float.significandBitCount
      return sum + Double(values[Layout.largeLosses + octave])
        * Double(sign: .plus, exponent: lastPlace, significand: 1)
    }
    return Double(values[Layout.logLoss]) / Self.fixedPoint + large
  }

  /// Examples of label 0 in each cell of scores, by rising score.
  var negatives: ArraySlice<Int64> { values[Layout.negatives..<Layout.positives] }
  /// The same of label 1.
  var positives: ArraySlice<Int64> { values[Layout.positives..<Layout.calibrationCount] }

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
}
