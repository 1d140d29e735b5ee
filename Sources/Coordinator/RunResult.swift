import DifferentialPrivacy
import Recommender

/// Everything that came out of a run.
public struct RunResult: Sendable {
  /// How the run ended.
  public enum Status: String, Sendable {
    case finished
    /// Stopped by the user; everything up to the last whole round is here.
    case interrupted
  }

  /// One round.
  public struct RoundRecord: Sendable {
    public let round: Int
    public let cohortSize: Int
    /// Metrics after the round, on the rounds that evaluate.
    public let metrics: EvaluationMetrics?
    /// ε after the round, on rounds where it was computed.
    public let epsilon: EpsilonBracket?
  }

  /// The guarantee of the run, computed from its ledger.
  public struct PrivacyOutcome: Sendable {
    public let epsilon: EpsilonBracket
    public let noiseMultiplier: Double
  }

  public let status: Status
  public let rounds: [RoundRecord]
  /// The model of zeros.
  public let untrained: EvaluationMetrics
  /// The model at the end.
  public let final: EvaluationMetrics
  /// The true logit, where the population knows it.
  public let bestReachable: EvaluationMetrics?
  /// Ranking by catalogue popularity, where there is one.
  public let popularity: EvaluationMetrics?
  public let ledger: [LedgerEntry]
  public let privacy: PrivacyOutcome?
  public let weights: [Double]
  /// SHA-256 of the weights, the metrics and the ledger.
  public let digest: String
  /// The fewest clients that any sum covered; nil when no client was ever sampled.
  public let fewestClientsInASum: Int?
  public let skippedClients: Int
  public let workers: Int
  public let workerRestarts: Int
  public let timing: Timing

  /// Where the time went.
  public struct Timing: Sendable {
    /// From the start of the workers to the end of the last evaluation.
    public let wallSeconds: Double
    /// Rounds only.
    public let trainingSeconds: Double
    public let clientUpdates: Int

    /// Updates per second of training.
    public var clientUpdatesPerSecond: Double {
      trainingSeconds > 0 ? Double(clientUpdates) / trainingSeconds : 0
    }
  }
}
