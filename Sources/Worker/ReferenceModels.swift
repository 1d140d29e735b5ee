import ClientData
import NumericalCore
import Recommender

/// What one would have without federated learning, and without privacy: the two ends that curves are read against.
/// Everything is trained and scored inside the worker; only counters leave it.
struct ReferenceModels {
  let source: any ClientSource
  let store: ShardStore
  let dimension: Int
  let seed: UInt64
  /// λ of the scenario's penalty.
  let l2: Double

  /// Beyond this many clients more data no longer moves the line that is drawn.
  private static let mostClients = 200_000
  private static let mostPasses = 30
  /// Passes without improvement after which training ends.
  private static let patience = 3
  /// Clients whose examples are mixed with each other; blocks come in a new order in every pass.
  private static let clientsInABlock = 64
  private static let folds = 5

  /// The examples of all training clients together, as if they were collected in one place. Training ends at the pass
  /// with the least log loss on the held-out clients, so that it is the most that this kind of model can do.
  func central() -> EvaluationCounts {
    var model = OnlineRegression(dimension: dimension, l2: l2)
    var best = BestPass()
    for pass in 1...Self.mostPasses {
      learnPooled(&model, pass: pass)
      var counts = EvaluationCounts()
      for client in 0..<source.heldOutClients {
        guard let shard = store.heldOutShard(client) else { continue }
        let scores = shard.labels.indices.map { model.score(ExampleRow(shard: shard, row: $0, numbering: .model)) }
        counts.record(scores: scores, labels: shard.labels)
      }
      best.offer(counts, pass: pass)
      if pass - best.pass >= Self.patience { break }
    }
    return best.counts
  }

  /// One pass over the pooled examples.
  private func learnPooled(_ model: inout OnlineRegression, pass: Int) {
    var stream = RandomStream(seed: seed, purpose: .pooledOrder, round: pass)
    var clients = Array(0..<UInt32(min(source.trainingClients, Self.mostClients)))
    clients.shuffle(with: &stream)
    for start in Swift.stride(from: 0, to: clients.count, by: Self.clientsInABlock) {
      let block = clients[start..<min(start + Self.clientsInABlock, clients.count)]
      var rows: [ExampleRow] = []
      for client in block {
        guard let shard = store.trainingShard(Int(client)) else { continue }
        rows += shard.labels.indices.map { ExampleRow(shard: shard, row: $0, numbering: .model) }
      }
      rows.shuffle(with: &stream)
      for row in rows { model.learn(row, label: row.shard.labels[row.row]) }
    }
  }

  /// Every held-out client by itself: it learns from four fifths of its own examples and is scored on the rest, five
  /// times, so that each example is scored once and by a model that has not seen it. The number of passes is the one
  /// with the least log loss over all clients.
  func alone() -> EvaluationCounts {
    var counts = [EvaluationCounts](repeating: EvaluationCounts(), count: Self.mostPasses)
    for client in 0..<source.heldOutClients {
      guard let shard = store.heldOutShard(client) else { continue }
      let scores = scoresAlone(shard)
      for pass in counts.indices { counts[pass].record(scores: scores[pass], labels: shard.labels) }
    }
    var best = BestPass()
    for (pass, counted) in counts.enumerated() { best.offer(counted, pass: pass) }
    return best.counts
  }

  /// The scores of a client's examples after each pass.
  private func scoresAlone(_ shard: ClientShard) -> [[Float]] {
    let rows = shard.labels.indices.map { ExampleRow(shard: shard, row: $0, numbering: .own) }
    var scores = [[Float]](repeating: [Float](repeating: 0, count: rows.count), count: Self.mostPasses)
    for fold in 0..<min(Self.folds, rows.count) {
      var model = OnlineRegression(dimension: ExampleRow.dimension(shard, own: .own, of: dimension), l2: l2)
      for pass in 0..<Self.mostPasses {
        for row in rows where row.row % Self.folds != fold { model.learn(row, label: shard.labels[row.row]) }
        for row in rows where row.row % Self.folds == fold { scores[pass][row.row] = model.score(row) }
      }
    }
    return scores
  }

  /// The counters with the least log loss so far.
  private struct BestPass {
    var counts = EvaluationCounts()
    var pass = 0
    private var logLoss = Double.infinity

    mutating func offer(_ counts: EvaluationCounts, pass: Int) {
      let offered = EvaluationMetrics(counts).logLoss
      guard offered < logLoss else { return }
      (self.counts, self.pass, logLoss) = (counts, pass, offered)
    }
  }
}

extension Array {
  /// Fisher and Yates.
  fileprivate mutating func shuffle(with stream: inout RandomStream) {
    for last in indices.dropFirst().reversed() { swapAt(last, stream.nextInteger(below: last + 1)) }
  }
}
