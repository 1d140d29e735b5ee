import ClientData
import Coordinator
import Curves
import FederationProtocol
import Foundation
import NumericalCore
import Reporting
import Scenarios

/// One thing to compute in a sweep. Equal tasks have equal keys, so that nothing is computed twice.
struct SweepTask: QueuedTask {
  /// What is computed.
  enum Work: Sendable {
    case run
    case reference(ReferenceModel)
  }

  let work: Work
  let scenario: Scenario
  let label: String
  /// Names the result, and the file it is kept in.
  let key: String
  let clients: String

  /// - Parameter dataDigest: what the scenario's shards hold; empty for generated populations.
  init(_ work: Work, _ scenario: Scenario, label: String, dataDigest: String) throws {
    self.work = work
    self.scenario = scenario
    self.label = label
    clients = try scenario.clientsKey()
    var hash = SHA256()
    hash.update("fedsim task 1 \(Version.current) \(dataDigest) ".utf8)
    switch work {
    case .run: hash.update(try scenario.resolved.encoded(pretty: false))
    case .reference(let model):
      hash.update("\(model.rawValue) \(scenario.training.l2) \(scenario.supportShare) \(clients)".utf8)
    }
    key = String(hash.hexadecimal.prefix(32))
  }

  /// Computes the task.
  /// - Throws: `CoordinatorError`, or `AccountingError` when the guarantee asked for cannot be had.
  func carryOut(options: RunOptions, on pool: WorkerPool) throws -> SweepRecord {
    switch work {
    case .reference(let model):
      let metrics = try model.metrics(of: scenario, options: options, on: pool)
      let kind: CurveReference.Kind = model == .central ? .central : .alone
      return SweepRecord(outcome: nil, lines: [kind: MetricValues(metrics)])
    case .run:
      let result = try Simulation(scenario, options: options).run(on: pool)
      guard result.status != .interrupted else { throw CoordinatorError.interrupted }
      var lines: [CurveReference.Kind: MetricValues] = [.untrained: MetricValues(result.untrained)]
      lines[.bestReachable] = result.bestReachable.map { MetricValues($0) }
      lines[.popularity] = result.popularity.map { MetricValues($0, rankingOnly: true) }
      let outcome = RunOutcome(
        seed: scenario.seed, digest: result.digest, epsilon: result.privacy?.epsilon.upper,
        epsilonLowerBound: result.privacy?.epsilon.lower, noiseMultiplier: result.privacy?.noiseMultiplier,
        metrics: MetricValues(result.final), bytesDown: result.traffic?.bytesDown, bytesUp: result.traffic?.bytesUp,
        linkage: result.linkage)
      return SweepRecord(outcome: outcome, lines: lines)
    }
  }
}

extension Scenario {
  /// The same for scenarios whose clients have the same examples.
  func clientsKey() throws -> String {
    let data = JSONValue.object([
      "population": resolved["population"] ?? .null, "features": resolved["features"] ?? .null,
      "minimisation": resolved["minimisation"] ?? .null, "anonymisation": resolved["anonymisation"] ?? .null,
      "seed": .integer(Int(seed)),
    ])
    return String(decoding: try data.encoded(pretty: false), as: UTF8.self)
  }
}

/// What came out of a task, as it is kept on disk.
struct SweepRecord: Equatable, Sendable {
  /// nil for a reference.
  let outcome: RunOutcome?
  let lines: [CurveReference.Kind: MetricValues]

  init(outcome: RunOutcome?, lines: [CurveReference.Kind: MetricValues]) {
    self.outcome = outcome
    self.lines = lines
  }

  var json: JSONValue {
    .object([
      "format": .integer(1), "run": outcome?.json ?? .null,
      "lines": .object(Dictionary(uniqueKeysWithValues: lines.map { ($0.key.rawValue, $0.value.json) })),
    ])
  }

  /// Reads what `json` writes; nil when it is something else.
  init?(_ json: JSONValue) {
    guard json["format"] == .integer(1), case .object(let lines)? = json["lines"], let run = json["run"] else {
      return nil
    }
    outcome = run == .null ? nil : RunOutcome(run)
    guard (outcome == nil) == (run == .null) else { return nil }
    var read: [CurveReference.Kind: MetricValues] = [:]
    for kind in CurveReference.Kind.allCases { read[kind] = lines[kind.rawValue].map(MetricValues.init) }
    self.lines = read
  }
}

/// SHA-256 of everything that a population's shards hold, as in `run.json`; empty for populations that are generated. Says on
/// standard error what is odd about them.
func dataDigest(of population: Population, folder: String) throws -> String {
  guard case .files(let files) = population else { return "" }
  do {
    let shards = try FileShards(settings: files, folder: folder, seed: 0) { _ in false }
    let warnings = DataWarnings(
      files, trainingClients: shards.trainingClients, heldOutClients: shards.heldOutClients,
      sharedClients: shards.sharedClients, sharedNames: shards.sharedNames)
    for warning in warnings.sentences { warn(warning) }
    return SHA256.hexadecimal(shards.dataDigest)
  } catch let failure as WorkerFailure {
    throw RunFailure(ShardFailure(failure, files, folder: folder).description, status: 2)
  }
}
