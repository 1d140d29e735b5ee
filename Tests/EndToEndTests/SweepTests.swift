import Foundation
import Scenarios
import Testing

@Suite("fedsim sweep", .tags(.endToEnd))
struct SweepTests {
  /// The small market with a sweep of 3 × 3 runs and the references of 3 seeds: 15 tasks.
  static let scenario = SmallScenario.market.replacingOccurrences(
    of: "evaluation: { every: 5 },",
    with: "evaluation: { every: 5 }, sweep: { \"privacy.epsilon\": [1, 8, \"infinity\"], seed: [1, 2, 3] },")

  private func folder(_ text: String = scenario) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    return folder
  }

  private func points(_ folder: TemporaryFolder, _ out: String) throws -> [String] {
    // The folder is made for the first of them.
    ((try? folder.contents("\(out)/points")) ?? []).filter { $0.hasSuffix(".json") }
  }

  @Test("leaves curves in three forms, a drawing a metric, and a table that ends with what was learned")
  func files() throws {
    let folder = try folder()
    let outcome = try folder.run("sweep", "s.json5")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    let files = try folder.contents("sweeps/small")
    #expect(
      files == [
        ".fedsim", "curve-accuracy.svg", "curve-auc.svg", "curve-average-precision.svg",
        "curve-calibration-error.svg",
        "curve-hit-rate-at-10.svg", "curve-log-loss.svg", "curve-ndcg-at-10.svg", "curve.csv", "curve.json",
        "points",
        "report.html",
      ])
    #expect(try points(folder, "sweeps/small").count == 15)
    for words in ["accounted ε", "95 % interval", "central, no privacy", "each client alone", "15 computed", "∞"] {
      #expect(outcome.output.contains(words), "\(words)")
    }
    // 9 runs and, for each of 3 seeds, 5 lines to read the curve against.
    #expect(try folder.text("sweeps/small/curve.csv").split(separator: "\n").count == 1 + 9 + 15)
    let page = try folder.text("sweeps/small/report.html")
    #expect(
      !page.contains("http://")
        || page.components(separatedBy: "http://").dropFirst().allSatisfy { $0.hasPrefix("www.w3.org/2000/svg") })
    #expect(!page.contains("src=") && !page.contains("@import") && !page.contains("https://"))
    for words in [
      "Save as SVG", "prefers-color-scheme:dark", "class=\"chart narrow\"", "data-tip", "@media print",
      "digest of all runs", "for all models of a sweep together no ε holds",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    // The chosen metric stands in front.
    #expect(try folder.run("sweep", "s.json5", "--metric", "logLoss").output.contains("log loss"))
  }

  @Test("gives the same bytes whatever --jobs and --shard are, and each run is the run that fedsim run does")
  func independence() throws {
    let folder = try folder()
    #expect(try folder.run("sweep", "s.json5", "--out", "a", "--jobs", "1").status == 0)
    #expect(try folder.run("sweep", "s.json5", "--out", "b", "--jobs", "5", "--memory", "300").status == 0)
    for name in ["curve.json", "curve.csv", "report.html", "curve-auc.svg"] {
      #expect(try folder.text("a/\(name)") == folder.text("b/\(name)"), "\(name)")
    }
    for part in 1...4 {
      let outcome = try folder.run("sweep", "s.json5", "--out", "part\(part)", "--shard", "\(part)/4")
      #expect(outcome.status == 0 && outcome.output.contains("runs are still to be done"), "\(outcome)")
    }
    #expect(try (1...4).reduce(0) { try $0 + points(folder, "part\($1)").count } == 15)
    let joined = try folder.run("compare", "part2", "part4", "part1", "part3", "--out", "joined")
    #expect(joined.status == 0, "\(joined.errors)")
    for name in ["curve.json", "curve.csv", "report.html"] {
      #expect(try folder.text("joined/\(name)") == folder.text("a/\(name)"), "\(name)")
    }
    // Parts may also share a folder; the last one completes it.
    for part in 1...2 {
      #expect(try folder.run("sweep", "s.json5", "--out", "shared", "--shard", "\(part)/2").status == 0)
    }
    #expect(try folder.text("shared/curve.json") == folder.text("a/curve.json"))

    let curve = try folder.json("a/curve.json")
    guard case .array(let curves)? = curve["curves"], case .array(let places)? = curves.first?["points"] else {
      Issue.record("no points")
      return
    }
    for (place, setting) in zip(places, ["privacy.epsilon=1", "privacy.epsilon=8", "privacy=none"]) {
      guard case .array(let seeds)? = place["seeds"] else { continue }
      for (seed, record) in seeds.enumerated() {
        let run = try folder.run(
          "run", "s.json5", "--seed", "\(seed + 1)", "--set", setting, "--json", "--out", "r", "--force")
        #expect(try record["digest"] == run.json()["digest"])
        #expect(try record["epsilon"]?.asDouble == run.json().at("privacy.epsilon")?.asDouble)
        #expect(try record.at("metrics.auc") == run.json().at("metrics.auc"))
      }
    }
  }

  @Test("computes only what is missing: after an end, with a longer list, after damage")
  func resuming() throws {
    let folder = try folder()
    let first = try folder.run("sweep", "s.json5", "--out", "a")
    let curve = try folder.text("a/curve.json")
    let again = try folder.run("sweep", "s.json5", "--out", "a")
    #expect(again.status == 0 && again.output.contains("all 15 found finished"))
    #expect(first.output.split(separator: "\n").dropLast(3) == again.output.split(separator: "\n").dropLast(3))
    // A record that is cut short is computed again; one of another sweep is left alone.
    let names = try points(folder, "a")
    try folder.write("a/points/\(names[3])", String(folder.text("a/points/\(names[3])").prefix(40)))
    try folder.write("a/points/\(names[7])", "")
    try folder.write("a/points/0123.json", "{}")
    let repaired = try folder.run("sweep", "s.json5", "--out", "a")
    #expect(repaired.output.contains("2 computed, 13 found finished"))
    #expect(try folder.text("a/curve.json") == curve)
    let longer = try folder.run("sweep", "s.json5", "--out", "a", "--set", "sweep.seed=[1,2,3,4]")
    #expect(longer.output.contains("5 computed, 15 found finished"))
    // Starting over leaves no longer list behind, and takes away nothing that is somebody else's.
    let refused = try folder.run("sweep", "s.json5", "--out", "a", "--force")
    #expect(refused.status == 2 && refused.errors.contains("holds what fedsim did not write: points/0123.json;"))
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("a/points/0123.json"))
    let forced = try folder.run("sweep", "s.json5", "--out", "a", "--force")
    #expect(forced.output.contains("15 computed"), "\(forced.errors)")
    #expect(try points(folder, "a").count == 15)
    #expect(try folder.text("a/curve.json") == curve)
  }

  @Test(
    "that is interrupted says so, keeps what is done, and goes on to the same result",
    .enabled(if: Program.hasProcessTable))
  func interruption() throws {
    let text = SmallScenario.slow.replacingOccurrences(
      of: "evaluation: { every: 500 },",
      with: "evaluation: { every: 500 }, sweep: { \"privacy.noiseMultiplier\": [1, 2], seed: [1, 2, 3] },"
    ).replacingOccurrences(of: "rounds: 3000", with: "rounds: 300")
    let folder = try folder(text)
    let whole = try folder.run("sweep", "s.json5", "--out", "whole")
    #expect(whole.status == 0, "\(whole.errors)")
    for (signal, status) in [(SIGINT, Int32(130)), (SIGKILL, SIGKILL)] {
      let out = "signal\(signal)"
      let running = try Program.Running(
        Program.executable, ["sweep", "s.json5", "--out", out, "--jobs", "2"], in: folder.url)
      for _ in 0..<3000 where try folder.contents().contains(out) == false || points(folder, out).isEmpty {
        usleep(10_000)
      }
      let children = running.children()
      running.signal(signal)
      let outcome = try running.wait()
      #expect(outcome.status == status, "\(outcome.errors)")
      let kept = try points(folder, out).count
      #expect(kept > 0 && kept < 12)
      if signal == SIGINT {
        #expect(outcome.errors.contains("interrupted: ") && outcome.errors.contains("of 12 runs are done"))
      }
      for child in children {
        for _ in 0..<500 where Program.isAlive(child) { usleep(10_000) }
        #expect(!Program.isAlive(child))
      }
      let rest = try folder.run("sweep", "s.json5", "--out", out)
      #expect(rest.output.contains("\(12 - kept) computed, \(kept) found finished"))
      #expect(try folder.text("\(out)/curve.json") == folder.text("whole/curve.json"))
    }
  }

  @Test("goes on when workers are killed", .enabled(if: Program.hasProcessTable))
  func killedWorkers() throws {
    let folder = try folder()
    #expect(try folder.run("sweep", "s.json5", "--out", "a").status == 0)
    let running = try Program.Running(
      Program.executable, ["sweep", "s.json5", "--out", "b", "--jobs", "2"], in: folder.url)
    var kills = 0
    while running.isRunning {
      for child in running.children().prefix(1) where kills < 3 {
        kill(child, SIGKILL)
        kills += 1
      }
      usleep(20_000)
    }
    #expect(try running.wait().status == 0)
    #expect(kills > 0)
    #expect(try folder.text("b/curve.json") == folder.text("a/curve.json"))
  }

  @Test(
    "answers mistakes with the remedy and leaves nothing behind",
    arguments: [
      (["--shard", "3/2"], "--shard: found \"3/2\"; allowed: I/N with I from 1 to N"),
      (["--shard", "x"], "--shard: found \"x\""),
      (["--jobs", "0"], "--jobs: found \"0\"; allowed: a whole number from 1 to 1024"),
      (["--memory", "10"], "--memory: found 10; one run takes about"),
      (["--metric", "acu"], "--metric: found \"acu\"; allowed: auc, averagePrecision"),
      (["--set", "sweep.seed=[1,1]"], "sweep.seed: 1 is in the list twice"),
      (["--set", "sweep.privacy.epsilon=[0]"], "privacy.epsilon: found 0; allowed: a number from 0.001"),
      (["--set", "sweep.privacy.epsilno=[1]"], "did you mean epsilon?"),
      (["--seed", "3"], "unknown option --seed; did you mean --set?"),
    ])
  func mistakes(arguments: [String], message: String) throws {
    let folder = try folder()
    let outcome = try Program.run(["sweep", "s.json5"] + arguments, in: folder.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(try folder.contents() == ["s.json5"])
  }

  @Test("refuses a scenario without a sweep, and folders that hold something else")
  func refusals() throws {
    let folder = try folder(SmallScenario.market)
    let none = try folder.run("sweep", "s.json5")
    #expect(none.status == 2 && none.errors.contains("s.json5: sweep: is missing; allowed: an object"))
    try folder.write("s.json5", Self.scenario)
    let other = try folder.run("sweep", "s.json5", "--out", ".")
    #expect(other.status == 2 && other.errors.contains("exists and holds no sweep"))
    try folder.write("file", "")
    let file = try folder.run("sweep", "s.json5", "--out", "file")
    #expect(file.status == 2 && file.errors.contains("is a file, not a folder"))
    #expect(try folder.contents() == ["file", "s.json5"])
  }

  @Test("keeps what is done when the disk is full, and says so")
  func fullDisk() throws {
    let folder = try folder()
    #expect(try folder.run("sweep", "s.json5", "--out", "a", "--shard", "1/2").status == 0)
    let kept = try points(folder, "a").count
    // No file may grow beyond this many blocks of 512 bytes: the records still fit, the report does not.
    let outcome = try Program.shell("ulimit -f 16; trap '' XFSZ; \"$FEDSIM\" sweep s.json5 --out a", in: folder.url)
    #expect(
      outcome.status == 3 && outcome.errors.contains("curve.json: cannot be written"), "\(outcome.errors)")
    #expect(try points(folder, "a").count == 15 && kept < 15)
    let rest = try folder.run("sweep", "s.json5", "--out", "a")
    #expect(rest.output.contains("all 15 found finished"))
  }

  @Test("knows runs that are equal for one: nothing is clipped at infinite ε, whatever the norm")
  func equalRuns() throws {
    let folder = try folder()
    let outcome = try folder.run(
      "sweep", "s.json5", "--out", "a", "--set", "sweep.privacy.clippingNorm=[0.1,1,10]", "--set", "sweep.seed=[1]")
    // Two ε for three norms, one run at infinity, two references.
    #expect(outcome.output.contains("9 computed"), "\(outcome.errors)")
    #expect(outcome.output.contains("clippingNorm 0.1") && outcome.output.contains("the same"))
    // One seed: no interval anywhere, and no difference is called real.
    #expect(!outcome.output.contains("  better") && outcome.output.contains("one common seed: cannot be told"))
  }

  @Test("reads a curve against models on the very examples that it is about, and tells bytes and attacks apart")
  func variants() throws {
    let text = SmallScenario.market.replacingOccurrences(
      of: "evaluation: { every: 5 },",
      with: """
        evaluation: { every: 5 }, privacy: "none", linkage: { targets: 20, candidates: 4 },
        sweep: { variants: {
          all: {}, items: { "minimisation.fields": ["item"] }, coarse: { "anonymisation.k": 30 },
          half: { "evaluation.supportShare": 0.5 }, few: { "training.compression": { sparsification: "top-k" } },
        } },
        """
    ).replacingOccurrences(of: "privacy: { epsilon: 8, delta: 1e-5 },", with: "")
    let folder = try folder(text)
    let outcome = try folder.run("sweep", "s.json5", "--out", "a")
    #expect(outcome.status == 0, "\(outcome.errors)")
    guard case .array(let curves)? = try folder.json("a/curve.json")["curves"] else {
      Issue.record("no curves")
      return
    }
    func line(_ kind: String, of curve: JSONValue) -> JSONValue? {
      guard case .array(let lines)? = curve["references"] else { return nil }
      return lines.first { $0["kind"] == .string(kind) }?["seeds"]
    }
    let (all, others) = (curves[0], curves.dropFirst())
    #expect(all["name"] == .string("all") && others.count == 4)
    for other in others {
      // Sending less changes no example.
      let isSame = other["name"] == .string("few")
      for kind in ["central", "alone"] { #expect((line(kind, of: other) == line(kind, of: all)) == isSame) }
    }
    #expect(
      try folder.contents("a").filter { $0.hasPrefix("curve-bytes") || $0.hasPrefix("curve-link") }.count == 2)
    let (page, printed) = (try folder.text("a/report.html"), outcome.output)
    for words in ["gain per kB up", "row linked", "singled out", "told from 3 others"] {
      #expect(page.contains(words) && printed.contains(words), "\(words)")
    }
    #expect(printed.components(separatedBy: "no rows").count == 5)
    // What is read back is what was written.
    #expect(try folder.run("compare", "a", "--out", "b").status == 0)
    #expect(try folder.text("b/report.html").contains("told from 3 others"))
  }

  @Test("over another key than ε draws that key")
  func otherAxis() throws {
    let folder = try folder(
      SmallScenario.market.replacingOccurrences(
        of: "evaluation: { every: 5 },", with: "sweep: { \"training.rounds\": [2, 4, 8], seed: [1, 2] },"))
    let outcome = try folder.run("sweep", "s.json5", "--out", "a")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains("training.rounds") && outcome.output.contains("at training.rounds = "))
    #expect(try folder.json("a/curve.json")["axis"] == .string("training.rounds"))
    // Where the axis changes the clients themselves there is no one line to read the curve against.
    try folder.write(
      "s.json5",
      SmallScenario.market.replacingOccurrences(
        of: "evaluation: { every: 5 },", with: "sweep: { \"population.clients\": [30, 60], seed: [1, 2] },"))
    let clients = try folder.run("sweep", "s.json5", "--out", "b")
    #expect(clients.status == 0 && !clients.output.contains("popularity"))
  }

  @Test("on shards notices that their content changed")
  func changedShards() throws {
    let folder = try folder()
    #expect(try folder.run("generate", "s.json5", "--out", "shards").status == 0)
    let text = try folder.text("shards/scenario.json5")
    try folder.write(
      "shards/s.json5",
      text.replacingOccurrences(of: "\"training\"", with: "\"sweep\": {\"seed\": [1, 2]}, \"training\""))
    #expect(try folder.run("sweep", "shards/s.json5", "--out", "a").status == 0)
    #expect(try folder.run("sweep", "shards/s.json5", "--out", "a").output.contains("all 6 found finished"))
    let shards = try folder.text("shards/train.svm")
    try folder.write("shards/train.svm", String(shards.drop { $0 != "\n" }.dropFirst()))
    let changed = try folder.run("sweep", "shards/s.json5", "--out", "a")
    #expect(
      changed.status == 2 && changed.errors.contains("a: holds a sweep over other data: the shards have changed"))
    #expect(try folder.run("sweep", "shards/s.json5", "--out", "a", "--force").output.contains("6 computed"))
  }

  @Test("makes a sane curve: it rises with ε as far as the intervals tell, up to the run without privacy")
  func sanity() throws {
    let folder = try TemporaryFolder()
    let scenario = Program.repository.appendingPathComponent("scenarios/recommendation.json5").path
    let outcome = try folder.run("sweep", scenario, "--out", "a", "--json", "--set", "sweep.seed=[1,2,3]")
    #expect(outcome.status == 0, "\(outcome.errors)")
    guard case .array(let curves)? = try outcome.json()["curves"],
      case .array(let places)? = curves.first?["points"],
      case .array(let lines)? = curves.first?["references"]
    else {
      Issue.record("no curve")
      return
    }
    func aucs(_ seeds: JSONValue?) -> [Double] {
      guard case .array(let seeds)? = seeds else { return [] }
      return seeds.compactMap { $0.at("metrics.auc")?.asDouble }
    }
    let runs = places.map { aucs($0["seeds"]) }
    #expect(runs.count == 8 && runs.allSatisfy { $0.count == 3 })
    // Within each seed: more ε is never clearly worse, and the steep part is steep.
    for seed in 0..<3 {
      for (less, more) in zip(runs, runs.dropFirst()) { #expect(more[seed] > less[seed] - 0.003) }
      #expect(runs[3][seed] > runs[0][seed] + 0.01)
    }
    func line(_ kind: String) -> [Double] { aucs(lines.first { $0["kind"] == .string(kind) }?["seeds"]) }
    for seed in 0..<3 {
      #expect(line("popularity")[seed] < runs[0][seed])
      #expect(line("alone")[seed] < runs[0][seed])
      #expect(abs(line("central")[seed] - runs[7][seed]) < 0.02)
      #expect(line("central")[seed] < line("bestReachable")[seed])
      #expect(line("untrained")[seed] == 0.5)
    }
  }
}
