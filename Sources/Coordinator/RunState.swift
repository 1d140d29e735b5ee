import DifferentialPrivacy
import Recommender
import Scenarios

/// What changes from round to round.
struct RunState {
  /// What is overwritten.
  var current: Current
  /// What is added to, once a round.
  var records: [RunResult.RoundRecord] = []
  var ledger: [LedgerEntry] = []

  struct Current {
    var model: ServerModel
    /// Of the last evaluation.
    var latest: EvaluationMetrics
    /// Of the last computation.
    var latestEpsilon: EpsilonBracket?
    var fewestClientsInASum: Int?
    var clientUpdates = 0
    var training = Duration.zero
    var lastEpsilonRound = 0
    var lastNormRound = 0
    /// C of the next round.
    var clippingNorm: Double
  }

  /// The state after a round, without copies of what only grows.
  struct Mark {
    let current: Current
    let records: Int
    let entries: Int
  }

  init(model: ServerModel, latest: EvaluationMetrics, clippingNorm: Double) {
    current = Current(model: model, latest: latest, clippingNorm: clippingNorm)
  }

  var mark: Mark { Mark(current: current, records: records.count, entries: ledger.count) }

  /// The state as it was at a mark, to go on from.
  func checkpoint(
    at mark: Mark, _ scenario: Scenario, _ options: RunOptions, wallSeconds: Double
  ) -> Checkpoint {
    let then = mark.current
    return Checkpoint(
      scenario: scenario.resolved, secureNoise: options.noiseSource == .secure, model: then.model.state,
      ledger: Array(ledger.prefix(mark.entries)),
      progress: Checkpoint.Progress(
        latest: then.latest, latestEpsilon: then.latestEpsilon, records: Array(records.prefix(mark.records)),
        fewestClientsInASum: then.fewestClientsInASum, clientUpdates: then.clientUpdates,
        trainingSeconds: then.training.seconds, wallSeconds: wallSeconds, lastEpsilonRound: then.lastEpsilonRound,
        lastNormRound: then.lastNormRound, clippingNorm: then.clippingNorm))
  }

  /// Goes on from a checkpoint.
  /// - Throws: `CheckpointError` when it does not belong to this run.
  mutating func restore(_ checkpoint: Checkpoint) throws {
    guard current.model.hasShape(of: checkpoint.model) else { throw CheckpointError.damaged }
    current.model.state = checkpoint.model
    ledger = checkpoint.ledger
    let progress = checkpoint.progress
    current.latest = progress.latest
    current.latestEpsilon = progress.latestEpsilon
    records = progress.records
    current.fewestClientsInASum = progress.fewestClientsInASum
    current.clientUpdates = progress.clientUpdates
    current.training = .seconds(progress.trainingSeconds)
    current.lastEpsilonRound = progress.lastEpsilonRound
    current.lastNormRound = progress.lastNormRound
    current.clippingNorm = progress.clippingNorm
  }
}
