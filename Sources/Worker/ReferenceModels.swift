import ClientData
import NumericalCore
import Recommender
import Scenarios

/// What one would have without federated learning, and without privacy: the two ends that curves are read against.
/// Everything is trained and scored inside the worker; only counters leave it.
struct ReferenceModels {
  let source: any ClientSource
  let store: ShardStore
  let scenario: Scenario

  /// Beyond this many clients more data no longer moves the line that is drawn.
  private static let mostClients = 200_000
  private static let mostPasses = 30
  /// Passes without improvement after which training ends.
  private static let patience = 3
  /// Clients whose examples are mixed with each other; blocks come in a new order in every pass.
  private static let clientsInABlock = 64
  private static let folds = 5

  /// A model that was learned.
  enum Learned {
    case central(OnlineRegression)
    /// For each held-out client one of its own, after so many passes and one.
    case alone(pass: Int)
  }

  /// The examples of all training clients together, as if they were collected in one place. Training ends at the pass
  /// with the least log loss on the held-out clients, so that it is the most that this kind of model can do.
  /// - Throws: `WorkerFailure` where examples can no longer be read.
  func central() throws -> (model: Learned, counts: EvaluationCounts) {
    var model = OnlineRegression(dimension: scenario.dimension, l2: scenario.training.l2)
    var kept = model
    var best = BestPass()
    for pass in 1...Self.mostPasses {
      try learnPooled(&model, pass: pass)
      var counts = EvaluationCounts()
      for client in 0..<source.heldOutClients {
        guard let shard = try store.heldOutShard(client) else { continue }
        counts.record(scores(shard, model), of: shard, from: scenario.supportExamples(of: shard.count))
      }
      if best.offer(counts, pass: pass) { kept = model }
      if pass - best.pass >= Self.patience { break }
    }
    return (.central(kept), best.counts)
  }

  /// The logits that a model gives a held-out client's examples.
  func scores(_ shard: ClientShard, by model: Learned) -> [Float] {
    switch model {
    case .central(let model): scores(shard, model)
    case .alone(let pass): scoresAlone(shard)[pass]
    }
  }

  private func scores(_ shard: ClientShard, _ model: OnlineRegression) -> [Float] {
    withExtendedLifetime(shard) {
      (0..<shard.count).map { model.score(ExampleRow(shard: shard, row: $0, numbering: .model)) }
    }
  }

  /// One pass over the pooled examples.
  private func learnPooled(_ model: inout OnlineRegression, pass: Int) throws {
    var stream = RandomStream(seed: scenario.seed, purpose: .pooledOrder, round: pass)
    var clients = Array(0..<UInt32(min(source.trainingClients, Self.mostClients)))
    clients.shuffle(with: &stream)
    var rows: [ExampleRow] = []
    for start in Swift.stride(from: 0, to: clients.count, by: Self.clientsInABlock) {
      let block = clients[start..<min(start + Self.clientsInABlock, clients.count)]
      let shards = try block.compactMap { try store.trainingShard(Int($0)) }
      withExtendedLifetime(shards) {
        rows.removeAll(keepingCapacity: true)
        for shard in shards {
          for row in 0..<shard.count { rows.append(ExampleRow(shard: shard, row: row, numbering: .model)) }
        }
        rows.shuffle(with: &stream)
        for row in rows { model.learn(row) }
      }
    }
  }

  /// Every held-out client by itself: it learns from four fifths of its own examples and is scored on the rest, five
  /// times, so that each example is scored once and by a model that has not seen it. The number of passes is the one
  /// with the least log loss over all clients. Where a first share of the examples is not scored, it learns from that instead.
  /// - Throws: `WorkerFailure` where examples can no longer be read.
  func alone() throws -> (model: Learned, counts: EvaluationCounts) {
    var counts = [EvaluationCounts](repeating: EvaluationCounts(), count: Self.mostPasses)
    for client in 0..<source.heldOutClients {
      guard let shard = try store.heldOutShard(client) else { continue }
      let scores = scoresAlone(shard)
      let first = scenario.supportExamples(of: shard.count)
      for pass in counts.indices { counts[pass].record(scores[pass], of: shard, from: first) }
    }
    var best = BestPass()
    for (pass, counted) in counts.enumerated() { best.offer(counted, pass: pass) }
    return (.alone(pass: best.pass), best.counts)
  }

  /// The scores of a client's examples after each pass.
  private func scoresAlone(_ shard: ClientShard) -> [[Float]] {
    let rows = (0..<shard.count).map { ExampleRow(shard: shard, row: $0, numbering: .own) }
    var scores = [[Float]](repeating: [Float](repeating: 0, count: rows.count), count: Self.mostPasses)
    let support = scenario.supportExamples(of: rows.count)
    // What is scored in a fold is not learned from.
    func isScored(_ row: Int, in fold: Int) -> Bool { support > 0 ? row >= support : row % Self.folds == fold }
    for fold in 0..<(support > 0 ? 1 : min(Self.folds, rows.count)) {
      var model = OnlineRegression(
        dimension: ExampleRow.dimension(shard, own: .own, of: scenario.dimension), l2: scenario.training.l2)
      withExtendedLifetime(shard) {
        for pass in 0..<Self.mostPasses {
          for row in rows where !isScored(row.row, in: fold) { model.learn(row) }
          for row in rows where isScored(row.row, in: fold) { scores[pass][row.row] = model.score(row) }
        }
      }
    }
    return scores
  }

  /// The counters with the least log loss so far.
  private struct BestPass {
    var counts = EvaluationCounts()
    var pass = 0
    private var logLoss = Double.infinity

    /// - Returns: whether this pass is the best so far. One without a log loss never is.
    @discardableResult
    mutating func offer(_ counts: EvaluationCounts, pass: Int) -> Bool {
      guard let offered = EvaluationMetrics(counts).logLoss, offered < logLoss else { return false }
      (self.counts, self.pass, logLoss) = (counts, pass, offered)
      return true
    }
  }
}
