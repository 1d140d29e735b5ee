import Coordinator
import Foundation
import Reporting
import ResultFiles
import Scenarios

/// The checkpoint of a run: two files beside its results' folder, until those are there.
final class RunCheckpoints {
  /// Beside the results: the state, and the journal of what only grows.
  private let state: URL
  private let journal: URL
  /// Where the next state is until it is whole: one name, so that a kill leaves nothing that the next write does
  /// not use.
  private let partial: URL
  /// nil: the user did not say how often.
  private let every: Int?
  private let resumes: Bool
  private var writer: CheckpointWriter
  private let note: @Sendable (String) -> Void
  /// The sizes of the shards by name, as they are now.
  private let shards: [String: Int]

  /// Checkpoints are this far apart when only `--resume` is given.
  private static let standardEvery = 100

  /// - Parameters:
  ///   - path: of the results' folder.
  ///   - shards: the sizes of the shards by name.
  ///   - note: is told where the run starts.
  /// - Returns: nil when the user asked for neither checkpoints nor a resumption.
  init?(
    _ arguments: Arguments, path: String, shards: @autoclosure () -> [String: Int],
    note: @escaping @Sendable (String) -> Void
  ) throws {
    every = try arguments.integer("checkpoint-every", 1...10_000_000)
    resumes = arguments.has("resume")
    state = Self.stateFile(path)
    journal = state.appendingPathExtension("rounds")
    partial = state.appendingPathExtension("partial")
    guard every != nil || resumes else { return nil }
    self.shards = shards()
    self.note = note
    writer = CheckpointWriter(version: Version.current, shards: self.shards)
  }

  static func stateFile(_ path: String) -> URL { URL(fileURLWithPath: path + ".checkpoint") }

  /// The checkpoint to go on from; nil when the run starts at its beginning.
  /// - Throws: `RunFailure` when there is one that cannot be used.
  func read(for scenario: Scenario) throws -> Checkpoint? {
    do {
      guard FileManager.default.fileExists(atPath: state.path) else {
        // A journal without a state is what a kill before the first checkpoint leaves.
        guard JournalFile.isOwn(journal) else {
          throw RunFailure(
            "\(journal.relativePath): is no journal of fedsim; move it, or give another --out", status: 2)
        }
        if resumes { note("there is no \(state.relativePath); starting at the first round") }
        return nil
      }
      guard resumes else {
        throw RunFailure(
          "\(state.relativePath): a checkpoint of an earlier run is there; go on with --resume, or remove it",
          status: 2)
      }
      let found = try Checkpoint.read(
        state: Data(contentsOf: state), journal: JournalFile.contents(journal), version: Version.current)
      try found.checkpoint.check(isOf: scenario)
      writer = found.writer
      note("going on after round \(found.checkpoint.round) of \(scenario.training.rounds)")
      return found.checkpoint
    } catch let error as CheckpointError {
      throw refusal(error)
    } catch let error as RunFailure {
      throw error
    } catch {
      throw RunFailure("\(state.relativePath): cannot be read: \(reason(error))", status: 2)
    }
  }

  /// Writes checkpoints, each whole or not at all.
  var keeper: CheckpointKeeper {
    CheckpointKeeper(every: every ?? Self.standardEvery) { [self] checkpoint in
      let files = try writer.next(checkpoint)
      do {
        try JournalFile.write(files.journal, to: journal, at: files.at)
        try writeWhole(files.state, to: state, partial: partial, isDurable: true)
      } catch {
        throw RunFailure("\(state.relativePath): the checkpoint cannot be written: \(reason(error))")
      }
    }
  }

  /// Why a checkpoint cannot be gone on from.
  func refusal(_ error: CheckpointError) -> RunFailure {
    let detail = error == .otherData ? " (\(change))" : ""
    return RunFailure("\(state.relativePath): \(error)\(detail)", status: 2)
  }

  /// What names and sizes say about shards that have changed since the checkpoint.
  private var change: String {
    let before = writer.shards
    for name in Set(before.keys).union(shards.keys).sorted() where before[name] != shards[name] {
      switch (before[name], shards[name]) {
      case (let was?, let now?): return "\(name) had \(was) bytes, now it has \(now)"
      case (nil, _): return "\(name) is new"
      case (_, nil): return "\(name) is gone"
      }
    }
    return "their names and sizes are the same, and the content is not"
  }

  /// What an interrupted run says.
  var interruption: RunFailure {
    let isThere = FileManager.default.fileExists(atPath: state.path)
    let what =
      isThere
      ? "the same command with --resume goes on from \(state.relativePath)"
      : "no round was done, and nothing was written"
    return RunFailure("interrupted; \(what)", status: Interruption.status)
  }

  /// Removes the files, once the results are there.
  func remove() { for file in [state, journal, partial] { unlink(file.path) } }
}
