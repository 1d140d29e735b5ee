import DifferentialPrivacy
import Recommender
import Scenarios

/// A run between two rounds: what it takes to go on as if nothing had happened.
package struct Checkpoint: Sendable {
  /// How far the run is.
  package struct Progress: Codable, Sendable {
    let counts: RunState.Counts
    let records: [RunResult.RoundRecord]
    let wallSeconds: Double
  }

  /// The resolved scenario, seed and all.
  package let scenario: JSONValue
  package let secureNoise: Bool
  let model: ServerModel.State
  let ledger: [LedgerEntry]
  package let progress: Progress

  /// Rounds that are done.
  package var round: Int { progress.records.count }

  /// - Throws: `CheckpointError` when the checkpoint is of another run.
  package func check(isOf scenario: Scenario, secureNoise: Bool) throws {
    if let change = self.scenario.changes(to: scenario.resolved).first {
      throw CheckpointError.otherScenario(change.text)
    }
    guard self.secureNoise == secureNoise else { throw CheckpointError.otherNoise(wasSecure: self.secureNoise) }
    guard round <= scenario.training.rounds else { throw CheckpointError.damaged }
  }
}

/// Why a checkpoint cannot be gone on from.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// Cut short, changed, or no checkpoint at all.
  case damaged
  /// Written by another version of fedsim.
  case otherVersion(String)
  /// Of another scenario or seed; what is different.
  case otherScenario(String)
  case otherNoise(wasSecure: Bool)

  package var description: String {
    switch self {
    case .damaged: "is damaged: it is not what fedsim wrote"
    case .otherVersion(let version): "was written by fedsim \(version); go on with that version, or start over"
    case .otherScenario(let change): "is of another run: \(change)"
    case .otherNoise(true): "is of a run with --secure-noise; give it again"
    case .otherNoise(false): "is of a run without --secure-noise; leave it out"
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
