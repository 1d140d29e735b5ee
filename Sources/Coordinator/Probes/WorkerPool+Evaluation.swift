import FederationProtocol
import Recommender

/// What takes more than one question, or none about held-out clients.
extension WorkerPool {
  /// Groups of sizes in a report.
  private static let sizeGroups = 10

  /// Metrics over all held-out clients, or some of them.
  func metrics(
    _ scorer: CoordinatorMessage.Scorer, weights: [Float], slice: CoordinatorMessage.Slice = .all
  ) throws -> EvaluationMetrics {
    let scores = ScoreProbe(scorer: scorer, slice: slice, weights: weights)
    let total = try ask(scores)
    var ranking = ScoreHistogram(total)
    while true {
      // Logits that share a cell are told apart.
      let cells = ranking.crowded
      guard !cells.isEmpty, ranking.split(cells, counts: try ask(CellProbe(cells: cells, scores: scores))) else {
        break
      }
    }
    return EvaluationMetrics(total, ranking: ranking)
  }

  /// What a model is worth to small and to large held-out clients; empty where all are of one size.
  func sizeGroups(weights: [Float]) throws -> [RunResult.SizeGroup] {
    let sizes = try ask(SizeProbe())
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
}
