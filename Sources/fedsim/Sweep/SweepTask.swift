import ClientData
import Coordinator
import Curves
import FederationProtocol
import Foundation
import NumericalCore
import Reporting
import ResultFiles
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
  /// What the scenario's shards hold; empty for generated populations.
  let dataDigest: String

  /// - Parameter dataDigest: what the scenario's shards hold; empty for generated populations.
  init(_ work: Work, _ scenario: Scenario, label: String, dataDigest: String) throws {
    self.work = work
    self.scenario = scenario
    self.label = label
    self.dataDigest = dataDigest
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
      let (metrics, data) = try model.metrics(of: scenario, options: options, on: pool)
      let kind: CurveReference.Kind =
        switch model {
        case .central: .central
        case .alone: .alone
        }
      return SweepRecord(outcome: nil, lines: [kind: MetricValues(metrics)], dataDigest: data)
    case .run:
      let result = try Simulation(scenario, options: options).run(on: pool)
      guard result.status != .interrupted else { throw CoordinatorError.interrupted }
      var lines: [CurveReference.Kind: MetricValues] = [.untrained: MetricValues(result.metrics.untrained)]
      lines[.bestReachable] = result.metrics.bestReachable.map { MetricValues($0) }
      lines[.popularity] = result.metrics.popularity.map { MetricValues($0, rankingOnly: true) }
      let outcome = RunOutcome(
        seed: scenario.seed, digest: result.digest, epsilon: result.privacy?.epsilon.upper,
        epsilonLowerBound: result.privacy?.epsilon.lower, noiseMultiplier: result.privacy?.noiseMultiplier,
        metrics: MetricValues(result.metrics.final), bytesDown: result.findings.traffic?.bytesDown,
        bytesUp: result.findings.traffic?.bytesUp,
        linkage: result.findings.linkage)
      return SweepRecord(outcome: outcome, lines: lines, dataDigest: result.population.dataDigest)
    }
  }
}

extension Scenario {
  /// The same for scenarios whose clients have the same examples.
  func clientsKey() throws -> String {
    String(decoding: try clientIdentity.encoded(pretty: false), as: UTF8.self)
  }
}

/// What came out of a task, as it is kept on disk.
struct SweepRecord: Equatable, Sendable {
  /// nil for a reference.
  let outcome: RunOutcome?
  let lines: [CurveReference.Kind: MetricValues]
  /// The digest of the shards that the worker read; nil where the population is generated.
  let dataDigest: String?

  init(outcome: RunOutcome?, lines: [CurveReference.Kind: MetricValues], dataDigest: String?) {
    self.outcome = outcome
    self.lines = lines
    self.dataDigest = dataDigest
  }

  private var json: JSONValue {
    .object([
      "format": .integer(Self.format), "run": outcome?.json ?? .null,
      "dataDigest": dataDigest.map(JSONValue.string) ?? .null,
      "lines": .object(Dictionary(uniqueKeysWithValues: lines.map { ($0.key.rawValue, $0.value.json) })),
    ])
  }

  private init?(_ json: JSONValue) {
    guard json["format"] == .integer(Self.format), case .object(let lines)? = json["lines"], let run = json["run"]
    else { return nil }
    outcome = run == .null ? nil : RunOutcome(run)
    guard (outcome == nil) == (run == .null) else { return nil }
    var read: [CurveReference.Kind: MetricValues] = [:]
    for kind in CurveReference.Kind.allCases { read[kind] = lines[kind.rawValue].map(MetricValues.init) }
    self.lines = read
    dataDigest = if case .string(let digest)? = json["dataDigest"] { digest } else { nil }
  }
}

/// Records as files. Each carries the SHA-256 of its key and content, so that it shows by itself that it is
/// fedsim's and as it was written.
extension SweepRecord {
  private static let format = 2

  func file(key: String) throws -> Data {
    let contents = json.setting(["key"], to: .string(key))
    return try contents.setting(["checksum"], to: .string(Self.checksum(contents))).encoded(pretty: true)
      + Data("\n".utf8)
  }

  /// Reads what `file` gives; nil when it is something else, or of another key.
  init?(file url: URL, key: String) {
    guard let json = try? JSONValue(contentsOf: url), json["key"] == .string(key),
      case .string(let checksum)? = json["checksum"],
      (try? Self.checksum(json.removing("checksum"))) == checksum
    else { return nil }
    self.init(json)
  }

  /// A number may be read as another kind of number than it was written from, so what counts is how it is read.
  private static func checksum(_ contents: JSONValue) throws -> String {
    FolderManifest.digest(of: try JSONValue(utf8: contents.encoded(pretty: false)).encoded(pretty: false))
  }
}

/// SHA-256 of everything that a population's shards hold, as in `run.json`; empty for populations that are generated.
/// - Parameter warn: is told what is odd about them.
func dataDigest(of population: Population, folder: String, warn: (String) -> Void) throws -> String {
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
