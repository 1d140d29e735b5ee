/// Keeps the checkpoints of a run that is under way.
final class CheckpointSaver {
  private let keeper: CheckpointKeeper?
  private let checkpoint: (RunState, RunState.Mark) -> Checkpoint
  /// Where an interrupted run goes on: never between a round and the evaluation that is due after it. nil where nobody
  /// keeps checkpoints.
  private var resumePoint: RunState.Mark?

  /// - Parameters:
  ///   - keeper: nil: there are no checkpoints.
  ///   - checkpoint: the one at a mark.
  init(_ keeper: CheckpointKeeper?, checkpoint: @escaping (RunState, RunState.Mark) -> Checkpoint) {
    self.keeper = keeper
    self.checkpoint = checkpoint
  }

  /// Notes where the run stands.
  func note(_ state: RunState) { if keeper != nil { resumePoint = state.mark } }

  /// Keeps what was noted last, every so many rounds.
  func saveIfDue(_ state: RunState, round: Int) throws {
    if let keeper, round % keeper.every == 0 { try save(state) }
  }

  /// Keeps what was noted last.
  func save(_ state: RunState) throws {
    if let keeper, let resumePoint { try keeper.keep(checkpoint(state, resumePoint)) }
  }
}
