import ClientData
import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Recommender
import Scenarios

/// A configured worker: trains its part of each cohort and evaluates its held-out clients.
package final class CohortWorker {
  private let scenario: Scenario
  private let configuration: WorkerConfiguration
  private let source: any ClientSource
  private let store: ShardStore
  private let training: LocalTraining
  private let sum: ClippedSum
  private let workspace = TrainingWorkspace()
  /// What each client adds to its own update; nil where the coordinator adds the noise.
  private let localNoise: LocalNoise?

  /// - Throws: `WorkerFailure` when the scenario or its shards cannot be used.
  package init(_ configuration: WorkerConfiguration) throws {
    self.configuration = configuration
    guard let value = try? JSONValue(utf8: configuration.scenario),
      let scenario = try? Scenario(value, file: "scenario")
    else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    self.scenario = scenario
    let (worker, workers) = (configuration.worker, configuration.workers)
    source = try makeClientSource(for: scenario, folder: configuration.folder) { $0 % workers == worker }
    store = ShardStore(source: source, budget: configuration.cacheBytes)
    training = LocalTraining(
      settings: scenario.training.client, seed: scenario.seed, rounds: scenario.training.rounds)
    sum = ClippedSum(
      width: DenseRows.stride(for: scenario.dimension), lattice: scenario.lattice,
      norm: scenario.privacy?.mechanism == .laplace ? .l1 : .l2)

    let multiplier = configuration.localNoiseMultiplier
    localNoise = LocalNoise(scenario.privacy, multiplier: multiplier, lattice: scenario.lattice)
    if multiplier > 0 && localNoise == nil { throw WorkerFailure(reason: .scenarioNotUnderstood) }

    // Generating ahead pays when the run will ask for about every client anyway.
    let clients = scenario.population.clients
    if scenario.training.rounds * scenario.training.cohort.expectedSize >= clients {
      store.fill(with: Swift.stride(from: worker, to: clients, by: workers))
    }
  }

  /// What this worker found.
  package var readiness: WorkerReadiness {
    WorkerReadiness(
      trainingClients: source.trainingClients, heldOutClients: source.heldOutClients,
      skippedClients: source.skippedClients, knowsTruth: source.knowsTruth,
      knowsPopularity: source.knowsPopularity)
  }

  /// The answer to a round: the exact sum of the clipped updates of `clients`, in lattice steps.
  /// - Parameter weights: the broadcast model, one a coordinate.
  /// - Throws: `WorkerFailure` when a client is not this worker's.
  package func train(
    round: Int, clippingNorm: Double, clients: [UInt32], weights: [Float]
  ) throws -> WorkerMessage {
    guard weights.count == scenario.dimension else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    sum.reset(lattice: scenario.lattice(clippingNorm: clippingNorm))
    let padded = weights + [Float](repeating: 0, count: sum.sums.count - weights.count)
    try padded.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for client in clients {
        let client = Int(client)
        guard client % configuration.workers == configuration.worker, client < scenario.population.clients,
          !hasOptedOut(client)
        else { throw WorkerFailure(reason: .unknownClient) }
        // A client that the public population size counts but the shards do not have contributes nothing.
        guard let shard = store.trainingShard(client), !shard.labels.isEmpty else { continue }
        add(shard, client: client, round: round, weights: weights)
        if let localNoise { add(localNoise, client: client, round: round) }
      }
    }
    // The count is released only where it is accounted for.
    let counts = scenario.privacy?.adaptiveClipping != nil
    return .sum(
      round: round, signedCount: counts ? Int64(sum.signedCount) : 0,
      sums: sum.sums[..<scenario.dimension].map { Int64($0) })
  }

  private func tierOfClient(_ client: Int) -> Int? {
    scenario.privacy?.tiers?.index(ofClient: client, seed: scenario.seed)
  }

  /// The coordinator never asks for these; a worker would refuse.
  private func hasOptedOut(_ client: Int) -> Bool {
    guard let tiers = scenario.privacy?.tiers, let tier = tierOfClient(client) else { return false }
    return tiers.tiers[tier].epsilon == nil
  }

  /// A client's own noise, on every coordinate, whatever its update was.
  private func add(_ noise: LocalNoise, client: Int, round: Int) {
    sum.withSums { sums in
      if configuration.secureNoise {
        noise.add(to: &sums, from: SecureRandomSource())
      } else {
        noise.add(
          to: &sums,
          from: RandomStream(seed: scenario.seed, purpose: .clientNoise, round: round, client: client))
      }
    }
  }

  private func add(_ shard: ClientShard, client: Int, round: Int, weights: UnsafePointer<Float>) {
    let examples = shard.labels.count
    shard.labels.withUnsafeBufferPointer { labels in
      guard let labels = labels.baseAddress else { return }
      let update = workspace.update
      withKernel(of: shard, weights: weights) { kernel, anchor in
        contribute(kernel, labels: labels, examples: examples, anchor: anchor, round: round, client: client) {
          sum.addDense(update.pointer, width: kernel.width)
        }
      } sparse: { kernel, anchor, touched in
        contribute(kernel, labels: labels, examples: examples, anchor: anchor, round: round, client: client) {
          sum.addSparse(update.pointer, width: kernel.width, touched: touched)
        }
      }
    }
  }

  /// Calls `add` with each piece of a client's contribution in `workspace.update`: its whole update, or, when the
  /// privacy unit is an example, the gradient of each sampled example.
  @inline(__always)
  private func contribute<Kernel: RowKernel>(
    _ kernel: Kernel, labels: UnsafePointer<Float>, examples: Int, anchor: UnsafePointer<Float>, round: Int,
    client: Int, add: () -> Void
  ) {
    if let rate = scenario.privacy?.exampleSampling?.rate {
      training.forEachSampledGradient(
        kernel, labels: labels, examples: examples, anchor: anchor, round: round, client: client, rate: rate,
        workspace: workspace, body: add)
    } else {
      training.train(
        kernel, labels: labels, examples: examples, anchor: anchor, round: round, client: client,
        workspace: workspace)
      add()
    }
  }

  /// Counters of this worker's held-out clients; zeros where the population does not know the scorer.
  /// - Parameter tier: count only the clients of this tier.
  package func evaluate(
    _ scorer: CoordinatorMessage.Scorer, tier: Int?, weights: [Float]
  ) throws -> [Int64] {
    guard weights.count == scenario.dimension || scorer != .model else {
      throw WorkerFailure(reason: .scenarioNotUnderstood)
    }
    var counts = EvaluationCounts()
    let padded = weights + [Float](repeating: 0, count: max(0, sum.sums.count - weights.count))
    for client in Swift.stride(from: configuration.worker, to: source.heldOutClients, by: configuration.workers) {
      if let tier, tier != tierOfClient(scenario.population.clients + client) { continue }
      guard let shard = store.heldOutShard(client) else { continue }
      switch scorer {
      case .model: counts.record(scores: modelScores(shard, weights: padded), labels: shard.labels)
      case .truth: if let scores = shard.trueLogits { counts.record(scores: scores, labels: shard.labels) }
      case .popularity: if let scores = shard.popularity { counts.record(scores: scores, labels: shard.labels) }
      }
    }
    return counts.values
  }

  private func modelScores(_ shard: ClientShard, weights: [Float]) -> [Float] {
    let examples = shard.labels.count
    return weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return [] }
      withKernel(of: shard, weights: weights) { kernel, anchor in
        score(kernel, examples: examples, anchor: anchor)
      } sparse: { kernel, anchor, _ in
        score(kernel, examples: examples, anchor: anchor)
      }
      return Array(UnsafeBufferPointer(start: workspace.margins.pointer, count: examples))
    }
  }

  private func score(_ kernel: some RowKernel, examples: Int, anchor: UnsafePointer<Float>) {
    let order = workspace.order.pointer
    for i in 0..<examples { order[i] = Int32(truncatingIfNeeded: i) }
    kernel.margins(order, count: examples, weights: anchor, into: workspace.margins.pointer)
  }

  /// Calls one of two closures with the shard's kernel and the model in its layout.
  private func withKernel(
    of shard: ClientShard, weights: UnsafePointer<Float>,
    dense: (DenseKernel, UnsafePointer<Float>) -> Void,
    sparse: (SparseKernel, UnsafePointer<Float>, UnsafeBufferPointer<UInt32>) -> Void
  ) {
    switch shard.features {
    case .dense(let rows):
      workspace.prepare(width: rows.stride, examples: shard.labels.count)
      rows.values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        dense(DenseKernel(values: values, width: rows.stride), weights)
      }
    case .sparse(let rows):
      let width = DenseRows.stride(for: rows.touched.count)
      workspace.prepare(width: width, examples: shard.labels.count)
      let anchor = workspace.anchor.pointer
      rows.touched.withUnsafeBufferPointer { touched in
        for k in 0..<touched.count { anchor[k] = weights[Int(touched[k])] }
        for k in touched.count..<width { anchor[k] = 0 }
        rows.starts.withUnsafeBufferPointer { starts in
          rows.columns.withUnsafeBufferPointer { columns in
            rows.values.withUnsafeBufferPointer { values in
              guard let starts = starts.baseAddress, let columns = columns.baseAddress,
                let values = values.baseAddress
              else { return }
              let kernel = SparseKernel(starts: starts, columns: columns, values: values, width: width)
              sparse(kernel, UnsafePointer(anchor), touched)
            }
          }
        }
      }
    }
  }
}
