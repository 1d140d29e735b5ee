import ClientData

/// A worker's clients: made when first needed and kept while they fit the memory budget. What is kept never
/// changes a result, because a shard is a pure function of its client.
final class ShardStore {
  private let source: any ClientSource
  private let budget: Int
  /// Examples that a training client may learn from; nil: all.
  private let maximumExamples: Int?
  private var used = 0
  private var training: [Int: ClientShard] = [:]
  private var heldOut: [Int: ClientShard] = [:]

  /// - Parameters:
  ///   - budget: bytes of shards to keep.
  ///   - maximumExamples: that a training client may learn from; nil: all.
  init(source: any ClientSource, budget: Int, maximumExamples: Int?) {
    self.maximumExamples = maximumExamples
    self.source = source
    self.budget = budget
  }

  /// A training client's shard, nil when there is no such client.
  func trainingShard(_ client: Int) -> ClientShard? {
    if let kept = training[client] { return kept }
    guard client < source.trainingClients, let whole = source.trainingShard(client) else { return nil }
    let shard = maximumExamples.map { whole.first($0) } ?? whole
    if keeps(shard) { training[client] = shard }
    return shard
  }

  /// A held-out client's shard.
  func heldOutShard(_ client: Int) -> ClientShard? {
    if let kept = heldOut[client] { return kept }
    guard let shard = source.heldOutShard(client) else { return nil }
    if keeps(shard) { heldOut[client] = shard }
    return shard
  }

  /// Makes the shards of `clients` until the budget is used, so that the first rounds do not have to.
  func fill(with clients: some Sequence<Int>) {
    for client in clients {
      if used >= budget { return }
      _ = trainingShard(client)
    }
  }

  private func keeps(_ shard: ClientShard) -> Bool {
    guard used + shard.byteCount <= budget else { return false }
    used += shard.byteCount
    return true
  }
}
