import Scenarios

/// Where a worker's clients come from. A shard is a pure function of the source and the client, so it can be
/// thrown away and made again.
package protocol ClientSource: Sendable {
  /// Training clients there are.
  var trainingClients: Int { get }
  /// Held-out clients there are.
  var heldOutClients: Int { get }
  /// Clients left out because they have no example.
  var skippedClients: Int { get }
  /// The SHA-256 of everything that the clients hold; empty where they are generated, and the scenario says it all.
  var dataDigest: [UInt8] { get }
  /// Whether held-out shards carry true logits.
  var knowsTruth: Bool { get }
  /// Whether held-out shards carry item popularity.
  var knowsPopularity: Bool { get }

  /// Clients that are in both halves.
  var sharedClients: Int { get }
  /// What draws about clients are keyed by; nil where a client is its number.
  var keys: ClientKeys? { get }

  /// The examples of a training client, `client` in 0..<trainingClients, or nil when the client is not this
  /// source's to give.
  /// - Throws: `WorkerFailure` where they can no longer be read.
  func trainingShard(_ client: Int) throws -> ClientShard?
  /// The examples of a held-out client, `client` in 0..<heldOutClients.
  /// - Throws: `WorkerFailure` where they can no longer be read.
  func heldOutShard(_ client: Int) throws -> ClientShard?
}

extension ClientSource {
  package var dataDigest: [UInt8] { [] }
  package var sharedClients: Int { 0 }
  package var keys: ClientKeys? { nil }
}

/// The source a scenario describes, restricted to one worker's clients where restricting saves memory.
/// - Parameters:
///   - folder: the folder that relative paths start from.
///   - owns: whether a client index is this worker's.
/// - Throws: `WorkerFailure` when shards cannot be used.
package func makeClientSource(
  for scenario: Scenario, folder: String, owns: @escaping @Sendable (Int) -> Bool = { _ in true }
) throws -> any ClientSource {
  switch scenario.population {
  case .market(let market):
    guard let features = scenario.features else { preconditionFailure("a market scenario has features") }
    return Market(
      settings: market, features: features, minimisation: scenario.minimisation,
      anonymisation: scenario.anonymisation, seed: scenario.seed)
  case .syntheticAlphaBeta(let synthetic):
    return SyntheticAlphaBeta(settings: synthetic, seed: scenario.seed)
  case .files(let files):
    return try FileShards(settings: files, folder: folder, seed: scenario.seed, owns: owns)
  }
}
