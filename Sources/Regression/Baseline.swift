import Coordinator
import Curves
import DifferentialPrivacy
import Recommender
import Scenarios

/// What a scenario's run came to when its owner was content with it: the committed side of a check.
package struct Baseline: Equatable, Sendable {
  /// A metric, and what is known of how it varies.
  package struct Figure: Equatable, Sendable {
    package let metric: Metric
    /// nil where the metric has no value on the held-out clients.
    package let value: Double?
    /// nil where the check is by a tolerance, or not by metrics at all, and where fewer than two runs have a value.
    package let learned: PredictionInterval?

    package init(metric: Metric, value: Double?, learned: PredictionInterval?) {
      self.metric = metric
      self.value = value
      self.learned = learned
    }
  }

  /// What was released, and what it costs.
  package struct Privacy: Equatable, Sendable {
    package let epsilon: Double
    package let delta: Double
    /// The ledger's kinds of releases with their counts, as sentences.
    package let events: [String]

    package init(epsilon: Double, delta: Double, events: [String]) {
      self.epsilon = epsilon
      self.delta = delta
      self.events = events
    }
  }

  package let version: String
  /// The resolved scenario, seed and all.
  package let scenario: JSONValue
  /// SHA-256 of the shards; empty for generated populations.
  package let dataDigest: String
  package let digest: String
  /// The model's fingerprint after each round, in hexadecimal.
  package let rounds: [String]
  package let figures: [Figure]
  /// nil without privacy.
  package let privacy: Privacy?

  package init(
    version: String, scenario: JSONValue, dataDigest: String, digest: String, rounds: [String], figures: [Figure],
    privacy: Privacy?
  ) {
    self.version = version
    self.scenario = scenario
    self.dataDigest = dataDigest
    self.digest = digest
    self.rounds = rounds
    self.figures = figures
    self.privacy = privacy
  }

  /// What a run came to.
  /// - Parameters:
  ///   - result: of a run with fingerprints.
  ///   - others: the metrics of runs with other seeds, from which intervals are learned; empty where none are.
  package init(
    _ result: RunResult, of scenario: Scenario, version: String, dataDigest: String,
    others: [EvaluationMetrics] = []
  ) {
    let figures = Metric.allCases.map { metric in
      let learned = ([result.metrics.final] + others).compactMap { metric.value($0) }
      return Figure(
        metric: metric, value: metric.value(result.metrics.final),
        learned: others.isEmpty || learned.count < 2 ? nil : PredictionInterval(learned))
    }
    let privacy = result.privacy.map { outcome in
      Privacy(
        epsilon: outcome.epsilon.upper, delta: scenario.privacy?.delta ?? 0,
        events: LedgerSummary(result.ledger).kinds.map {
          "\($0.releases) × \($0.mechanism), \($0.parameters), about \($0.about)"
        })
    }
    self.init(
      version: version, scenario: scenario.resolved, dataDigest: dataDigest, digest: result.digest,
      rounds: result.rounds.map { record in
        let digits = String(record.fingerprint ?? 0, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }, figures: figures, privacy: privacy)
  }
}
