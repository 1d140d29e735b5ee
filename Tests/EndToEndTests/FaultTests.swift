import Foundation
import Scenarios
import Testing

/// What happens when something goes wrong while a run is under way.
@Suite("Faults", .tags(.endToEnd), .serialized)
struct FaultTests {
  /// Waits until a condition holds, for at most half a minute.
  private func wait(until condition: () -> Bool) -> Bool {
    for _ in 0..<3000 {
      if condition() { return true }
      usleep(10_000)
    }
    return false
  }

  private func start(_ folder: TemporaryFolder, _ out: String) throws -> Program.Running {
    try folder.write("s.json5", SmallScenario.slow)
    let running = try Program.Running(
      Program.executable, ["run", "s.json5", "--workers", "2", "--out", out, "--json"], in: folder.url)
    #expect(wait { running.children().count == 2 })
    return running
  }

  @Test("a worker that is killed again and again changes nothing", .enabled(if: Program.hasProcessTable))
  func killedWorkers() throws {
    let folder = try TemporaryFolder()
    let undisturbed = try start(folder, "a").wait()
    #expect(undisturbed.status == 0)
    let disturbed = try start(folder, "b")
    var kills = 0
    // Both in turn, at moments that no one chose.
    while disturbed.isRunning && kills < 6 {
      usleep(150_000)
      let workers = disturbed.children()
      guard workers.count == 2 else { continue }
      kill(workers[kills % 2], SIGKILL)
      kills += 1
    }
    let outcome = try disturbed.wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(kills == 6)
    #expect(try outcome.json()["digest"] == undisturbed.json()["digest"])
    #expect(try #require(outcome.json().at("timing.workerRestarts")?.asDouble) >= 1)
    #expect(try folder.text("b/ledger.jsonl") == folder.text("a/ledger.jsonl"))
  }

  @Test(
    "Ctrl-C leaves partial results that say so, no process and no temporary file",
    .enabled(if: Program.hasProcessTable), arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let running = try start(folder, "r")
    let workers = running.children()
    usleep(700_000)
    running.signal(signal)
    let outcome = try running.wait()
    #expect(outcome.status == 128 + signal)
    #expect(wait { workers.allSatisfy { !Program.isAlive($0) } })
    #expect(try folder.contents() == ["r", "s.json5"])
    let run = try folder.json("r/run.json")
    #expect(run["status"] == .string("interrupted"))
    guard case .integer(let done)? = run["roundsDone"] else {
      Issue.record("no roundsDone")
      return
    }
    #expect(done > 0 && done < 3000)
    // Every release that happened is in the ledger, and ε is that of those.
    #expect(try folder.releases("r/ledger.jsonl").count == done)
    #expect(try folder.text("r/report.html").contains("Interrupted after \(done) of 3000 rounds"))
    let account = try folder.run("account", "--ledger", "r/ledger.jsonl", "--delta", "1e-5", "--json")
    #expect(try account.json()["epsilon"] == run.at("privacy.epsilon"))
  }

  @Test("Ctrl-C before the first round leaves nothing at all", .enabled(if: Program.hasProcessTable))
  func interruptedEarly() throws {
    let folder = try TemporaryFolder()
    // Making this population takes long enough to be interrupted at it.
    try folder.write(
      "s.json5", SmallScenario.slow.replacingOccurrences(of: "clients: 2000", with: "clients: 1000000"))
    let running = try Program.Running(
      Program.executable, ["run", "s.json5", "--workers", "2", "--out", "r"], in: folder.url)
    #expect(wait { running.children().count == 2 })
    running.signal(SIGINT)
    let outcome = try running.wait()
    #expect(outcome.status == 130)
    #expect(outcome.errors.contains("nothing was written"))
    #expect(try folder.contents() == ["s.json5"])
  }

  @Test("workers end when their coordinator is killed", .enabled(if: Program.hasProcessTable))
  func killedCoordinator() throws {
    let folder = try TemporaryFolder()
    let running = try start(folder, "r")
    let workers = running.children()
    running.signal(SIGKILL)
    _ = try running.wait()
    #expect(wait { workers.allSatisfy { !Program.isAlive($0) } })
    // The lock's file stays; the lock went with the process.
    #expect(try folder.contents() == [".r.lock", "r.ledger.jsonl", "s.json5"])
    let next = try folder.run("run", "s.json5", "--out", "r", "--set", "training.rounds=5")
    #expect(next.status == 0, "\(next.errors)")
    // If the first run had released anything, that stays said.
    let stopped = next.errors.contains("is now r-stopped-1.ledger.jsonl") ? ["r-stopped-1.ledger.jsonl"] : []
    #expect(try folder.contents() == ["r"] + stopped + ["s.json5"])
  }

  @Test("a disk that is full ends the run with its reason and leaves nothing half-written")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    // A limit on the size of files is the full disk that needs no privileges; the ignored signal makes it an error.
    // There is room for the ledger, and none for the report.
    let outcome = try Program.shell(
      "trap '' XFSZ; ulimit -f 45; exec \"$FEDSIM\" run s.json5 --out r", in: folder.url)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("r: cannot be written"))
    #expect(try folder.contents() == ["r.ledger.jsonl", "s.json5"])
    #expect(try folder.releases("r.ledger.jsonl").count == 12)
  }

  @Test("a run that is to replace an older one leaves the older one when it cannot be written")
  func fullDiskWithForce() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("run", "s.json5", "--out", "r").status == 0)
    let before = try folder.text("r/run.json")
    let outcome = try Program.shell(
      "trap '' XFSZ; ulimit -f 4; exec \"$FEDSIM\" run s.json5 --seed 8 --out r --force", in: folder.url)
    #expect(outcome.status == 3)
    #expect(try folder.text("r/run.json") == before)
    #expect(try folder.contents() == ["r", "r.ledger.jsonl", "s.json5"])
  }

  @Test("a model that diverges ends the run with advice")
  func divergence() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.withoutPrivacy)
    let server = "training.server={optimizer: 'sgd', learningRate: 1000}"
    let outcome = try folder.run(
      "run", "s.json5", "--out", "r", "--set", server, "--set", "training.l2=100", "--set", "training.rounds=40")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("diverged") && outcome.errors.contains("training.server.learningRate"))
    #expect(try folder.contents() == ["s.json5"])
  }
}
