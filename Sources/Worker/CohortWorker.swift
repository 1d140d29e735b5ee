import AggregationSchemes
import ClientData
import DifferentialPrivacy
import FederationProtocol
import KernelInterface
import KernelSelection
import NumericalCore
import Recommender
import Releases
import Scenarios

/// A configured worker: trains its part of each cohort and evaluates its held-out clients.
package final class CohortWorker {
  let scenario: Scenario
  /// What the loop over clients asks of the scenario.
  let constants: Constants
  let configuration: WorkerConfiguration
  let source: any ClientSource
  let store: ShardStore
  /// nil where a client is its number.
  private let keys: ClientKeys?
  let kernels = VectorWidth.kernels
  let training: LocalTraining
  /// The norm that updates are clipped in.
  let clippingSpace: Clipping.Norm
  let clipping: Clipping
  let sum: PlainSum.Accumulator
  let workspace = TrainingWorkspace()
  /// nil where updates are sent whole.
  let sparsifier: Sparsifier?
  /// nil where clients have no part of their own.
  @exclusivity(unchecked) var personalPart: PersonalPart?
  /// Asked for again where its logits are to be told apart more finely.
  var latestReference:
    (scorer: CoordinatorMessage.Scorer, model: ReferenceModels.Learned, counts: EvaluationCounts)?

  /// Numbers of the scenario, looked up once. A scenario holds texts and lists; whoever reads one of its members for every
  /// client counts references to them for every client.
  struct Constants {
    let clients: Int
    let dimension: Int
    let seed: UInt64
    /// Probability that an example takes part; nil where the privacy unit is the client.
    let exampleRate: Double?
    let aggregation: Aggregation
    /// Whether updates are rounded by chance.
    let hasRounding: Bool
    let hasFaults: Bool
    let hasTiers: Bool

    init(_ scenario: Scenario) {
      clients = scenario.population.clients
      dimension = scenario.dimension
      seed = scenario.seed
      exampleRate = scenario.privacy?.exampleSampling?.rate
      aggregation = scenario.training.aggregation
      hasRounding = scenario.training.compression?.quantization != nil
      hasFaults = scenario.faults != nil
      hasTiers = scenario.privacy?.tiers != nil
    }
  }

  /// - Parameter previous: what this process was configured as before. Its clients are kept where they are the same,
  ///   so that the runs of a sweep need not make them again.
  /// - Throws: `WorkerFailure` when the scenario or its shards cannot be used.
  package init(_ configuration: WorkerConfiguration, replacing previous: CohortWorker? = nil) throws {
    self.configuration = configuration
    guard let value = try? JSONValue(utf8: configuration.scenario),
      let scenario = try? Scenario(value, file: "scenario")
    else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    self.scenario = scenario
    constants = Constants(scenario)
    let (worker, workers) = (configuration.worker, configuration.workers)
    if let previous, previous.hasSameClients(as: scenario, configuration) {
      source = previous.source
      store = previous.store
    } else {
      source = try makeClientSource(for: scenario, folder: configuration.folder) { $0 % workers == worker }
      store = ShardStore(
        source: source, workers: workers, budget: configuration.cacheBytes,
        maximumExamples: scenario.minimisation?.maximumExamples)
    }
    keys = source.keys
    training = LocalTraining(
      settings: scenario.training.client, seed: scenario.seed, rounds: scenario.training.rounds)
    sparsifier = scenario.training.compression.map {
      Sparsifier($0, dimension: scenario.dimension, seed: scenario.seed)
    }
    personalPart = scenario.training.personalisation.map { PersonalPart($0) }
    clippingSpace = scenario.privacy?.mechanism == .laplace ? .l1 : .l2
    clipping = Clipping(
      lattice: scenario.lattice, norm: clippingSpace, quantization: scenario.training.compression?.quantization)
    sum = PlainSum(scenario).accumulator()

    // Generating ahead pays when the run will ask for about every client anyway.
    let clients = scenario.population.clients
    if scenario.training.rounds * scenario.training.cohort.expectedSize >= clients {
      try store.fill(with: Swift.stride(from: worker, to: clients, by: workers))
    }
  }

  /// Whether another scenario has the very clients of this one.
  private func hasSameClients(as other: Scenario, _ configuration: WorkerConfiguration) -> Bool {
    let own = self.configuration
    return scenario.clientIdentity == other.clientIdentity && own.folder == configuration.folder
      && own.worker == configuration.worker
      && own.workers == configuration.workers && own.cacheBytes == configuration.cacheBytes
  }

  /// What this worker found.
  package var readiness: WorkerReadiness {
    WorkerReadiness(
      trainingClients: source.trainingClients, heldOutClients: source.heldOutClients,
      skippedClients: source.skippedClients, sharedClients: source.sharedClients, knowsTruth: source.knowsTruth,
      knowsPopularity: source.knowsPopularity, dataDigest: source.dataDigest)
  }

  /// The answer to a round: this worker's share of the sum of what `clients` contribute.
  /// - Parameters:
  ///   - weights: the broadcast model, one a coordinate.
  ///   - noise: what each client adds to its own update; nil where clients add none.
  /// - Throws: `WorkerFailure` when a client is not this worker's, or the noise is out of range.
  package func train(
    round: Int, clippingNorm: Double, clients: [UInt32], weights: [Float], noise: ClientNoise? = nil
  ) throws -> WorkerMessage {
    guard weights.count == scenario.dimension else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    clipping.use(scenario.lattice(clippingNorm: clippingNorm))
    sum.reset()
    let clientNoise: (any NoiseProcess)?
    do { clientNoise = try noise?.process } catch { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    let weights = padded(weights)
    // One client ahead, so that its examples are on their way from memory while another learns.
    var ahead = clients.makeIterator()
    var upcoming = try ahead.next().flatMap(trainingExamples)
    for index in clients {
      let examples = upcoming
      upcoming = try ahead.next().flatMap(trainingExamples)
      // A client that the public population size counts but the shards do not have contributes nothing.
      guard let examples else { continue }
      // Everything about a client follows its name, so that nothing changes for it when another comes or goes. Only its noise
      // follows its index, of which no two clients share one.
      let client = key(of: Int(index))
      let group = constants.aggregation.group(ofClient: client, round: round, seed: constants.seed)
      // An update that is lost, or too late, is in no sum; neither is the noise that went with it.
      let isSummed = !constants.hasFaults || fate(client, round) == .takesPart
      if !examples.labels.isEmpty {
        add(
          examples, client: client, round: round, weights: weights, to: isSummed ? group : nil,
          upcoming: upcoming?.memory)
      }
      // A client that has nothing to say must not be known by its silence.
      if let clientNoise, isSummed {
        let draws: NoiseDraws = configuration.secureNoise ? .secure : .seeded(constants.seed, client: Int(index))
        sum.add(clientNoise, group: group, round: round, from: draws)
      }
    }
    return .sum(round: round, sums: sum.share())
  }

  /// Where a client's examples lie, until the one after the next is asked for; nil where there is no such client.
  /// - Throws: `WorkerFailure` when the client is not this worker's, or takes no part.
  private func trainingExamples(_ client: UInt32) throws -> ClientShard.Examples? {
    let client = Int(client)
    guard client % configuration.workers == configuration.worker, client < constants.clients,
      !constants.hasTiers || !hasOptedOut(key(of: client))
    else { throw WorkerFailure(reason: .unknownClient) }
    return try store.trainingExamples(client)
  }

  /// A model padded to whole registers, until the next one.
  func padded(_ weights: [Float]) -> UnsafePointer<Float> {
    let width = Rows.padded(weights.count)
    workspace.model.reserve(width)
    let model = workspace.model.pointer
    model.update(from: weights, count: weights.count)
    (model + weights.count).update(repeating: 0, count: width - weights.count)
    return UnsafePointer(model)
  }

  /// What draws about a training client are keyed by.
  @inline(__always)
  private func key(of client: Int) -> Int {
    guard let keys, client < keys.training.count else { return client }
    return keys.training[client]
  }

  /// What draws about a held-out client are keyed by. Where clients are numbers, held-out ones are numbered on from the
  /// training clients, so that no stream is used twice.
  func key(ofHeldOut client: Int) -> Int { keys?.heldOut[client] ?? scenario.population.clients + client }

  /// The keys of this worker's training clients, in the order of their indices.
  package var trainingKeys: [UInt64] {
    Swift.stride(from: configuration.worker, to: source.trainingClients, by: configuration.workers).map {
      UInt64(key(of: $0))
    }
  }

  /// - Parameter client: its key.
  func tierOfClient(_ client: Int) -> Int? {
    scenario.privacy?.tiers?.index(ofClient: client, seed: scenario.seed)
  }

  /// The coordinator never asks for these; a worker would refuse.
  /// - Parameter client: its key.
  private func hasOptedOut(_ client: Int) -> Bool {
    guard let tiers = scenario.privacy?.tiers, let tier = tierOfClient(client) else { return false }
    return tiers.tiers[tier].epsilon == nil
  }
}
