import Foundation
import NumericalCore
import Recommender
import Scenarios
import Testing

@Suite("Evaluation")
struct EvaluationTests {
  /// A client's random scores and labels; scores come from a coarse grid where `ties` asks for equal ones.
  private func client(_ index: Int, examples: Int, ties: Bool = false) -> (scores: [Float], labels: [Float]) {
    var stream = RandomStream(seed: 77, purpose: .examples, client: index)
    var scores: [Float] = []
    var labels: [Float] = []
    for _ in 0..<examples {
      let score = stream.nextNormal() * 2
      scores.append(Float(ties ? score.rounded() : score))
      labels.append(stream.nextUniform() < sigmoid(score - 1) ? 1 : 0)
    }
    return (scores, labels)
  }

  private func metrics(_ clients: [(scores: [Float], labels: [Float])]) -> EvaluationMetrics {
    var counts = EvaluationCounts()
    for client in clients { counts.record(scores: client.scores, labels: client.labels) }
    return EvaluationMetrics(counts)
  }

  @Test("AUC is the share of pairs in order", arguments: [false, true])
  func auc(ties: Bool) {
    let client = client(1, examples: 700, ties: ties)
    var (inOrder, pairs) = (0.0, 0.0)
    for (score, label) in zip(client.scores, client.labels) where label > 0 {
      for (other, otherLabel) in zip(client.scores, client.labels) where otherLabel <= 0 {
        inOrder += score > other ? 1 : score == other ? 0.5 : 0
        pairs += 1
      }
    }
    // Scores closer than a 256th of an octave share a bin, which costs at most this much.
    #expect(abs((metrics([client]).auc ?? .nan) - inOrder / pairs) < (ties ? 1e-12 : 1e-3))
  }

  @Test("average precision is the mean precision at the positives", arguments: [false, true])
  func averagePrecision(ties: Bool) {
    let client = client(4, examples: 900, ties: ties)
    // Σ (Rₙ − Rₙ₋₁)·Pₙ over distinct scores, as scikit-learn defines it.
    var sum = 0.0
    let positives = client.labels.reduce(0, +)
    for threshold in Set(client.scores) {
      let passed = zip(client.scores, client.labels).filter { $0.0 >= threshold }
      let here = zip(client.scores, client.labels).filter { $0.0 == threshold && $0.1 > 0 }.count
      sum += Double(here) / Double(positives) * Double(passed.filter { $0.1 > 0 }.count) / Double(passed.count)
    }
    #expect(abs((metrics([client]).averagePrecision ?? .nan) - sum) < (ties ? 1e-12 : 2e-3))
    #expect(metrics([([3, 2, 1], [1, 1, 0])]).averagePrecision == 1)
    #expect(abs((metrics([([3, 2, 1], [0, 0, 1])]).averagePrecision ?? .nan) - 1.0 / 3) < 1e-15)
  }

  @Test("what has no value on the examples is nil, and nothing else is")
  func undefined() {
    func defined(_ clients: [(scores: [Float], labels: [Float])]) -> [Metric] {
      Metric.allCases.filter { $0.value(metrics(clients)) != nil }
    }
    let ofAnyClass: [Metric] = [.logLoss, .accuracy, .calibrationError]
    let manyNegatives = ([Float](repeating: 1, count: 20), [Float](repeating: 0, count: 20))
    #expect(defined([]).isEmpty)
    #expect(defined([([1, 2, 3], [1, 1, 1])]) == [.averagePrecision] + ofAnyClass)
    #expect(defined([manyNegatives]) == ofAnyClass)
    #expect(defined([([1, 2, 3], [1, 0, 1])]) == [.auc, .averagePrecision] + ofAnyClass)
    #expect(defined([manyNegatives, ([1], [1])]) == [.auc, .averagePrecision] + ofAnyClass)
    #expect(defined([(manyNegatives.0 + [2], manyNegatives.1 + [1])]) == Metric.allCases)
    // One logit that is no number says that the model is none.
    for bad in [Float.nan, .infinity, -.infinity] {
      #expect(defined([(manyNegatives.0 + [2, bad], manyNegatives.1 + [1, 1])]).isEmpty)
    }
  }

