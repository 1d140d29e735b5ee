import DifferentialPrivacy
import Recommender
import Scenarios

/// What changes from round to round.
struct RunState {
  var model: ServerModel
  /// Of the last evaluation.
  var latest: EvaluationMetrics
  /// Of the last computation.
  var latestEpsilon: EpsilonBracket?
  var records: [RunResult.RoundRecord] = []
  var ledger: [LedgerEntry] = []
  var fewestClientsInASum: Int?
  var clientUpdates = 0
  var training = Duration.zero
  var lastEpsilonRound = 0
  var lastNormRound = 0
  /// C of the next round.
  var clippingNorm: Double

  init(model: ServerModel, latest: EvaluationMetrics, clippingNorm: Double) {
    self.model = model
    self.latest = latest
    self.clippingNorm = clippingNorm
  }

  /// The state after its last round, to go on from.
  func checkpoint(_ scenario: Scenario, _ options: RunOptions, wallSeconds: Double) throws -> Checkpoint {
    Checkpoint(
      scenario: scenario.resolved, secureNoise: options.noiseSource == .secure, model: model.state, ledger: ledger,
      progress: Checkpoint.Progress(
        latest: latest, latestEpsilon: latestEpsilon, records: records, fewestClientsInASum: fewestClientsInASum,
        clientUpdates: clientUpdates, trainingSeconds: training.seconds, wallSeconds: wallSeconds,
        lastEpsilonRound: lastEpsilonRound, lastNormRound: lastNormRound, clippingNorm: clippingNorm))
  }

  /// Goes on from a checkpoint.
  /// - Throws: `CheckpointError` when it does not belong to this run.
  mutating func restore(_ checkpoint: Checkpoint) throws {
    guard model.hasShape(of: checkpoint.model) else { throw CheckpointError.damaged }
    model.state = checkpoint.model
    ledger = checkpoint.ledger
    let progress = checkpoint.progress
    latest = progress.latest
    latestEpsilon = progress.latestEpsilon
    records = progress.records
    fewestClientsInASum = progress.fewestClientsInASum
    clientUpdates = progress.clientUpdates
    training = .seconds(progress.trainingSeconds)
    lastEpsilonRound = progress.lastEpsilonRound
    lastNormRound = progress.lastNormRound
    clippingNorm = progress.clippingNorm
  }
}
