import Coordinator
import Curves
import DifferentialPrivacy
import Foundation
import Recommender
import Scenarios

/// The files of a run's folder, by name, from what the run returned.
package struct RunDocument {
  package let scenario: Scenario
  package let result: RunResult
  /// What other accountants say, when the user asked for them.
  package let sideBySide: [SideBySide]
  /// What is odd about the data, in sentences.
  package let dataWarnings: [String]

  /// - Parameter sharedNames: the first of the clients that train and are held out.
  package init(
    scenario: Scenario, result: RunResult, sideBySide: [SideBySide] = [], sharedNames: [String] = []
  ) {
    self.scenario = scenario
    self.result = result
    self.sideBySide = sideBySide
    if case .files(let files) = scenario.population {
      dataWarnings =
        DataWarnings(
          files, trainingClients: result.population.trainingClients,
          heldOutClients: result.population.heldOutClients,
          sharedClients: result.population.sharedClients, sharedNames: sharedNames
        ).sentences
    } else {
      dataWarnings = []
    }
  }

  /// All files of the folder but the ledger, which was written while the run went on.
  package func files() throws -> [(name: String, contents: Data)] {
    let json = try self.json.setting(["ledgerHead"], to: .string(result.closedLedger.head)).encoded(pretty: true)
    return [
      ("run.json", json + Data("\n".utf8)),
      ("rounds.csv", Data(roundsCSV.utf8)),
      ("report.html", Data(RunReport(self).html.utf8)),
    ]
  }

  /// `run.json`: `docs/file-formats.md` lists the keys.
  package var json: JSONValue {
    .object([
      "format": .integer(1),
      "name": .string(scenario.name),
      "seed": .integer(Int(scenario.seed)),
      "version": .string(Version.current),
      "status": .string(result.status.rawValue),
      "roundsDone": .integer(result.rounds.count),
      "digest": .string(result.digest),
      "dataDigest": .optional(result.population.dataDigest),
      "scenario": scenario.resolved,
      "metrics": metrics,
      "privacy": privacy,
      "traffic": traffic,
      "linkage": result.findings.linkage?.json ?? .null,
      "warnings": .array(RunSummary(self).warnings.map(JSONValue.string)),
      "timing": timing,
      "memory": memory,
    ])
  }

  private var metrics: JSONValue {
    var all: [String: JSONValue] = [:]
    if case .object(let members) = MetricValues(result.metrics.final).json { all = members }
    all["evaluatedAfterRound"] = .integer(result.lastEvaluatedRound)
    all["heldOutExamples"] = .integer(result.metrics.final.examples)
    all["heldOutPositives"] = .integer(result.metrics.final.positives)
    all["rankedClients"] = .integer(result.metrics.final.rankedClients)
    all["untrained"] = MetricValues(result.metrics.untrained).json
    all["skippedClients"] = .integer(result.population.skippedClients)
    all["bestReachableAUC"] = .optional(result.metrics.bestReachable?.auc)
    all["sharedPart"] = result.metrics.sharedPart.map { MetricValues($0).json } ?? .null
    all["bestReachable"] = result.metrics.bestReachable.map { MetricValues($0).json } ?? .null
    // Popularity is a ranking without probabilities, so it has no log loss, accuracy or calibration.
    all["popularity"] = result.metrics.popularity.map { MetricValues($0, rankingOnly: true).json } ?? .null
    all["bySize"] = .array(
      result.findings.sizeGroups.map { group in
        MetricValues(group.metrics).json
          .setting(["fewestExamples"], to: .integer(group.examples.lowerBound))
          .setting(["mostExamples"], to: .integer(group.examples.upperBound))
          .setting(["clients"], to: .integer(group.clients))
      })
    return .object(all)
  }

  private var privacy: JSONValue {
    let fewest: JSONValue = .optional(result.population.fewestClientsInASum)
    guard let settings = scenario.privacy, let outcome = result.privacy else {
      return .object(["guarantee": .string("none"), "fewestClientsInASum": fewest])
    }
    let tiers = result.findings.tiers.map { tier in
      JSONValue.object([
        "name": .string(tier.name), "share": .number(tier.share),
        "epsilonTarget": .optional(tier.target), "samplingRate": .number(tier.samplingRate),
        "epsilon": .number(tier.epsilon.upper),
        "epsilonLowerBound": .optional(tier.epsilon.lower),
        "auc": .optional(tier.metrics.auc), "logLoss": .optional(tier.metrics.logLoss),
        "heldOutExamples": .integer(tier.metrics.examples),
      ])
    }
    return .object([
      "tiers": .array(tiers),
      "sideBySide": .array(sideBySide.map(\.json)),
      "guarantee": .string("differential privacy"),
      "unit": .string(settings.unit.rawValue),
      "trust": .string(settings.trust.rawValue),
      "adjacency": .string(settings.adjacency.rawValue),
      "accountant": .string(settings.accountant.rawValue),
      "delta": .number(settings.delta),
      "epsilon": .number(outcome.epsilon.upper),
      "epsilonLowerBound": .optional(outcome.epsilon.lower),
      "noiseMultiplier": .number(outcome.noiseMultiplier),
      "clippingNorm": .number(result.rounds.last?.clippingNorm ?? settings.clippingNorm),
      "randomness": .string(result.execution.noiseSource.about),
      "holds": .string(
        result.execution.noiseSource.holds(sampling: settings.secretSampling(scenario.training.cohort))),
      "fewestClientsInASum": fewest,
    ])
  }

  private var traffic: JSONValue {
    guard let traffic = result.findings.traffic else { return .null }
    return .object([
      "bytesDown": .integer(traffic.bytesDown), "bytesUp": .number(traffic.bytesUp),
      "totalBytesUp": .number(traffic.bytesUp * Double(result.execution.timing.clientUpdates)),
      "aucGainPerKilobyteUp": .optional(RunSummary(self).gainPerKilobyte),
    ])
  }

  private var memory: JSONValue {
    .object([
      "coordinatorPeakBytes": .optional(result.execution.peakMemory.coordinator),
      "workerPeakBytes": .array(result.execution.peakMemory.workers.map { .optional($0) }),
    ])
  }

  private var timing: JSONValue {
    .object([
      "wallSeconds": .number(result.execution.timing.wallSeconds),
      "trainingSeconds": .number(result.execution.timing.trainingSeconds),
      "clientUpdates": .integer(result.execution.timing.clientUpdates),
      "clientUpdatesPerSecond": .number(result.execution.timing.clientUpdatesPerSecond),
      "workers": .integer(result.execution.workers),
      "workerRestarts": .integer(result.execution.workerRestarts),
    ])
  }

  /// `rounds.csv`: one line a round; cells are empty where nothing was evaluated.
  package var roundsCSV: String {
    var text =
      "round,cohort_size,\(Metric.columns),epsilon,epsilon_lower_bound,clipping_norm,clipped_share,median_update_norm,lost_clients\n"
    for record in result.rounds {
      var cells = ["\(record.round)", "\(record.cohortSize)"]
      cells += Metric.allCases.map { metric in record.metrics.flatMap(metric.value).map { "\($0)" } ?? "" }
      cells.append(record.epsilon.map { "\($0.upper)" } ?? "")
      cells.append(record.epsilon?.lower.map { "\($0)" } ?? "")
      cells.append(record.clippingNorm.map { "\($0)" } ?? "")
      cells.append(record.norms?.clippedShare.map { "\($0)" } ?? "")
      cells.append(record.norms.map { "\($0.median)" } ?? "")
      cells.append("\(record.lostClients)")
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }
}

/// The version of fedsim, as results state it.
package enum Version {
  package static let current = "0.1.0"
}
