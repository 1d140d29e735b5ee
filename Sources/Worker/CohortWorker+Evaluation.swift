import ClientData
import FederationProtocol
import Recommender
import Scenarios

/// What a worker tells about its held-out clients, who never train.
extension CohortWorker {
  /// Norms of updates are measured on at most this many held-out clients.
  private static let normSample = 200
  /// Features are looked at on at most this many.
  private static let featureSample = 1000

  /// Counters of this worker's held-out clients; zeros where the population does not know the scorer.
  /// - Throws: `WorkerFailure` when the model has another length, or a reference is asked for that needs clients this
  ///   worker does not own.
  package func evaluate(
    _ scorer: CoordinatorMessage.Scorer, slice: CoordinatorMessage.Slice, weights: [Float]
  ) throws -> EvaluationCounts {
    if let reference = try reference(scorer, slice: slice) { return reference.counts }
    var counts = EvaluationCounts()
    try forEachScoredClient(scorer, slice: slice, weights: weights) { scores, shard, first in
      counts.record(scores, of: shard, from: first)
    }
    return counts
  }

  /// Counters of the same clients in parts of cells of logits; see `ScoreHistogram`.
  /// - Throws: as `evaluate`.
  package func evaluate(
    in cells: [ScoreCell], _ scorer: CoordinatorMessage.Scorer, slice: CoordinatorMessage.Slice, weights: [Float]
  ) throws -> CellCounts {
    var counts = CellCounts(cells)
    try forEachScoredClient(scorer, slice: slice, weights: weights) { scores, shard, first in
      counts.record(in: cells, scores: scores[first...], labels: shard.labels[first...])
    }
    return counts
  }

  /// Calls a closure with each held-out client's logits, the client, and the first example that is scored.
  private func forEachScoredClient(
    _ scorer: CoordinatorMessage.Scorer, slice: CoordinatorMessage.Slice, weights: [Float],
    body: ([Float], ClientShard, Int) -> Void
  ) throws {
    guard weights.count == scenario.dimension || (scorer != .model && scorer != .sharedPart) else {
      throw WorkerFailure(reason: .scenarioNotUnderstood)
    }
    let reference = try reference(scorer, slice: slice)
    let padded = padded(weights)
    try forEachHeldOutClient(in: slice) { _, shard in
      let scores: [Float]? =
        switch scorer {
        case .model: modelScores(shard, weights: padded, withOwnPart: true)
        case .sharedPart: modelScores(shard, weights: padded, withOwnPart: false)
        case .truth: shard.trueLogits
        case .popularity: shard.popularity
        case .central, .alone: reference.map { referenceModels.scores(shard, by: $0.model) }
        }
      if let scores { body(scores, shard, scenario.supportExamples(of: shard.count)) }
    }
  }

  private var referenceModels: ReferenceModels {
    ReferenceModels(source: source, store: store, scenario: scenario)
  }

  /// A reference model, trained when it is asked for first; nil for other scorers.
  private func reference(
    _ scorer: CoordinatorMessage.Scorer, slice: CoordinatorMessage.Slice
  ) throws -> (model: ReferenceModels.Learned, counts: EvaluationCounts)? {
    let train: () throws -> (ReferenceModels.Learned, EvaluationCounts)
    switch scorer {
    case .central: train = referenceModels.central
    case .alone: train = referenceModels.alone
    case .model, .sharedPart, .truth, .popularity: return nil
    }
    guard configuration.workers == 1, slice == .all else { throw WorkerFailure(reason: .unknownClient) }
    if let latest = latestReference, latest.scorer == scorer { return (latest.model, latest.counts) }
    let (model, counts) = try train()
    latestReference = (scorer, model, counts)
    return (model, counts)
  }

  /// This worker's held-out clients by their number of examples.
  package func sizes() throws -> SizeCounts {
    var counts = SizeCounts()
    try forEachHeldOutClient(in: .all) { _, shard in counts.record(examples: shard.count) }
    return counts
  }

  /// The updates that held-out clients would send.
  package func updates(round: Int, clippingNorm: Double, weights: [Float]) throws -> UpdateCounts {
    guard weights.count == scenario.dimension else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    let size = MessageSize(scenario)
    var counts = UpdateCounts()
    let weights = padded(weights)
    try forEachHeldOutClient(in: .all, first: Self.normSample) { client, shard in
      let client = key(ofHeldOut: client)
      var values = 0
      shard.withExamples { examples in
        forEachContribution(examples, client: client, round: round, weights: weights) { update, width, touched in
          shorten(update, client: client, round: round, touched: touched)
          let norm = Clipping.norm(of: update, width: width, in: clippingSpace)
          counts.record(norm: norm, clippingNorm: clippingNorm)
          // With the privacy unit "example" a client sends the sum of its gradients, not one by one.
          values =
            scenario.privacy?.unit == .example
            ? examples.touched?.count ?? scenario.dimension : (0..<width).count { update[$0] != 0 }
        }
      }
      counts.record(clientWithBits: size.bits(values: values))
    }
    return counts
  }

  /// Held-out examples by the coordinate that has all but a ten-thousandth of the square of their length: what a clipped
  /// update says of such an example is that coordinate.
  /// - Returns: by no coordinate where the model has more of them than one answer has counters.
  package func features() throws -> FeatureCounts {
    let dimension = scenario.dimension
    var counts = FeatureCounts(coordinates: dimension + 2 <= Limits.counts ? dimension : 0)
    try forEachHeldOutClient(in: .all, first: Self.featureSample) { _, shard in
      for row in 0..<shard.count {
        let example = ExampleRow(shard: shard, row: row, numbering: .model)
        counts.record(outweighing: example.outweighing(1 - 1e-4))
      }
    }
    return counts
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
