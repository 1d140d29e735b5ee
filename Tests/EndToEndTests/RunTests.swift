import DifferentialPrivacy
import Foundation
import Scenarios
import Testing

@Suite("fedsim run", .tags(.endToEnd))
struct RunTests {
  private func digest(_ folder: TemporaryFolder, _ arguments: String...) throws -> String {
    let outcome = try Program.run(["run"] + arguments + ["--json"], in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    guard case .string(let digest)? = try outcome.json()["digest"] else {
      Issue.record("no digest")
      return ""
    }
    return digest
  }

  @Test(
    "gives the same digest for 1, 2 and 5 workers and every time, and another for another seed",
    arguments: [SmallScenario.market, SmallScenario.synthetic, SmallScenario.withoutPrivacy])
  func digests(text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    let first = try digest(folder, "s.json5", "--workers", "1", "--out", "a")
    #expect(first.count == 64)
    for workers in ["1", "2", "5"] {
      #expect(try digest(folder, "s.json5", "--workers", workers, "--out", "w\(workers)") == first)
    }
    #expect(try digest(folder, "s.json5", "--seed", "99", "--out", "other") != first)
    // A memory budget of next to nothing only means that clients are made again.
    #expect(try digest(folder, "s.json5", "--memory", "1", "--out", "m") == first)
    #expect(try folder.text("w5/rounds.csv") == folder.text("a/rounds.csv"))
    #expect(try folder.text("w5/ledger.jsonl") == folder.text("a/ledger.jsonl"))
  }

  /// Digests of x86-64; any machine gives the same. A change that moves them says so in CHANGELOG.md.
  @Test(
    "gives the digest that it gave before",
    arguments: [
      (SmallScenario.market, "20bc5cf0a87c61b9f16ec5f65247b71ace2ac0b1415bbaffe63174ac405d2ed2"),
      (SmallScenario.synthetic, "577381a2ce87a1f8bfcb181650453b828ea097fe47ef733fe7c5cd40e6b8818a"),
      (SmallScenario.withoutPrivacy, "95426321b00aa6c3ede4266f72b5e15822b75626ae2862487c68f9ebeb55a49e"),
    ])
  func recordedDigests(text: String, recorded: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    #expect(try digest(folder, "s.json5", "--out", "r") == recorded)
  }

  @Test("leaves a folder of four files that say the same thing, and the list of them")
  func files() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    // Processes have memory of their own.
    let outcome = try folder.runProcess("run", "s.json5")
    #expect(outcome.status == 0)
    #expect(try folder.contents("runs") == ["small-seed-11"])
    let files = try folder.contents("runs/small-seed-11")
    #expect(files == [".fedsim", "ledger.jsonl", "report.html", "rounds.csv", "run.json"])
    let run = try folder.json("runs/small-seed-11/run.json")
    #expect(run["format"] == .integer(1))
    #expect(run["status"] == .string("finished"))
    #expect(run["roundsDone"] == .integer(12))
    for key in [
      "metrics.auc", "metrics.logLoss", "metrics.accuracy", "metrics.bestReachableAUC", "metrics.calibrationError",
      "metrics.hitRateAt10", "metrics.ndcgAt10", "privacy.epsilon", "privacy.epsilonLowerBound",
      "privacy.noiseMultiplier", "privacy.delta", "privacy.fewestClientsInASum", "timing.wallSeconds",
      "timing.trainingSeconds", "timing.clientUpdates", "timing.clientUpdatesPerSecond",
    ] {
      #expect(run.at(key)?.asDouble != nil, "\(key)")
    }
    #if os(Linux)
      // The program alone takes megabytes, and a scenario this small takes no more than a few dozen.
      guard case .array(let workers)? = run.at("memory.workerPeakBytes"), !workers.isEmpty else {
        Issue.record("no worker's peak")
        return
      }
      let peaks = [run.at("memory.coordinatorPeakBytes")] + workers
      let megabytes = try peaks.map { try #require($0?.asDouble) / 1e6 }
      #expect(megabytes.allSatisfy { $0 > 2 && $0 < 200 }, "\(megabytes)")
    #endif
    #expect(run.at("privacy.unit") == .string("client"))
    #expect(run.at("privacy.adjacency") == .string("add-or-remove"))
    let rounds = try folder.text("runs/small-seed-11/rounds.csv").split(separator: "\n")
    #expect(rounds.count == 13)
    let cohorts = rounds.dropFirst().compactMap { Int($0.split(separator: ",")[1]) }
    #expect(run.at("timing.clientUpdates") == .integer(cohorts.reduce(0, +)))
    #expect(try folder.releases("runs/small-seed-11/ledger.jsonl").count == 12)
    // A second run goes beside the first.
    #expect(try folder.run("run", "s.json5").status == 0)
    #expect(try folder.contents("runs") == ["small-seed-11", "small-seed-11-2"])
  }

  @Test("ends with a table that says what was learned, what it cost and where the report is")
  func summary() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let outcome = try folder.run("run", "s.json5", "--out", "result")
    for words in [
      "best reachable", "model", "popularity", "untrained", "log loss", "ε ≤", "at least", "δ = 1e-05",
      "unit client, add-or-remove, noise multiplier", "client updates per second", "result/report.html",
    ] {
      #expect(outcome.output.contains(words), "\(words)")
    }
    // Not a terminal: no progress line.
    #expect(outcome.errors.isEmpty)
  }

