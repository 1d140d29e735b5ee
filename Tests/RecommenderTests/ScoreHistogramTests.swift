import Foundation
import NumericalCore
import Recommender
import Testing

/// Ranking metrics and log loss for logits of any size, held against sums over all pairs.
@Suite("Logits of any size")
struct ScoreHistogramTests {
  /// What is done to logits of an everyday size; each keeps their order but for ties.
  static let shapes: [(name: String, shape: @Sendable (Float, Int) -> Float)] = [
    ("as they are", { score, _ in score }),
    ("a thousand times", { score, _ in score * 1000 }),
    ("10³⁰ times", { score, _ in score * 1e30 }),
    ("10⁻¹⁰ times", { score, _ in score * 1e-10 }),
    ("subnormal", { score, _ in score * 0x1p-140 }),
    ("a narrow band below zero", { score, _ in -7 + score * 1e-3 }),
    ("a timestamp times a weight", { score, _ in -1.6e6 + score * 50 }),
    ("a narrow band far out", { score, _ in 3e30 + score * 1e25 }),
    ("two far bands", { score, _ in (score > 0 ? 1e30 : -1e30) + score * 1e25 }),
    ("two bands on one side", { score, _ in (score > 0 ? 1e30 : 1000) + score * 0.01 }),
    ("few values", { score, _ in (score).rounded() * 1e7 + 1e9 }),
    ("one value", { _, _ in 5e8 }),
    ("zeros of both signs", { _, index in index % 2 == 0 ? 0 : -0.0 }),
    ("zero and what is next to it", { score, index in index % 3 == 0 ? 0 : score * 0x1p-149 }),
    ("every size and sign", { score, index in score * Float(pow(10, Double(index * 37 % 76 - 38))) }),
  ]

  private func clients(_ shape: (Float, Int) -> Float) -> [(scores: [Float], labels: [Float])] {
    (0..<6).map { client in
      var stream = RandomStream(seed: 3, purpose: .examples, client: client)
      var (scores, labels): ([Float], [Float]) = ([], [])
      for index in 0..<200 {
        let score = stream.nextNormal() * 2
        scores.append(shape(Float(score), index))
        labels.append(stream.nextUniform() < sigmoid(score - 1) ? 1 : 0)
      }
      return (scores, labels)
    }
  }

  /// What a coordinator does with workers that have these clients.
  private func ranking(_ workers: [[(scores: [Float], labels: [Float])]]) throws -> (
    histogram: ScoreHistogram, counts: EvaluationCounts, looks: Int
  ) {
    var total = EvaluationCounts()
    for client in workers.joined() { total.record(scores: client.scores, labels: client.labels) }
    var histogram = ScoreHistogram(total)
    var looks = 0
    while !histogram.crowded.isEmpty {
      let cells = histogram.crowded
      looks += 1
      var sum = ScoreHistogram.counters(cells)
      for worker in workers {
        var counts = ScoreHistogram.counters(cells)
        for client in worker {
          ScoreHistogram.count(in: cells, scores: client.scores[...], labels: client.labels[...], to: &counts)
        }
        sum = zip(sum, counts).map { $0 + $1 }
      }
      #expect(sum.count <= 1 << 17)
      let isSplit = histogram.split(cells, counts: sum)
      try #require(isSplit && looks < 4)
    }
    return (histogram, total, looks)
  }

  @Test("AUC and average precision are those over all pairs", arguments: shapes.indices)
  func exact(shape: Int) throws {
    let clients = clients(Self.shapes[shape].shape)
    let found = try ranking([Array(clients[..<2]), Array(clients[2...])]).histogram
    let examples = clients.flatMap { zip($0.scores, $0.labels) }.sorted { $0.0 < $1.0 }
    var (inOrder, pairs) = (0.0, 0.0)
    for (score, label) in examples where label > 0 {
      for (other, otherLabel) in examples where otherLabel <= 0 {
        inOrder += score > other ? 1 : score == other ? 0.5 : 0
        pairs += 1
      }
    }
    #expect(abs((found.auc ?? .nan) - inOrder / pairs) < 1e-3, "\(Self.shapes[shape].name)")
    var precision = 0.0
    let positives = examples.count { $0.1 > 0 }
    for (score, label) in examples where label > 0 {
      let passed = examples.filter { $0.0 >= score }
      precision += Double(passed.count { $0.1 > 0 }) / Double(passed.count) / Double(positives)
    }
    #expect(abs((found.averagePrecision ?? .nan) - precision) < 2e-3, "\(Self.shapes[shape].name)")
  }

  @Test("does not depend on who counts what", arguments: shapes.indices)
  func additivity(shape: Int) throws {
    let clients = clients(Self.shapes[shape].shape)
    let whole = try ranking([clients]).histogram
    let apart = try ranking(clients.reversed().map { [$0] }).histogram
    #expect(whole.auc == apart.auc && whole.averagePrecision == apart.averagePrecision)
  }

  @Test("looks closer only where many examples share a cell")
  func looks() throws {
    #expect(try ranking([clients(Self.shapes[0].shape)]).looks == 0)
    #expect(try ranking([clients { score, _ in -1.6e6 + score * 50 }]).looks > 0)
    // What cannot be told apart at all is not asked about again.
    #expect(try ranking([clients { _, _ in 0 }]).looks == 0)
  }

  @Test("counters that are not of the cells' examples change nothing")
  func foreignCounters() throws {
    var total = EvaluationCounts()
    for client in clients({ score, _ in 100 + score * 1e-3 }) {
      total.record(scores: client.scores, labels: client.labels)
    }
    var histogram = ScoreHistogram(total)
    let (cells, before) = (histogram.crowded, histogram.auc)
    try #require(!cells.isEmpty)
    for foreign in [ScoreHistogram.counters(cells), [1, 2, 3]] {
      let isSplit = histogram.split(cells, counts: foreign)
      #expect(!isSplit)
    }
    #expect(histogram.auc == before)
  }

  @Test("log loss is the mean of ln(1 + eᶻ), however large", arguments: shapes.indices)
  func logLoss(shape: Int) throws {
    let clients = clients(Self.shapes[shape].shape)
    let losses = clients.flatMap { zip($0.scores, $0.labels) }.map { score, label in
      let logit = label > 0 ? -Double(score) : Double(score)
      return max(logit, 0) + log1p(exp(-abs(logit)))
    }
    let expected = losses.reduce(0, +) / Double(losses.count)
    let found = EvaluationMetrics(try ranking([clients]).counts)
    #expect(abs((found.logLoss ?? .nan) - expected) <= 1e-12 * expected + 1e-8, "\(Self.shapes[shape].name)")
  }

  @Test("log loss of millions of the largest numbers neither overflows nor saturates")
  func hugeSums() {
    var counts = EvaluationCounts()
    let largest = Float.greatestFiniteMagnitude
    let client = ([Float](repeating: largest, count: 1 << 16), [Float](repeating: 0, count: 1 << 16))
    counts.record(scores: client.0, labels: client.1)
    for _ in 0..<10 { counts.add(counts) }
    let metrics = EvaluationMetrics(counts)
    #expect(metrics.examples == 1 << 26 && metrics.logLoss == Double(largest))
    #expect(metrics.accuracy == 0 && abs((metrics.calibrationError ?? 0) - 1) < 1e-8)
  }
}
