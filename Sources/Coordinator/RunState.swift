import DifferentialPrivacy
import Recommender
import Scenarios

/// What changes from round to round.
struct RunState {
  var model: ServerModel
  var counts: Counts
  /// One a round.
  var records: [RunResult.RoundRecord] = []
  var ledger: [LedgerEntry] = []
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
    /// How often clients were asked for anything, by tier, or in all.
    var contacted: [Int]
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

  /// - Parameter tiers: groups that contacts are counted by; 1 where all clients are one.
  init(model: ServerModel, latest: EvaluationMetrics, clippingNorm: Double, tiers: Int) {
    self.model = model
    counts = Counts(latest: latest, contacted: [Int](repeating: 0, count: tiers), clippingNorm: clippingNorm)
  }

  var mark: Mark { Mark(model: model, counts: counts, records: records.count, entries: ledger.count) }

  /// The state as it was at a mark, to go on from.
  func checkpoint(
    at mark: Mark, _ scenario: Scenario, dataDigest: String?, wallSeconds: Double
  ) -> Checkpoint {
    Checkpoint(
      scenario: scenario.resolved, dataDigest: dataDigest,
      model: mark.model.state, counts: mark.counts, wallSeconds: wallSeconds, records: records.prefix(mark.records),
      ledger: ledger.prefix(mark.entries))
  }

  /// Goes on from a checkpoint.
  /// - Throws: `CheckpointError` when it does not belong to this run.
  mutating func restore(_ checkpoint: Checkpoint) throws {
    guard model.hasShape(of: checkpoint.model),
      checkpoint.counts.contacted.count == counts.contacted.count
    else { throw CheckpointError.damaged }
    model.state = checkpoint.model
    counts = checkpoint.counts
    records = Array(checkpoint.records)
    ledger = Array(checkpoint.ledger)
  }
}
