import DifferentialPrivacy
import Recommender
import Releases
import Scenarios

/// What changes from round to round.
struct RunState {
  var model: ServerModel
  var counts: Counts
  /// One a round.
  var records: [RunResult.RoundRecord] = []
  var ledger: LedgerWriter
  /// The clients of the next round; nil where they are still to be drawn.
  var nextCohort: [UInt32]?

  /// What is overwritten, the model aside.
  struct Counts: Codable {
    /// Of the last evaluation.
    var latest: EvaluationMetrics
    /// Of the last computation.
    var latestEpsilon: EpsilonBracket?
    var fewestClientsInASum: Int?
    var clientUpdates = 0
    /// Of the ledger: how often clients were asked for anything, by tier, or in all.
    var contacted: [Int]
    /// Of the ledger.
    var unsent = 0
    var trainingSeconds = 0.0
    var lastEpsilonRound = 0
    var lastNormRound = 0
    /// C of the next round.
    var clippingNorm: Double
  }

  /// The state after a round, without copies of what only grows.
  struct Mark {
    let model: ServerModel
    let counts: Counts
    let records: Int
    let entries: Int
  }

  /// The state before the first round, or where a checkpoint goes on.
  /// - Parameters:
  ///   - latest: metrics of the untrained model.
  ///   - opening: of the ledger.
  ///   - log: where the ledger's lines go.
  /// - Throws: `CheckpointError` when the checkpoint does not belong to this run, and what the log throws.
  init(
    model: ServerModel, latest: EvaluationMetrics, clippingNorm: Double, opening: LedgerOpening,
    from checkpoint: Checkpoint?, log: (any LedgerLog)?
  ) throws {
    self.model = model
    guard let checkpoint else {
      ledger = try LedgerWriter(opening, log: log)
      counts = Counts(latest: latest, contacted: ledger.progress.contacts, clippingNorm: clippingNorm)
      return
    }
    guard model.hasShape(of: checkpoint.model),
      checkpoint.counts.contacted.count == max(1, opening.tiers.count)
    else { throw CheckpointError.damaged }
    self.model.state = checkpoint.model
    counts = checkpoint.counts
    records = Array(checkpoint.records)
    ledger = try LedgerWriter(
      opening,
      from: LedgerWriter.Progress(
        entries: Array(checkpoint.ledger), rounds: records.count, contacts: counts.contacted, unsent: counts.unsent),
      log: log)
  }

  var mark: Mark {
    Mark(model: model, counts: counts, records: records.count, entries: ledger.progress.entries.count)
  }

  /// The state as it was at a mark, to go on from.
  func checkpoint(
    at mark: Mark, _ scenario: Scenario, dataDigest: String?, wallSeconds: Double
  ) -> Checkpoint {
    Checkpoint(
      scenario: scenario.resolved, dataDigest: dataDigest,
      model: mark.model.state, counts: mark.counts, wallSeconds: wallSeconds, records: records.prefix(mark.records),
      ledger: ledger.progress.entries.prefix(mark.entries))
  }
}
