import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Foundation
import Releases
import Scenarios
import TestSupport
import Testing
import Worker

@Suite("The ledger of a run that goes on", .tags(.endToEnd), .serialized)
struct RunningLedgerTests {
  /// Long enough to be killed in the middle.
  private static let scenario = SmallScenario.slow

  private func folder(_ text: String = scenario) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    return folder
  }

  /// A run that was killed when some rounds were released, and what it left.
  private func killed(_ folder: TemporaryFolder, _ arguments: String...) throws {
    let running = try Program.Running(
      Program.executable, ["run", "s.json5", "--out", "r"] + arguments, in: folder.url)
    let deadline = Date.now + 60
    while try lines(folder).count < 20, Date.now < deadline { usleep(5000) }
    running.signal(SIGKILL)
    #expect(try running.wait().status == SIGKILL)
    #expect(try lines(folder).count >= 20)
  }

  /// None where there is no such file yet.
  private func lines(_ folder: TemporaryFolder, _ name: String = "r.ledger.jsonl") throws -> [Substring] {
    guard FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(name).path) else { return [] }
    return try folder.text(name).split(separator: "\n")
  }

  @Test("is there when it is killed, and is read as what it is by audit-trail and account")
  func killedWithoutCheckpoint() throws {
    let folder = try folder()
    try killed(folder)
    #expect(try folder.contents().contains("r.ledger.jsonl"))
    let releases = try folder.releases("r.ledger.jsonl").count
    // By the name of the results that it was to have, and by its own.
    for place in ["r", "r.ledger.jsonl"] {
      let trail = try folder.run("audit-trail", place)
      #expect(trail.status == 0, "\(trail.errors)")
      #expect(trail.output.contains("ended     NO") && trail.output.contains("\(releases) releases"))
      #expect(trail.output.contains("not counted before the end"))
      let answer = try folder.run("account", "--ledger", place, "--delta", "1e-5")
      #expect(answer.status == 0 && answer.output.contains("so far: the run of r.ledger.jsonl did not end"))
    }
    let json = try folder.run("audit-trail", "r", "--json").json()
    #expect(json["ended"] == .bool(false))
    let verified = try folder.run("audit-trail", "r", "--verify")
    #expect(verified.status == 1 && verified.errors.contains("not whole: the run did not end"))
    let published = try folder.run("audit-trail", "r", "--publish", "p.jsonl")
    #expect(published.status == 1 && published.errors.contains("did not end"))
    // What it says is what a run that ends says of the same rounds.
    let rounds = "training.rounds=\(releases)"
    #expect(try folder.run("run", "s.json5", "--out", "whole", "--set", rounds).status == 0)
    let whole = try lines(folder, "whole/ledger.jsonl")
    #expect(try lines(folder).dropFirst().prefix(releases + 1).elementsEqual(whole.prefix(releases + 1)))
    #expect(try !folder.contents().contains("whole.ledger.jsonl"))
  }

  @Test("is moved aside by the next run at its place, also by one that may replace results")
  func kept() throws {
    let folder = try folder()
    let short = ["--set", "training.rounds=3", "--quiet"]
    var left: [String] = []
    for (number, force) in [[], ["--force"]].enumerated() {
      try killed(folder, "--force")
      left.append(try folder.text("r.ledger.jsonl"))
      let next = try Program.run(["run", "s.json5", "--out", "r"] + force + short, in: folder.url)
      #expect(next.status == 0, "\(next.errors)")
      #expect(next.errors.contains("is now r-stopped-\(number + 1).ledger.jsonl"))
    }
    #expect(try folder.contents() == ["r", "r-stopped-1.ledger.jsonl", "r-stopped-2.ledger.jsonl", "s.json5"])
    for number in 1...2 {
      #expect(try folder.text("r-stopped-\(number).ledger.jsonl") == left[number - 1])
      let trail = try folder.run("audit-trail", "r-stopped-\(number).ledger.jsonl")
      #expect(trail.status == 0 && trail.output.contains("ended     NO"))
    }
  }

  @Test("is gone on with by a resumed run, which refuses one that says something else")
  func resumed() throws {
    let folder = try folder(
      SmallScenario.slow.replacingOccurrences(of: "rounds: 3000", with: "rounds: 400"))
    try killed(folder, "--checkpoint-every", "7")
    let left = try folder.text("r.ledger.jsonl")
    // A number in one of the first lines is another one, or the last line is of a run that got farther.
    let first = left.replacing("\"sensitivity\":1,", with: "\"sensitivity\":2,", maxReplacements: 1)
    #expect(first != left)
    for other in [first, left.replacing("\"seed\":3", with: "\"seed\":4")] {
      try folder.write("r.ledger.jsonl", other)
      let refused = try folder.run("run", "s.json5", "--out", "r", "--resume")
      #expect(
        refused.status == 2 && refused.errors.contains("is not what this run writes there"), "\(refused.errors)")
      #expect(try folder.text("r.ledger.jsonl") == other)
    }
    // Cut in the middle of a line, as a failure of power may leave it; and lost altogether.
    for rest in [String(left.dropLast(17)), ""] {
      try folder.write("r.ledger.jsonl", rest)
      #expect(try folder.run("audit-trail", "r.ledger.jsonl", "--verify").status == 1)
    }
    #expect(try folder.run("run", "s.json5", "--out", "r", "--resume").status == 0)
    #expect(try folder.run("run", "s.json5", "--out", "whole").status == 0)
    #expect(try folder.text("r/ledger.jsonl") == folder.text("whole/ledger.jsonl"))
    #expect(try folder.contents() == ["r", "s.json5", "whole"])
  }

  @Test("is whole up to the last line that fits on a full disk, and the run ends there")
  func fullDisk() throws {
    let folder = try folder(SmallScenario.market.replacingOccurrences(of: "rounds: 12", with: "rounds: 400"))
    let stopped = try Program.shell(
      "ulimit -f 45; trap '' XFSZ; \"$FEDSIM\" run s.json5 --out r", in: folder.url)
    #expect(
      stopped.status == 3 && stopped.errors.contains("r.ledger.jsonl: cannot be written"), "\(stopped.errors)")
    #expect(try folder.contents() == ["r.ledger.jsonl", "s.json5"])
    #expect(try folder.text("r.ledger.jsonl").last == "\n")
    #expect(try folder.run("audit-trail", "r").output.contains("ended     NO"))
  }

  @Test("leaves nothing where nothing was released")
  func nothing() throws {
    let folder = try folder(SmallScenario.withoutPrivacy)
    let stopped = try Program.shell(
      "ulimit -f 2; trap '' XFSZ; \"$FEDSIM\" run s.json5 --out r", in: folder.url)
    #expect(stopped.status == 3)
    #expect(try folder.contents() == ["s.json5"])
  }

  /// Sees what is on disk when a round is over.
  private final class Log: LedgerLog {
    private(set) var text = ""
    func append(_ lines: String) { text += lines }
    var releases: Int { text.split(separator: "\n").count { $0.contains("\"mechanism\"") } }
  }

  private func pool(shouldStop: @escaping @Sendable () -> Bool = { false }) -> WorkerPool {
    WorkerPool(ThreadLauncher { try WorkerLoop.run($0) }, shouldStop: shouldStop)
  }

  @Test("has a round's release before the next round begins")
  func beforeTheNextRound() throws {
    let folder = try folder(SmallScenario.market)
    let scenario = try ScenarioFile(path: folder.url.appendingPathComponent("s.json5").path).scenario()
    let pool = pool()
    defer { pool.stop() }
    let log = Log()
    let options = RunOptions(workers: 1, cacheBytes: 1 << 24, folder: "/", diagnoses: false)
    let result = try Simulation(scenario, options: options).run(on: pool, log: log) { progress in
      #expect(log.releases == progress.round)
    }
    let whole = try Ledger.verified(log.text + result.closedLedger.ending)
    #expect(whole.ledger == result.closedLedger.ledger && whole.head == result.closedLedger.head)
  }

  @Test("has what clients sent in a round that was interrupted, where they add the noise themselves")
  func interrupted() throws {
    // A worker hangs sooner or later; then the user is tired of waiting.
    let text = """
      {"name": "t", "seed": 5, "population": {"kind": "market", "clients": 60, "heldOutClients": 5, "items": 20},
       "features": {"hashedDimension": 64}, "training": {"rounds": 300, "cohort": {"expectedSize": 20}},
       "privacy": {"trust": "local", "adjacency": "replace-one", "noiseMultiplier": 2, "delta": 1e-5},
       "evaluation": {"every": 1000}, "faults": {"workers": {"hang": 0.05, "timeoutSeconds": 600}}}
      """
    let scenario = try Scenario(JSONValue(utf8: text.utf8), file: "s")
    let tired = Date.now + 2
    let pool = pool(shouldStop: { Date.now > tired })
    defer { pool.stop() }
    let log = Log()
    let options = RunOptions(workers: 2, cacheBytes: 1 << 24, folder: "/", diagnoses: false)
    let result = try Simulation(scenario, options: options).run(on: pool, log: log)
    #expect(result.status == .interrupted)
    let rounds = result.rounds.count
    #expect(Set(result.ledger.map(\.round)) == Set(1...rounds + 1))
    let whole = try Ledger.verified(log.text + result.closedLedger.ending).ledger
    #expect(whole.gap == nil && whole.closing.rounds == rounds + 1)
  }
}
