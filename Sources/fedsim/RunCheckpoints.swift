import Coordinator
import Foundation
import Reporting
import Scenarios

/// The checkpoint file of a run: beside its results' folder, until those are there.
struct RunCheckpoints {
  private let url: URL
  /// Where the next checkpoint is written before it takes its place.
  private var partial: URL { url.appendingPathExtension("partial") }
  /// nil: the user did not say how often.
  private let every: Int?
  private let resumes: Bool

  /// Checkpoints are this far apart when only `--resume` is given.
  private static let standardEvery = 100

  /// Where a run's results go, and its checkpoints; these are nil when the user asked for neither checkpoints nor a
  /// resumption.
  static func find(_ arguments: Arguments, scenario: Scenario) throws -> (path: String, RunCheckpoints?) {
    let every = try arguments.integer("checkpoint-every", 1...10_000_000)
    let resumes = arguments.has("resume")
    let base = "runs/\(scenario.name)-seed-\(scenario.seed)"
    // A run that was stopped has no folder yet, so the first free name is its own.
    let path = arguments.string("out") ?? ResultFolder.freePath(base)
    guard every != nil || resumes else { return (path, nil) }
    if resumes, FileManager.default.fileExists(atPath: path), !arguments.has("force") {
      throw RunFailure("\(path): exists: that run is finished, and there is nothing to go on with", status: 2)
    }
    return (path, RunCheckpoints(url: URL(fileURLWithPath: path + ".checkpoint"), every: every, resumes: resumes))
  }

  /// The checkpoint to go on from; nil when the run starts at its beginning.
  /// - Throws: `RunFailure` when there is one that cannot be used.
  func read(for scenario: Scenario, secureNoise: Bool) throws -> Checkpoint? {
    guard FileManager.default.fileExists(atPath: url.path) else {
      if resumes { note("there is no \(url.relativePath); starting at the first round") }
      return nil
    }
    guard resumes else {
      throw RunFailure(
        "\(url.relativePath): a checkpoint of an earlier run is there; go on with --resume, or remove it", status: 2
      )
    }
    do {
      let checkpoint = try Checkpoint(Data(contentsOf: url), version: Version.current)
      try checkpoint.check(isOf: scenario, secureNoise: secureNoise)
      note("going on after round \(checkpoint.round) of \(scenario.training.rounds)")
      return checkpoint
    } catch let error as CheckpointError {
      throw RunFailure("\(url.relativePath): \(error)", status: 2)
    } catch {
      throw RunFailure("\(url.relativePath): cannot be read: \(reason(error))", status: 2)
    }
  }

  /// Writes checkpoints, each whole or not at all.
  var keeper: CheckpointKeeper {
    CheckpointKeeper(every: every ?? Self.standardEvery) { checkpoint in
      do {
        let folder = url.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A name of our own, so that a kill in the middle leaves nothing that the next write does not use.
        try checkpoint.encoded(version: Version.current).write(to: partial)
        guard rename(partial.path, url.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      } catch {
        throw RunFailure("\(url.relativePath): the checkpoint cannot be written: \(reason(error))")
      }
    }
  }

  /// What an interrupted run says.
  var interruption: RunFailure {
    RunFailure(
      "interrupted; the same command with --resume goes on from \(url.relativePath)", status: Interruption.status)
  }

  /// Removes the file, once the results are there.
  func remove() {
    for file in [url, partial] { try? FileManager.default.removeItem(at: file) }
  }

  private func note(_ text: String) { FileHandle.standardError.write(Data("fedsim: \(text)\n".utf8)) }
}
