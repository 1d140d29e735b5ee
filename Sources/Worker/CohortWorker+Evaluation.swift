import ClientData
import FederationProtocol
import Recommender
import Scenarios

/// What a worker tells about its held-out clients, who never train.
extension CohortWorker {
  /// Norms of updates are measured on at most this many held-out clients.
  private static let normSample = 200

  /// Counters of this worker's held-out clients; zeros where the population does not know the scorer.
  /// - Throws: `WorkerFailure` when the model has another length, or a reference is asked for that needs clients this
  ///   worker does not own.
  package func evaluate(
    _ scorer: CoordinatorMessage.Scorer, slice: CoordinatorMessage.Slice, weights: [Float]
  ) throws -> [Int64] {
    guard weights.count == scenario.dimension || (scorer != .model && scorer != .sharedPart) else {
      throw WorkerFailure(reason: .scenarioNotUnderstood)
    }
    if scorer == .central || scorer == .alone {
      guard configuration.workers == 1, slice == .all else { throw WorkerFailure(reason: .unknownClient) }
      let references = ReferenceModels(
        source: source, store: store, scenario: scenario)
      return try (scorer == .central ? references.central() : references.alone()).values
    }
    var counts = EvaluationCounts()
    let padded = padded(weights)
    try forEachHeldOutClient(in: slice) { _, shard in
      let scores: [Float]? =
        switch scorer {
        case .model: modelScores(shard, weights: padded, withOwnPart: true)
        case .sharedPart: modelScores(shard, weights: padded, withOwnPart: false)
        case .truth: shard.trueLogits
        case .popularity: shard.popularity
        case .central, .alone: nil
        }
      if let scores { counts.record(scores, of: shard, from: scenario.supportExamples(of: shard.count)) }
    }
    return counts.values
  }

  /// This worker's held-out clients by their number of examples.
  package func sizes() throws -> [Int64] {
    var histogram = OctaveHistogram()
    try forEachHeldOutClient(in: .all) { _, shard in histogram.record(Float(shard.count)) }
    return histogram.counts
  }

  /// The updates that held-out clients would send.
  /// - Returns: how many are beyond `clippingNorm`, the clients and the bits of their messages, then the counters of a
  ///   histogram of the norms.
  package func updates(round: Int, clippingNorm: Double, weights: [Float]) throws -> [Int64] {
    guard weights.count == scenario.dimension else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    let size = MessageSize(scenario)
    var histogram = OctaveHistogram()
    var (beyond, clients, bits) = (0, 0, 0)
    let weights = padded(weights)
    try forEachHeldOutClient(in: .all, first: Self.normSample) { client, shard in
      let client = key(ofHeldOut: client)
      var values = 0
      shard.withExamples { examples in
        forEachContribution(examples, client: client, round: round, weights: weights) { update, width, touched in
          shorten(update, client: client, round: round, touched: touched)
          let norm = ClippedSum.norm(of: update, width: width, in: clippingSpace)
          histogram.record(Float(norm))
          beyond += norm > clippingNorm ? 1 : 0
          // With the privacy unit "example" a client sends the sum of its gradients, not one by one.
          values =
            scenario.privacy?.unit == .example
            ? examples.touched?.count ?? scenario.dimension : (0..<width).count { update[$0] != 0 }
        }
      }
      clients += 1
      bits += size.bits(values: values)
    }
    return [beyond, clients, bits].map { Int64($0) } + histogram.counts
  }

  private func forEachHeldOutClient(
    in slice: CoordinatorMessage.Slice, first: Int = .max, body: (Int, ClientShard) -> Void
  ) throws {
    let end = min(first, source.heldOutClients)
    for client in Swift.stride(from: configuration.worker, to: end, by: configuration.workers) {
      if case .tier(let tier) = slice, tier != tierOfClient(key(ofHeldOut: client)) { continue }
      guard let shard = try store.heldOutShard(client) else { continue }
      if case .sizes(let range) = slice, !range.contains(UInt32(shard.count)) { continue }
      body(client, shard)
    }
  }

  func modelScores(_ shard: ClientShard, weights: UnsafePointer<Float>, withOwnPart: Bool) -> [Float] {
    shard.withExamples { examples in
      let count = examples.labels.count
      let anchor = anchor(of: examples, weights: weights)
      let order = workspace.order.pointer
      let margins = workspace.margins.pointer
      for i in 0..<count { order[i] = Int32(truncatingIfNeeded: i) }
      kernels.margins(of: examples.rows, order, count: count, weights: anchor, into: margins)
      if withOwnPart, let offsets = learnOwnPart(of: examples, anchor: anchor) {
        for i in 0..<count { margins[i] += offsets[i] }
      }
      return Array(UnsafeBufferPointer(start: margins, count: count))
    }
  }
}

extension EvaluationCounts {
  /// Counts a client's examples but the first ones.
  mutating func record(_ scores: [Float], of shard: ClientShard, from first: Int) {
    record(scores: Array(scores[first...]), labels: Array(shard.labels[first...]))
  }
}
