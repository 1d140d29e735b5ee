import DifferentialPrivacy
import Recommender
import Scenarios

/// A run between two rounds: what it takes to go on as if nothing had happened.
package struct Checkpoint: Sendable {
  /// The resolved scenario, seed and all.
  package let scenario: JSONValue
  /// The digest of the shards that the workers read; nil where the population is generated.
  package let dataDigest: String?
  let model: ServerModel.State
  let counts: RunState.Counts
  let wallSeconds: Double
  /// One a round that is done. They and the ledger only ever grow.
  let records: ArraySlice<RunResult.RoundRecord>
  let ledger: ArraySlice<LedgerEntry>

  /// Rounds that are done.
  package var round: Int { records.count }

  /// - Throws: `CheckpointError` when the checkpoint is of another run.
  package func check(isOf scenario: Scenario) throws {
    if let change = self.scenario.changes(to: scenario.resolved).first {
      throw CheckpointError.otherScenario(change.text)
    }
    guard round <= scenario.training.rounds else { throw CheckpointError.damaged }
  }

  /// - Throws: `CheckpointError.otherData` when the workers read other shards now.
  func check(data digest: String?) throws {
    guard dataDigest == digest else { throw CheckpointError.otherData }
  }
}

/// Why a checkpoint cannot be gone on from.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// Cut short, changed, or no checkpoint at all.
  case damaged
  /// In a form that this version does not read.
  case otherForm
  /// Written by another version of fedsim.
  case otherVersion(String)
  /// Of another scenario or seed; what is different.
  case otherScenario(String)
  /// The workers read other examples than before.
  case otherData

  package var description: String {
    switch self {
    case .damaged: "is damaged: it is not what fedsim wrote"
    case .otherForm:
      "was written by another version of fedsim; go on with that version, or remove it and start over"
    case .otherVersion(let version): "was written by fedsim \(version); go on with that version, or start over"
    case .otherScenario(let change): "is of another run: \(change)"
    case .otherData: "is of a run over other data: the shards have changed since"
    }
  }
}

/// Where checkpoints go.
package struct CheckpointKeeper {
  /// Rounds from one to the next.
  package let every: Int
  /// Keeps one in place of the one before.
  package let keep: (Checkpoint) throws -> Void

  package init(every: Int, keep: @escaping (Checkpoint) throws -> Void) {
    self.every = every
    self.keep = keep
  }
}