  @Test("log loss, accuracy and calibration error follow their definitions")
  func losses() {
    let client = client(2, examples: 2000)
    let found = metrics([client])
    var (loss, correct) = (0.0, 0.0)
    var bins = [(count: Double, prediction: Double, positives: Double)](repeating: (0, 0, 0), count: 20)
    for (score, label) in zip(client.scores, client.labels) {
      let p = 1 / (1 + exp(-Double(score)))
      loss -= log(label > 0 ? p : 1 - p)
      correct += (p > 0.5) == (label > 0) ? 1 : 0
      let bin = min(Int(p * 20), 19)
      bins[bin] = (bins[bin].count + 1, bins[bin].prediction + p, bins[bin].positives + Double(label))
    }
    let error = bins.reduce(0) { $0 + abs($1.prediction - $1.positives) } / 2000
    #expect(abs((found.logLoss ?? .nan) - loss / 2000) < 1e-8)
    #expect(found.accuracy == correct / 2000)
    #expect(abs((found.calibrationError ?? .nan) - error) < 1e-8)
    #expect(found.examples == 2000)
    #expect(found.positives == client.labels.count { $0 > 0 })
  }

  @Test("ranking quality is the mean over all orders of equal scores")
  func ranking() {
    // One positive at the same score as three negatives, below eight others: its rank is 9, 10, 11 or 12.
    let scores: [Float] = [5, 1] + [Float](repeating: 9, count: 8) + [5, 5, 5]
    let labels: [Float] = [1] + [Float](repeating: 0, count: 12)
    let found = metrics([(scores, labels)])
    #expect(found.rankedClients == 1)
    #expect(abs((found.hitRateAt10 ?? .nan) - 0.5) < 1e-8)
    let gain = (1 / log2(10.0) + 1 / log2(11.0)) / 4
    #expect(abs((found.ndcgAt10 ?? .nan) - gain) < 1e-8)
  }

  @Test("clients that cannot be ranked are left out")
  func unranked() {
    let few: (scores: [Float], labels: [Float]) = ([1, 2, 3], [1, 0, 0])
    let noPositive = ([Float](repeating: 1, count: 20), [Float](repeating: 0, count: 20))
    #expect(metrics([few, noPositive]).rankedClients == 0)
  }

  @Test("does not depend on the order of clients or on who counts them")
  func additivity() throws {
    let clients = (0..<20).map { client($0, examples: 30) }
    var whole = EvaluationCounts()
    for client in clients { whole.record(scores: client.scores, labels: client.labels) }
    var parts = [EvaluationCounts(), EvaluationCounts(), EvaluationCounts()]
    for (index, client) in clients.reversed().enumerated() {
      parts[index % 3].record(scores: client.scores, labels: client.labels)
    }
    var sum = EvaluationCounts()
    for part in parts.reversed() { sum.add(try #require(EvaluationCounts(values: part.values))) }
    #expect(sum == whole)
  }

  @Test("counts scores that are not numbers, and keeps them out of every sum")
  func notFinite() {
    let scores: [Float] = [.nan, .infinity, -.infinity, 3e38, -3e38, 0, -0.0, .leastNonzeroMagnitude]
    let found = metrics([(scores, [0, 0, 1, 0, 1, 1, 0, 1])])
    #expect(found.examples == 8 && found.notFiniteExamples == 3 && found.saturatedExamples == 2)
    #expect(found.calibration.allSatisfy { $0.meanPrediction.isFinite })
  }

  @Test("counters of another length are refused")
  func wrongLength() {
    #expect(EvaluationCounts(values: [1, 2, 3]) == nil)
    #expect(EvaluationCounts(values: EvaluationCounts().values + [0]) == nil)
  }
}
