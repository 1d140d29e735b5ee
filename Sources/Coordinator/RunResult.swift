import DifferentialPrivacy
import FederationProtocol
import Recommender
import Releases

/// Everything that came out of a run.
package struct RunResult: Sendable {
  /// How the run ended.
  package enum Status: String, Sendable {
    case finished
    /// The next round would have gone beyond the privacy budget.
    case budgetReached = "budget-reached"
    /// Stopped by the user; everything up to the last whole round is here.
    case interrupted
  }

  /// One round.
  package struct RoundRecord: Sendable, Codable {
    package let round: Int
    package let cohortSize: Int
    /// Clients of the cohort that are not in the sum: lost, or late.
    package let lostClients: Int
    /// C in this round; nil without privacy.
    package let clippingNorm: Double?
    /// Metrics after the round, on the rounds that evaluate.
    package let metrics: EvaluationMetrics?
    /// ε after the round, on rounds where it was computed.
    package let epsilon: EpsilonBracket?
    /// Norms of the updates that held-out clients would send after the round, on rounds that evaluate.
    package let norms: UpdateNorms?
    /// The first 64 bits of the SHA-256 of the weights after the round; nil where it was not asked for.
    package let fingerprint: UInt64?

    package init(
      round: Int, cohortSize: Int, lostClients: Int, clippingNorm: Double?, metrics: EvaluationMetrics?,
      epsilon: EpsilonBracket?, norms: UpdateNorms?, fingerprint: UInt64?
    ) {
      self.round = round
      self.cohortSize = cohortSize
      self.lostClients = lostClients
      self.clippingNorm = clippingNorm
      self.metrics = metrics
      self.epsilon = epsilon
      self.norms = norms
      self.fingerprint = fingerprint
    }
  }

  /// How long updates are before clipping, measured on held-out clients, whose data is under no guarantee.
  package struct UpdateNorms: Sendable, Codable {
    /// Share of the updates that clipping would shorten; nil without privacy.
    package let clippedShare: Double?
    /// The tenth percentile.
    package let tenth: Double
    package let median: Double
    /// The ninetieth percentile.
    package let ninetieth: Double
  }

  /// What the model is worth to held-out clients of a size.
  package struct SizeGroup: Sendable {
    /// The fewest and the most examples of a client.
    package let examples: ClosedRange<Int>
    package let clients: Int
    package let metrics: EvaluationMetrics
  }

  /// The guarantee of the run, computed from its ledger.
  package struct PrivacyOutcome: Sendable {
    package let epsilon: EpsilonBracket
    package let noiseMultiplier: Double
  }

  /// What a tier of clients paid and got.
  package struct TierResult: Sendable {
    package let name: String
    package let share: Double
    /// The ε its clients accept; nil: they opted out.
    package let target: Double?
    package let samplingRate: Double
    package let epsilon: EpsilonBracket
    /// Of the model on the held-out clients of the tier.
    package let metrics: EvaluationMetrics
  }

  /// What passes between the server and a client that takes part in a round.
  package struct Traffic: Sendable {
    /// The model, as floats.
    package let bytesDown: Int
    /// The update, as a client would send it after the last round: the mean over up to 200 held-out clients.
    package let bytesUp: Double
  }

  /// What models are worth on the held-out clients.
  package struct Metrics: Sendable {
    /// The model of zeros, without a part of a client's own.
    package let untrained: EvaluationMetrics
    /// The model at its last evaluation: at the end, or before an interruption.
    package let final: EvaluationMetrics
    /// The same model without the part that each client trains for itself; nil where there is none.
    package let sharedPart: EvaluationMetrics?
    /// The true logit, where the population knows it.
    package let bestReachable: EvaluationMetrics?
    /// Ranking by catalogue popularity, where there is one.
    package let popularity: EvaluationMetrics?
  }

  /// What was found out at the end, where it was asked for; nothing of an interrupted run.
  package struct Findings: Sendable {
    /// One a tier, in the order of their names; empty without tiers.
    package var tiers: [TierResult] = []
    /// Held-out clients by rising size, in at most ten groups of about as many clients; empty where it was not measured.
    package var sizeGroups: [SizeGroup] = []
    /// nil where no held-out client has an update.
    package var traffic: Traffic?
    /// How an attacker fares against what the run releases; nil where nobody attacks.
    package var linkage: LinkageRates?
    /// The coordinate that outweighs all others together in most held-out examples; nil where there is none.
    package var outweighingFeature: Int?
  }

  /// Whose data it was.
  package struct Population: Sendable {
    /// SHA-256 of everything that the shards hold, in hexadecimal; nil where clients are generated.
    package let dataDigest: String?
    /// The fewest clients that any sum covered; nil when no client was ever sampled.
    package let fewestClientsInASum: Int?
    /// Training clients that exist; the public number of clients may be larger.
    package let trainingClients: Int
    package let heldOutClients: Int
    /// Held-out clients that are training clients too.
    package let sharedClients: Int
    package let skippedClients: Int
  }

  /// How the run was carried out.
  package struct Execution: Sendable {
    package let noiseSource: NoiseSource
    package let workers: Int
    package let workerRestarts: Int
    package let timing: Timing
    package let peakMemory: PeakMemory
  }

  package let status: Status
  package let rounds: [RoundRecord]
  package let metrics: Metrics
  package let findings: Findings
  /// Everything that was released, and how often clients were asked for anything.
  package let closedLedger: ClosedLedger
  package let privacy: PrivacyOutcome?
  package let weights: [Double]
  /// SHA-256 of the weights, all metrics and the ledger.
  package let digest: String
  package let population: Population
  package let execution: Execution

  /// What was released.
  package var ledger: [LedgerEntry] { closedLedger.ledger.entries }

  /// The round that `final` was measured after; 0 for the untrained model.
  package var lastEvaluatedRound: Int { rounds.last { $0.metrics != nil }?.round ?? 0 }

  /// Where the time went.
  package struct Timing: Sendable {
    /// From the start of the workers to the end of the last evaluation.
    package let wallSeconds: Double
    /// Rounds only.
    package let trainingSeconds: Double
    package let clientUpdates: Int

    /// Updates per second of training.
    package var clientUpdatesPerSecond: Double {
      trainingSeconds > 0 ? Double(clientUpdates) / trainingSeconds : 0
    }
  }
}

extension RunResult.Population {
  init(_ readiness: WorkerReadiness, dataDigest: String?, _ fewestClientsInASum: Int?) {
    self.init(
      dataDigest: dataDigest, fewestClientsInASum: fewestClientsInASum, trainingClients: readiness.trainingClients,
      heldOutClients: readiness.heldOutClients, sharedClients: readiness.sharedClients,
      skippedClients: readiness.skippedClients)
  }
}
