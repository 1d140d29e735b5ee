import Foundation
import Scenarios
import Testing

@Suite("Faults in a scenario", .tags(.endToEnd))
struct FaultScenarioTests {
  private func folder(_ faults: String, _ change: (String) -> String = { $0 }) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(
      "s.json5",
      change(SmallScenario.market.replacingOccurrences(of: "seed: 11,", with: "seed: 11, faults: \(faults),")))
    return folder
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> JSONValue {
    let outcome = try Program.run(
      ["run", "s.json5", "--json", "--out", "r", "--force"] + arguments, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  private func column(_ folder: TemporaryFolder, _ name: String) throws -> [Int] {
    let lines = try folder.text("r/rounds.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = try #require(lines[0].firstIndex { $0 == name })
    return lines.dropFirst().compactMap { Int($0[column]) }
  }

  @Test("workers that end, hang, answer garbage or slowly change nothing")
  func workers() throws {
    let folder = try folder("{ dropout: { beforeTraining: 0.1 } }")
    let calm = try run(folder)["digest"]
    var restarts = 0
    for workers in ["1", "2", "3"] {
      let stormy = try run(
        folder, "--workers", workers, "--set",
        "faults.workers={crash: 0.1, hang: 0.05, garbage: 0.1, slow: 0.3, timeoutSeconds: 0.3}")
      #expect(stormy["digest"] == calm)
      if case .integer(let count)? = stormy.at("timing.workerRestarts") { restarts += count }
    }
    #expect(restarts > 3)
  }

  @Test(
    "a worker that stops answering is replaced after the time that the user grants",
    .enabled(if: Program.hasProcessTable))
  func stoppedWorker() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.slow)
    let calm = try folder.run("run", "s.json5", "--workers", "2", "--out", "a", "--json").json()
    // Long enough for a worker that only waits for its turn on a busy machine.
    let running = try Program.Running(
      Program.executable, ["run", "s.json5", "--workers", "2", "--out", "b", "--json", "--worker-timeout", "10"],
      in: folder.url)
    var looks = 0
    while running.children().count < 2, looks < 3000 {
      usleep(10_000)
      looks += 1
    }
    if let worker = running.children().first { kill(worker, SIGSTOP) }
    let outcome = try running.wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.json()["digest"] == calm["digest"])
    // A busy machine can make the other one late as well.
    #expect(try (outcome.json().at("timing.workerRestarts")?.asDouble ?? 0) >= 1)
  }

  @Test("lost clients are not in the sum, and are counted")
  func lost() throws {
    let folder = try folder("{ dropout: { beforeTraining: 0.3, afterTraining: 0.2 } }")
    let run = try run(folder)
    let (lost, cohorts) = (try column(folder, "lost_clients"), try column(folder, "cohort_size"))
    let share = Double(lost.reduce(0, +)) / Double(cohorts.reduce(0, +))
    #expect(share > 0.3 && share < 0.6)
    // Those lost before training did not train.
    guard case .integer(let trained)? = run.at("timing.clientUpdates") else { return }
    #expect(trained < cohorts.reduce(0, +) && trained > cohorts.reduce(0, +) - lost.reduce(0, +))
    let page = try folder.text("r/report.html")
    #expect(page.contains("participations are in no sum") && page.contains("in the sum"))
    // Everybody lost: the model is noise, and the guarantee is what it was.
    let nobody = try self.run(folder, "--set", "faults.dropout.beforeTraining=1")
    #expect(nobody.at("privacy.epsilon") == run.at("privacy.epsilon"))
    #expect(try column(folder, "lost_clients") == column(folder, "cohort_size"))
    // Without privacy nothing at all is left of the model.
    let nothing = try self.run(folder, "--set", "faults.dropout.beforeTraining=1", "--set", "privacy=none")
    #expect(nothing.at("metrics.auc") == .number(0.5))
  }

  @Test("with local trust only noise that left a client is in the ledger")
  func localLedger() throws {
    func local(_ text: String) -> String {
      text.replacingOccurrences(of: "privacy: {", with: "privacy: { trust: \"local\", adjacency: \"replace-one\",")
    }
    for (faults, sentLate) in [
      ("{ dropout: { beforeTraining: 0.2, afterTraining: 0.2 } }", false),
      ("{ stragglers: { medianSeconds: 1, deadlineSeconds: 1 } }", true),
    ] {
      let folder = try folder(faults, local)
      _ = try run(folder)
      let (lost, cohorts) = (try column(folder, "lost_clients"), try column(folder, "cohort_size"))
      let entries = try folder.releases("r/ledger.jsonl").count
      #expect(lost.reduce(0, +) > 20)
      // A late update was sent and seen, whatever became of it.
      #expect(entries == cohorts.reduce(0, +) - (sentLate ? 0 : lost.reduce(0, +)))
    }
  }

  @Test("clients that send nonsense are survived", arguments: ["nan", "enormous"])
  func corrupted(kind: String) throws {
    let folder = try folder("{ clients: { corrupted: 0.3, corruption: \"\(kind)\" } }")
    let run = try run(folder)
    #expect(try #require(run.at("metrics.auc")?.asDouble) > 0.4)
    #expect(run.at("privacy.epsilon")?.asDouble ?? 99 <= 8)
    #expect(try self.run(folder, "--set", "faults.clients.corrupted=0")["digest"] != run["digest"])
  }

  @Test("clipping and noise blunt an attack that spoils the model without them")
  func poisoning() throws {
    let folder = try TemporaryFolder()
    let scenario = Program.repository.appendingPathComponent("scenarios/poisoning.json5").path
    func auc(_ arguments: String...) throws -> Double {
      let outcome = try Program.run(
        ["run", scenario, "--json", "--out", "r", "--force"] + arguments, in: folder.url)
      return try #require(outcome.json().at("metrics.auc")?.asDouble)
    }
    let attacked = "faults.clients.byzantine=0.1"
    let open = try auc("--set", "privacy=none")
    let poisoned = try auc("--set", "privacy=none", "--set", attacked)
    let (clipped, blunted) = (try auc(), try auc("--set", attacked))
    #expect(open - poisoned > 0.15 && clipped - blunted < 0.02)
    // Turned labels are the mildest attack, and do harm too.
    let flipped = try auc("--set", "privacy=none", "--set", "faults.clients.flippedLabels=0.4")
    #expect(flipped < open && flipped > poisoned)
  }

  @Test("aggregation rules cost the same ε and give each their own model, whatever the workers")
  func aggregation() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    var digests: Set<String> = []
    for rule in ["{}", "{rule: \"median\", groups: 5}", "{rule: \"trimmed-mean\", groups: 5}"] {
      let one = try run(folder, "--set", "training.aggregation=\(rule)", "--workers", "1")
      let three = try run(folder, "--set", "training.aggregation=\(rule)", "--workers", "3")
      #expect(one["digest"] == three["digest"])
      #expect(one.at("privacy.epsilon") == three.at("privacy.epsilon"))
      #expect(abs(try #require(one.at("privacy.epsilon")?.asDouble) - 8) < 0.01)
      if case .string(let digest)? = one["digest"] { digests.insert(digest) }
    }
    #expect(digests.count == 3)
  }
}
