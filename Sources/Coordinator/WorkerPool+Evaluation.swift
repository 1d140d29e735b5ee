import FederationProtocol
import Recommender

/// What workers are asked besides training: about held-out clients, and how an attacker fares.
extension WorkerPool {
  /// Groups of sizes in a report.
  private static let sizeGroups = 10

  /// Metrics over all held-out clients, or some of them.
  func metrics(
    _ scorer: CoordinatorMessage.Scorer, weights: [Float], slice: CoordinatorMessage.Slice = .all
  ) throws -> EvaluationMetrics {
    let parts = try ask(.evaluate(scorer: scorer, slice: slice, weights: weights)) { EvaluationCounts(values: $0) }
    var total = EvaluationCounts()
    for counts in parts { total.add(counts) }
    var ranking = ScoreHistogram(total)
    while true {
      let cells = ranking.crowded
      guard !cells.isEmpty, try split(cells, of: &ranking, scorer, weights: weights, slice: slice) else { break }
    }
    return EvaluationMetrics(total, ranking: ranking)
  }

  /// Has workers tell apart logits that share a cell.
  private func split(
    _ cells: [ScoreCell], of ranking: inout ScoreHistogram, _ scorer: CoordinatorMessage.Scorer, weights: [Float],
    slice: CoordinatorMessage.Slice
  ) throws -> Bool {
    let request = CoordinatorMessage.evaluateCells(
      cells: cells.map { CoordinatorMessage.Cell(first: $0.first, bits: $0.bits) }, scorer: scorer, slice: slice,
      weights: weights)
    let none = ScoreHistogram.counters(cells)
    let counts = try ask(request) { $0.count == none.count ? $0 : nil }
      .reduce(none) { sum, part in zip(sum, part).map { $0 &+ $1 } }
    return ranking.split(cells, counts: counts)
  }

  /// The coordinate that outweighs all others together in most held-out examples; nil where there is none.
  func outweighingFeature() throws -> Int? {
    let parts = try ask(.measureFeatures) { $0.count >= 2 ? $0 : nil }
    guard let first = parts.first, parts.allSatisfy({ $0.count == first.count }) else { return nil }
    let counts = parts.dropFirst().reduce(first) { sum, part in zip(sum, part).map { $0 &+ $1 } }
    return counts.indices.dropFirst(2).first { 2 * counts[$0] > counts[0] }.map { $0 - 2 }
  }

  /// How long the updates of held-out clients would be, and how many bytes their messages would have on average; nil where
  /// there is no held-out client.
  /// - Parameter clippingNorm: nil without privacy.
  func updates(
    round: Int, clippingNorm: Double?, weights: [Float]
  ) throws -> (norms: RunResult.UpdateNorms?, bytes: Double?) {
    let request = CoordinatorMessage.measureUpdates(round: round, clippingNorm: clippingNorm ?? 1, weights: weights)
    let parts = try ask(request) { values in
      OctaveHistogram(counts: values.dropFirst(3)).map {
        (beyond: values[0], clients: values[1], bits: values[2], norms: $0)
      }
    }
    let clients = parts.reduce(0) { $0 + $1.clients }
    let bits = parts.reduce(0) { $0 + $1.bits }
    let bytes = clients > 0 ? Double(bits) / 8 / Double(clients) : nil
    var total = OctaveHistogram()
    for part in parts { total.add(part.norms) }
    let updates = total.counts.reduce(0, +)
    guard let tenth = total.quantile(0.1), let median = total.quantile(0.5), let ninetieth = total.quantile(0.9)
    else {
      return (nil, bytes)
    }
    let beyond = parts.reduce(0) { $0 + $1.beyond }
    let norms = RunResult.UpdateNorms(
      clippedShare: clippingNorm.map { _ in Double(beyond) / Double(updates) },
      tenth: tenth, median: median, ninetieth: ninetieth)
    return (norms, bytes)
  }

  /// What a model is worth to small and to large held-out clients; empty where all are of one size.
  func sizeGroups(weights: [Float]) throws -> [RunResult.SizeGroup] {
    var sizes = OctaveHistogram()
    for part in try ask(.measureSizes, accept: { OctaveHistogram(counts: $0) }) { sizes.add(part) }
    let groups = sizes.groups(Self.sizeGroups)
    guard groups.count > 1 else { return [] }
    return try groups.map { range in
      // Whole numbers in a half-open range of reals.
      let bounds = UInt32(range.lowerBound.rounded(.up))..<UInt32(range.upperBound.rounded(.up))
      return RunResult.SizeGroup(
        examples: Int(bounds.lowerBound)...Int(bounds.upperBound - 1), clients: sizes.count(in: range),
        metrics: try metrics(.model, weights: weights, slice: .sizes(bounds)))
    }
  }

  /// How often an attacker finds clients in what is released.
  func linkage(weights: [Float]) throws -> LinkageCounts {
    var total = LinkageCounts()
    for counts in try ask(.attack(weights: weights), accept: { LinkageCounts(values: $0) }) { total.add(counts) }
    return total
  }

  /// What each worker's clients are keyed by.
  /// - Parameter clients: that there are in all.
  func clientKeys(clients: Int) throws -> [[UInt64]] {
    let frame = CoordinatorMessage.identify.frame
    return try (0..<count).map { worker in
      let own = (clients - worker + count - 1) / count
      let answers = try askAll([(worker: worker, frame: frame)]) { answer in
        if case .identified(let keys) = answer, keys.count == own { keys } else { nil }
      }
      return answers[0]
    }
  }

  /// Sends every worker the same request.
  private func ask<Answer>(
    _ request: CoordinatorMessage, accept: ([Int64]) -> Answer?
  ) throws -> [Answer] {
    let frame = request.frame
    return try askAll((0..<count).map { (worker: $0, frame: frame) }) { answer in
      if case .evaluation(let values) = answer { accept(values) } else { nil }
    }
  }
}
