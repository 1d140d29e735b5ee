import Foundation
import Recommender
import Scenarios

/// A run's folder, read back for comparison.
package struct FinishedRun: Sendable {
  package let outcome: RunOutcome
  /// The resolved scenario, with its seed.
  package let scenario: JSONValue
  package let version: String
  /// SHA-256 of the shards; nil where the population is generated, or an older fedsim wrote the file.
  package let dataDigest: String?
  private let references: [CurveReference]

  /// Reads a `run.json`.
  /// - Throws: `CurveFileError` when it cannot be read or used.
  package init(file url: URL, name: String) throws {
    func failure(_ message: String) -> CurveFileError { CurveFileError(file: name, message: message) }
    let json = try CurveFileError.reading(url, name: name)
    guard case .integer(1)? = json["format"], case .integer(let whole)? = json["seed"], whole >= 0,
      case .string(let digest)? = json["digest"], case .string(let version)? = json["version"],
      let metrics = json["metrics"], let privacy = json["privacy"], let scenario = json["scenario"]
    else { throw failure("is not a run.json of this version of fedsim") }
    guard json["status"] != .string("interrupted") else {
      throw failure("is of a run that was interrupted; only whole runs can be compared")
    }
    let seed = UInt64(whole)
    outcome = RunOutcome(
      seed: seed, digest: digest, epsilon: privacy["epsilon"]?.asDouble,
      epsilonLowerBound: privacy["epsilonLowerBound"]?.asDouble,
      noiseMultiplier: privacy["noiseMultiplier"]?.asDouble, metrics: MetricValues(metrics),
      bytesDown: json["traffic"]?["bytesDown"]?.asInteger, bytesUp: json["traffic"]?["bytesUp"]?.asDouble,
      linkage: json["linkage"].flatMap(LinkageRates.init))
    self.scenario = scenario
    self.version = version
    dataDigest = if case .string(let digest)? = json["dataDigest"] { digest } else { nil }
    references = [CurveReference.Kind.bestReachable, .popularity, .untrained].compactMap { kind in
      guard let values = metrics[kind.rawValue], case .object = values else { return nil }
      return CurveReference(kind: kind, values: [SeedValues(seed: seed, values: MetricValues(values))])
    }
  }

  /// Where the run stands on an axis of ε: at its target, or else at the ε it came to.
  private var position: Double {
    scenario.member(at: SweepPlan.epsilonAxis)?.asDouble ?? outcome.epsilon ?? .infinity
  }

  /// Runs that make one curve.
  private struct Group {
    let key: JSONValue
    let dataDigest: String?
    let name: String
    var runs: [FinishedRun]

    /// Whether a run belongs here: it differs from the others in nothing but seed and ε, and no other result is in
    /// its place.
    func takes(_ run: FinishedRun, key: JSONValue) -> Bool {
      self.key == key && dataDigest == run.dataDigest
        && !runs.contains {
          $0.position == run.position && $0.outcome.seed == run.outcome.seed
            && $0.outcome.digest != run.outcome.digest
        }
    }

    /// What tells the group from another of the same scenario.
    func distinction(from other: Group) -> String {
      dataDigest == other.dataDigest
        ? "result \(runs[0].outcome.digest.prefix(8))" : "data \(dataDigest?.prefix(8) ?? "unknown")"
    }
  }

  /// Runs as curves over ε: those that differ in nothing but seed and ε make one curve. Runs over other data, and
  /// runs that came to another result with equal scenario and seed, make curves of their own, whose names say so.
  /// - Parameter runs: each with the name that its curve gets if it is the first of it.
  package static func curves(_ runs: [(name: String, run: FinishedRun)]) -> [Curve] {
    var groups: [Group] = []
    for (name, run) in runs {
      let key = run.scenario.removing(path: "seed").removing(path: SweepPlan.epsilonAxis)
      if let index = groups.firstIndex(where: { $0.takes(run, key: key) }) {
        groups[index].runs.append(run)
      } else {
        groups.append(Group(key: key, dataDigest: run.dataDigest, name: name, runs: [run]))
      }
    }
    return groups.indices.map { index in
      let group = groups[index]
      let others = groups.indices.filter { $0 != index && groups[$0].key == group.key }
      // Other data says more than another result.
      let other = others.first { groups[$0].dataDigest != group.dataDigest } ?? others.first
      var points: [Double: [RunOutcome]] = [:]
      for run in group.runs where points[run.position]?.contains(where: { $0.seed == run.outcome.seed }) != true {
        points[run.position, default: []].append(run.outcome)
      }
      return Curve(
        name: group.name + (other.map { ", \(group.distinction(from: groups[$0]))" } ?? ""), settings: [:],
        scenario: group.key,
        points: points.keys.sorted().map { CurvePoint(position: $0, outcomes: points[$0] ?? []) },
        references: CurveReference.merged(group.runs.flatMap(\.references)), dataDigest: group.dataDigest)
    }
  }
}
