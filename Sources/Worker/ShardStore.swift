import ClientData

/// A worker's clients: made when first needed and kept while they fit the memory budget. What is kept never
/// changes a result, because a shard is a pure function of its client.
final class ShardStore {
  private let source: any ClientSource
  private let budget: Int
  /// The share of the clients that is this worker's: one in so many.
  private let workers: Int
  /// Examples that a training client may learn from; nil: all.
  private let maximumExamples: Int?
  private var used: Int
  /// Where the examples of the training clients that are kept lie: looking one up counts no references.
  /// Every client is looked up in every round, by one thread: access is not checked, as in `Buffer`.
  @exclusivity(unchecked) private var kept: [ClientShard.Examples] = []
  /// The place in `kept` of each of this worker's clients; −1 for none.
  @exclusivity(unchecked) private var places: [Int32]
  /// Holds the memory of what is kept.
  private var keptShards: [ClientShard] = []
  /// Holds the memory of the last two training clients that are not kept.
  private var passing: (ClientShard?, ClientShard?)
  private var heldOut: [Int: ClientShard] = [:]

  /// - Parameters:
  ///   - workers: the store is asked for one in so many of the clients.
  ///   - budget: bytes of shards to keep.
  ///   - maximumExamples: that a training client may learn from; nil: all.
  init(source: any ClientSource, workers: Int, budget: Int, maximumExamples: Int?) {
    self.maximumExamples = maximumExamples
    self.source = source
    self.budget = budget
    self.workers = workers
    let own = source.trainingClients / workers + 1
    // Where the list itself is too long nothing is kept.
    let fits = own * MemoryLayout<Int32>.stride < budget
    places = fits ? [Int32](repeating: -1, count: own) : []
    used = places.count * MemoryLayout<Int32>.stride
  }

  /// Where a training client's examples lie, nil when there is no such client. They stay there while the store is asked for
  /// one other client.
  /// - Throws: `WorkerFailure` where they can no longer be read.
  @inline(__always)
  func trainingExamples(_ client: Int) throws -> ClientShard.Examples? {
    if let place = place(of: client) { return kept[place] }
    return try makeTrainingShard(client)?.withExamples { $0 }
  }

  /// A training client's shard, nil when there is no such client.
  /// - Throws: `WorkerFailure` where it can no longer be read.
  func trainingShard(_ client: Int) throws -> ClientShard? {
    if let place = place(of: client) { return keptShards[place] }
    return try makeTrainingShard(client)
  }

  /// Where in `kept` a training client is, if it is.
  @inline(__always)
  private func place(of client: Int) -> Int? {
    let index = client / workers
    guard index < places.count, places[index] >= 0 else { return nil }
    return Int(places[index])
  }

  private func makeTrainingShard(_ client: Int) throws -> ClientShard? {
    guard client < source.trainingClients, let whole = try source.trainingShard(client) else { return nil }
    let shard = maximumExamples.map { whole.first($0) } ?? whole
    let index = client / workers
    if index < places.count, keeps(shard) {
      places[index] = Int32(kept.count)
      kept.append(shard.withExamples { $0 })
      keptShards.append(shard)
    } else {
      passing = (passing.1, shard)
    }
    return shard
  }

  /// A held-out client's shard.
  /// - Throws: `WorkerFailure` where it can no longer be read.
  func heldOutShard(_ client: Int) throws -> ClientShard? {
    if let kept = heldOut[client] { return kept }
    guard let shard = try source.heldOutShard(client) else { return nil }
    if keeps(shard) { heldOut[client] = shard }
    return shard
  }

  /// Makes the shards of `clients` up to the first that does not fit, so that the first rounds do not have to.
  func fill(with clients: some Sequence<Int>) throws {
    for client in clients where try trainingShard(client) != nil {
      if place(of: client) == nil { return }
    }
  }

  private func keeps(_ shard: ClientShard) -> Bool {
    let bytes = shard.byteCount + MemoryLayout<ClientShard.Examples>.stride + MemoryLayout<ClientShard>.stride
    guard used + bytes <= budget else { return false }
    used += bytes
    return true
  }
}
