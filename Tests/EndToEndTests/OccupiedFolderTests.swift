import Foundation
import Scenarios
import Testing

/// Two commands that want one place, and runs that are to be gone on with.
@Suite("A place that is taken", .tags(.endToEnd), .serialized, .enabled(if: Program.hasProcessTable))
struct OccupiedFolderTests {
  private static let run = ["run", "s.json5", "--workers", "1"]

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.slow)
    return folder
  }

  /// Starts a run and waits until it works.
  private func start(_ folder: TemporaryFolder, _ arguments: String...) throws -> Program.Running {
    let running = try Program.Running(Program.executable, Self.run + arguments, in: folder.url)
    for _ in 0..<1000 where running.children().isEmpty { usleep(10_000) }
    return running
  }

  @Test("by a run is refused to others, who are told by whom, and its checkpoint comes to no harm")
  func twoRuns() throws {
    let folder = try folder()
    // It ends by being killed, however slow the machine is with the commands below.
    let long = "training.rounds=300000"
    let first = try start(folder, "--set", long, "--out", "r", "--checkpoint-every", "5")
    for _ in 0..<1000 where try !folder.contents().contains("r.checkpoint") { usleep(10_000) }
    for arguments in [
      [], ["--checkpoint-every", "3"], ["--resume"], ["--force"], ["--force", "--resume", "--json"],
    ] {
      let second = try Program.run(
        Self.run + ["--set", long, "--out", "r/"] + arguments, in: folder.url)
      #expect(second.status == 2, "\(arguments)")
      #expect(
        second.errors.contains("r: fedsim run, process \(first.pid) on ")
          && second.errors.contains("is writing there; wait for it, or give another --out"), "\(second.errors)")
    }
    let generate = try folder.run("generate", "s.json5", "--out", "r", "--force")
    #expect(generate.status == 2 && generate.errors.contains("is writing there"))
    // A kill gives the place back, and the checkpoint is whole.
    first.signal(SIGKILL)
    _ = try first.wait()
    let resumed = try start(folder, "--set", long, "--out", "r", "--resume")
    resumed.signal(SIGINT)
    let outcome = try resumed.wait()
    #expect(outcome.errors.contains("going on after round "), "\(outcome.errors)")
    #expect(!outcome.errors.contains("going on after round 0 "))
  }

  @Test("by a run that goes to a free name makes the next one take the next name")
  func freeNames() throws {
    let folder = try folder()
    let first = try start(folder)
    let second = try start(folder)
    for running in [first, second] {
      usleep(300_000)
      running.signal(SIGINT)
      _ = try running.wait()
    }
    #expect(try folder.contents("runs") == ["slow-seed-3", "slow-seed-3-2"])
  }

  @Test("by a run that was stopped without a checkpoint says so to --resume, and by a finished one that")
  func resumingWhatCannotBe() throws {
    let folder = try folder()
    let stopped = try start(folder, "--out", "r")
    usleep(500_000)
    stopped.signal(SIGINT)
    #expect(try stopped.wait().status == 130)
    guard case .integer(let done)? = try folder.json("r/run.json")["roundsDone"] else {
      Issue.record("no rounds")
      return
    }
    func resume(_ arguments: String...) throws -> String {
      let outcome = try Program.run(Self.run + ["--resume"] + arguments, in: folder.url)
      #expect(outcome.status == 2)
      return outcome.errors
    }
    let words =
      "holds what a run had come to when it was interrupted after round \(done) of 3000, and there is no checkpoint to go on from"
    #expect(try resume("--out", "r").contains("r: \(words); --force starts it over"))
    #expect(try resume("--out", "r").contains("finished") == false)
    #expect(try resume("--out", "r", "--seed", "4").contains("holds another run: seed was 3, now it is 4"))
    try folder.write("mine/notes.txt", "x", making: "mine")
    #expect(try resume("--out", "mine").contains("mine: exists and holds no run of fedsim"))
    // Where runs go by themselves.
    let name = "runs/slow-seed-3"
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("runs"), withIntermediateDirectories: false)
    try FileManager.default.moveItem(
      at: folder.url.appendingPathComponent("r"), to: folder.url.appendingPathComponent(name))
    #expect(try resume().contains("\(name): \(words); without --resume it starts over, in \(name)-2"))
    // Starting over, and what a finished run says.
    let short = "training.rounds=5"
    #expect(try folder.run("run", "s.json5", "--set", short, "--out", "r").status == 0)
    #expect(
      try resume("--set", short, "--out", "r").contains(
        "r: exists: that run is finished after 5 rounds, and there is nothing to go on with"))
    #expect(try folder.run("run", "s.json5", "--set", short, "--out", "r", "--resume", "--force").status == 0)
    let budget = ["--set", short, "--set", "privacy.budget=2.5"]
    #expect(try Program.run(["run", "s.json5", "--out", "b"] + budget, in: folder.url).status == 0)
    #expect(
      try Program.run(["run", "s.json5", "--out", "b", "--resume"] + budget, in: folder.url).errors.contains(
        "its privacy budget was reached after"))
  }

  @Test("with a slash at its end keeps its checkpoint beside it, too")
  func slash() throws {
    let folder = try folder()
    let running = try start(folder, "--out", "r/", "--checkpoint-every", "5")
    for _ in 0..<1000 where try !folder.contents().contains("r.checkpoint") { usleep(10_000) }
    running.signal(SIGINT)
    let outcome = try running.wait()
    #expect(outcome.errors.contains("goes on from r.checkpoint"), "\(outcome.errors)")
    #expect(try folder.contents() == ["r.checkpoint", "r.checkpoint.rounds", "r.ledger.jsonl", "s.json5"])
  }

  @Test("by somebody's file of the journal's name is not written over")
  func journal() throws {
    let folder = try folder()
    try folder.write("r.checkpoint.rounds", "lap 1, lap 2")
    let refused = try folder.run("run", "s.json5", "--out", "r", "--checkpoint-every", "5")
    #expect(refused.status == 2 && refused.errors.contains("r.checkpoint.rounds: is no journal of fedsim"))
    #expect(try folder.text("r.checkpoint.rounds") == "lap 1, lap 2")
  }
}

extension TemporaryFolder {
  fileprivate func write(_ name: String, _ text: String, making folder: String) throws {
    try FileManager.default.createDirectory(
      at: url.appendingPathComponent(folder), withIntermediateDirectories: true)
    try write(name, text)
  }
}