  @Test("reports who pays, what was released, and how far clipping bites, measured on clients who never train")
  func report() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("run", "s.json5", "--out", "r").status == 0)
    let page = try folder.text("r/report.html")
    for words in [
      "AUC by round", "Log loss by round", "ε spent by round", "Calibration", "Clipping norm and update norms",
      "Share of updates that are clipped", "Clients in a round", "Who pays: accuracy by the client",
      "What was released", "poisson-sampled-gaussian", "1 to 12", "Save as SVG", "data-tip",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(!page.contains("https://") && !page.contains("src="))
    guard case .array(let groups)? = try folder.json("r/run.json").at("metrics.bySize") else {
      Issue.record("no groups")
      return
    }
    let clients = groups.compactMap { $0["clients"]?.asDouble }.reduce(0, +)
    #expect(groups.count > 5 && groups.count <= 10 && clients == 20)
    func shares(_ norm: String) throws -> [Double] {
      let outcome = try folder.run(
        "run", "s.json5", "--out", "n", "--force", "--set", "privacy.clippingNorm=\(norm)")
      #expect(outcome.status == 0)
      let lines = try folder.text("n/rounds.csv").split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let column = try #require(lines[0].firstIndex(of: "clipped_share"))
      return lines.dropFirst().compactMap { Double($0[column]) }
    }
    // After rounds 5, 10 and 12.
    #expect(try shares("1000") == [0, 0, 0])
    #expect(try shares("0.00001") == [1, 1, 1])
    let some = try shares("0.7")
    #expect(some.count == 3 && some.allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test("without privacy prints no ε anywhere, in words or as a number")
  func withoutPrivacy() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.withoutPrivacy)
    let outcome = try folder.run("run", "s.json5", "--out", "r")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("no privacy guarantee"))
    #expect(!outcome.output.contains("ε"))
    #expect(try folder.json("r/run.json").at("privacy.epsilon") == nil)
    #expect(try folder.json("r/run.json").at("privacy.guarantee") == .string("none"))
    #expect(try folder.releases("r/ledger.jsonl").isEmpty)
    #expect(try folder.text("r/report.html").contains("No privacy guarantee."))
  }

  @Test("has the ε that its ledger alone gives", arguments: [SmallScenario.market, SmallScenario.synthetic])
  func ledger(text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    #expect(try folder.run("run", "s.json5", "--out", "r").status == 0)
    let privacy = try #require(folder.json("r/run.json")["privacy"])
    guard case .string(let accountant)? = privacy["accountant"], let delta = privacy["delta"]?.asDouble else {
      Issue.record("no accountant or δ")
      return
    }
    let account = try folder.run(
      "account", "--ledger", "r/ledger.jsonl", "--delta", "\(delta)", "--accountant", accountant, "--json")
    #expect(account.status == 0)
    #expect(try account.json()["epsilon"] == privacy["epsilon"])
    #expect(try account.json()["epsilonLowerBound"] == privacy["epsilonLowerBound"])
  }

  @Test("stops before the round that would exceed the budget")
  func budget() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let outcome = try folder.run("run", "s.json5", "--out", "r", "--set", "privacy.budget=5")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("the next would exceed the privacy budget"))
    let run = try folder.json("r/run.json")
    #expect(run["status"] == .string("budget-reached"))
    guard case .integer(let done)? = run["roundsDone"] else {
      Issue.record("no roundsDone")
      return
    }
    #expect(done > 0 && done < 12)
    #expect(try #require(run.at("privacy.epsilon")?.asDouble) <= 5)
    #expect(run.at("metrics.evaluatedAfterRound") == .integer(done))
    // One round more would have been too much.
    let multiplier = try #require(run.at("privacy.noiseMultiplier")?.asDouble)
    let account = try folder.run(
      "account", "--sampling-rate", "\(20.0 / 60.0)", "--noise-multiplier", "\(multiplier)", "--rounds",
      "\(done + 1)", "--delta", "1e-5", "--json")
    #expect(try #require(account.json()["epsilon"]?.asDouble) > 5)
    let tooSmall = try folder.run("run", "s.json5", "--out", "t", "--set", "privacy.budget=0.01")
    #expect(tooSmall.status == 2 && tooSmall.errors.contains("not even one round"))
    #expect(try folder.contents() == ["r", "s.json5"])
  }

  @Test("shows several accountants side by side, refusals too")
  func sideBySide() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let outcome = try folder.run("run", "s.json5", "--out", "r", "--accountant", "pld,rdp,zcdp")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("pld: ε ≤") && outcome.output.contains("rdp: ε ≤"))
    #expect(
      outcome.output.contains("zcdp: refused, the zcdp accountant proves nothing about poisson-sampled-gaussian"))
    let privacy = try #require(folder.json("r/run.json")["privacy"])
    guard case .array(let others)? = privacy["sideBySide"] else {
      Issue.record("nothing side by side")
      return
    }
    #expect(others.count == 3 && others[0]["epsilon"] == privacy["epsilon"])
    #expect(try #require(others[1]["epsilon"]?.asDouble) > #require(privacy["epsilon"]?.asDouble))
    #expect(others[2]["epsilon"] == .null)
  }

  @Test("warns when δ is above one over the number of clients")
  func largeDelta() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let fine = try folder.run("run", "s.json5", "--out", "a")
    #expect(!fine.output.contains("warning"))
    let large = try folder.run("run", "s.json5", "--out", "b", "--set", "privacy.delta=0.02")
    #expect(large.status == 0 && large.output.contains("above one over the number of clients"))
    #expect(try folder.text("b/report.html").contains("above one over the number of clients"))
  }

  @Test("learns: clearly better than popularity on the quickstart, within its ε")
  func quickstart() throws {
    let folder = try TemporaryFolder()
    let scenario = Program.repository.appendingPathComponent("scenarios/quickstart.json5").path
    let outcome = try folder.run("run", scenario, "--out", "q", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let run = try outcome.json()
    let auc = try #require(run.at("metrics.auc")?.asDouble)
    let popularity = try #require(run.at("metrics.popularity.auc")?.asDouble)
    let best = try #require(run.at("metrics.bestReachableAUC")?.asDouble)
    #expect(auc > popularity + 0.08 && auc < best)
    let loss = try #require(run.at("metrics.logLoss")?.asDouble)
    let untrained = try #require(run.at("metrics.untrained.logLoss")?.asDouble)
    let bestLoss = try #require(run.at("metrics.bestReachable.logLoss")?.asDouble)
    #expect(loss < untrained - 0.2 && loss > bestLoss)
    #expect(try #require(run.at("privacy.epsilon")?.asDouble) <= 4)
    #expect(try #require(run.at("privacy.epsilonLowerBound")?.asDouble) > 3.9)
  }

  @Test(
    "on written shards gives the digest of the generated population",
    arguments: [SmallScenario.market, SmallScenario.synthetic])
  func generate(text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    let original = try digest(folder, "s.json5", "--out", "a")
    let generated = try folder.run("generate", "s.json5", "--out", "shards")
    #expect(generated.status == 0, "\(generated.errors)")
    #expect(try folder.contents("shards").contains("scenario.json5"))
    for workers in ["1", "3"] {
      #expect(try digest(folder, "shards/scenario.json5", "--workers", workers, "--out", "f\(workers)") == original)
    }
    #expect(try folder.contents() == ["a", "f1", "f3", "s.json5", "shards"])
  }

  @Test("counts only clients that exist among those that a sum covers")
  func fewestClients() throws {
    let folder = try TemporaryFolder()
    // Three clients exist, ten are assumed in public: with full participation a sum covers three.
    try folder.write("train", "1 qid:a 1:1\n0 qid:b 1:1\n1 qid:c 2:1\n")
    try folder.write(
      "s.json5",
      """
      { name: "few", population: { kind: "files", train: "train", heldOut: "train", clients: 10, dimension: 2 },
        training: { rounds: 2, cohort: { sampling: "full" } }, privacy: { noiseMultiplier: 1, delta: 1e-3 } }
      """)
    #expect(try folder.run("run", "s.json5", "--out", "r", "--workers", "1").status == 0)
    #expect(try folder.json("r/run.json").at("privacy.fewestClientsInASum") == .integer(3))
  }

  @Test("that hold examples back learn from fewer, are scored on the same, and refuse what does nothing")
  func minimisation() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let whole = try folder.run("run", "s.json5", "--json", "--out", "a").json()
    let capped = try folder.run("run", "s.json5", "--json", "--out", "b", "--set", "minimisation.maximumExamples=2")
      .json()
    #expect(capped["digest"] != whole["digest"])
    #expect(capped.at("metrics.heldOutExamples") == whole.at("metrics.heldOutExamples"))
    #expect(try folder.text("b/report.html").contains("at most 2 examples of a client"))
    let loose = try folder.run(
      "run", "s.json5", "--json", "--out", "c", "--set", "minimisation.maximumExamples=1000000"
    ).json()
    #expect(loose["digest"] == whole["digest"])
    for (change, message) in [
      ("minimisation.fields=[\"hour\"]", "allow none of features.groups"),
      ("minimisation.fields=[\"itme\"]", "did you mean \"item\"?"),
      ("minimisation.priceBands=900", "allowed: at most the population's"),
    ] {
      let outcome = try folder.run("run", "s.json5", "--out", "d", "--set", change)
      #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome.errors)")
    }
  }
}
