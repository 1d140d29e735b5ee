import Foundation
import Reporting
import ResultFiles
import Scenarios

/// Finds the folder of a run's results: the one that the user names, or the first free one.
struct RunPlace {
  let arguments: Arguments
  let scenario: Scenario
  let inputs: [String]
  let note: @Sendable (String) -> Void

  /// Keeps the place for this run.
  /// - Throws: `FileFailure` when nothing can be put there; `RunFailure` when `--resume` has nothing to go on with.
  func take() throws -> ResultFolder {
    if let path = arguments.string("out") {
      if resumes, !arguments.has("force") {
        try checkResumable(path, remedy: "--force starts it over from the first round")
      }
      return try folder(path)
    }
    let base = "runs/\(scenario.name)-seed-\(scenario.seed)"
    guard resumes else { return try folder(nil, orFree: base) }
    // A run that was stopped with a checkpoint has no folder yet, so the first free name is its own.
    let free = ResultFolder.freePath(base)
    if let last = ResultFolder.lastPath(base), !hasCheckpoint(free), isOfThisScenario(last) {
      try checkResumable(last, remedy: "without --resume it starts over, in \(free)")
    }
    return try folder(free)
  }

  private var resumes: Bool { arguments.has("resume") }

  private func folder(_ path: String?, orFree base: String = "") throws -> ResultFolder {
    try ResultFolder.open(
      path, orFree: base, command: "run", version: Version.current, force: arguments.has("force"), inputs: inputs,
      note: note)
  }

  private func hasCheckpoint(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: RunCheckpoints.stateFile(path).path)
  }

  private func isOfThisScenario(_ path: String) -> Bool {
    run(at: path)?["scenario"]?.changes(to: scenario.resolved).isEmpty == true
  }

  private func run(at path: String) -> JSONValue? {
    try? JSONValue(contentsOf: URL(fileURLWithPath: path).appendingPathComponent("run.json"))
  }

  /// Says what a folder holds that is there although a run is to be gone on with.
  private func checkResumable(_ path: String, remedy: String) throws {
    // An empty folder is as good as none.
    let names = try? FileManager.default.contentsOfDirectory(atPath: URL(fileURLWithPath: path).path)
    guard names?.isEmpty == false || names == nil && FileManager.default.fileExists(atPath: path) else { return }
    func refusal(_ text: String) -> RunFailure { RunFailure("\(path): \(text)", status: 2) }
    guard let run = run(at: path), case .string(let status)? = run["status"],
      let rounds = run["roundsDone"]?.asInteger, let other = run["scenario"]
    else { throw refusal("exists and holds no run of fedsim; give another --out") }
    if let change = other.changes(to: scenario.resolved).first {
      throw refusal("exists and holds another run: \(change.text); give another --out")
    }
    switch status {
    case "interrupted":
      throw refusal(
        "holds what a run had come to when it was interrupted after round \(rounds) of \(scenario.training.rounds), and there is no checkpoint to go on from; \(remedy), and with --checkpoint-every K it can be gone on with"
      )
    case "budget-reached":
      throw refusal(
        "exists: that run is finished, its privacy budget was reached after \(rounds) rounds, and there is nothing to go on with"
      )
    default:
      throw refusal("exists: that run is finished after \(rounds) rounds, and there is nothing to go on with")
    }
  }
}
