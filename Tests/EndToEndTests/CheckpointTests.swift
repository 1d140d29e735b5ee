import Foundation
import Scenarios
import Testing

@Suite("Checkpoints", .tags(.endToEnd), .serialized)
struct CheckpointTests {
  private static let scenario = SmallScenario.slow.replacingOccurrences(of: "rounds: 3000", with: "rounds: 400")
    .replacingOccurrences(of: "every: 500", with: "every: 30")

  private func folder(_ text: String = scenario) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    return folder
  }

  private func expectSame(_ folder: TemporaryFolder, _ a: String, _ b: String) throws {
    for name in ["ledger.jsonl", "rounds.csv", "report.html"] {
      #expect(try folder.text("\(a)/\(name)") == folder.text("\(b)/\(name)"), "\(name)")
    }
    #expect(try folder.json("\(a)/run.json")["digest"] == folder.json("\(b)/run.json")["digest"])
    #expect(try folder.json("\(a)/run.json")["metrics"] == folder.json("\(b)/run.json")["metrics"])
  }

  @Test(
    "let a run that is killed again and again end as if nothing had happened",
    arguments: [SIGKILL, SIGINT, SIGTERM])
  func killed(signal: Int32) throws {
    let folder = try folder()
    #expect(try folder.run("run", "s.json5", "--out", "whole", "--workers", "2").status == 0)
    var stops = 0
    var finished = false
    while !finished {
      // The moments of the kills are nobody's choice.
      let running = try Program.Running(
        Program.executable,
        ["run", "s.json5", "--out", "r", "--checkpoint-every", "7", "--resume", "--workers", "2"],
        in: folder.url)
      if stops < 6 { usleep(UInt32(60_000 + 40_000 * (stops % 4))) }
      if stops < 6 { running.signal(signal) }
      let outcome = try running.wait()
      finished = outcome.status == 0
      if !finished {
        #expect(outcome.status == (signal == SIGKILL ? SIGKILL : 128 + signal), "\(outcome.errors)")
        #expect(try !folder.contents().contains("r"))
        if signal != SIGKILL, try folder.contents().contains("r.checkpoint") {
          #expect(outcome.errors.contains("interrupted; the same command with --resume goes on from r.checkpoint"))
        }
      }
      stops += 1
      try #require(stops < 50)
    }
    #expect(stops > 2)
    try expectSame(folder, "r", "whole")
    // Nothing is left but the results, not even half-written files.
    #expect(try folder.contents() == ["r", "s.json5", "whole"])
  }

  @Test(
    "hold everything that a run has",
    arguments: [
      (
        "adaptive clipping", "privacy: { epsilon: 8",
        "privacy: { adaptiveClipping: { learningRate: 0.3 }, epsilon: 8"
      ),
      ("momentum", "optimizer: \"adam\"", "optimizer: \"momentum\""),
      ("yogi", "optimizer: \"adam\"", "optimizer: \"yogi\""),
      ("no privacy", "privacy: { epsilon: 8, delta: 1e-5 }", "privacy: \"none\""),
      (
        "local trust", "privacy: { epsilon: 8",
        "privacy: { trust: \"local\", adjacency: \"replace-one\", epsilon: 8"
      ),
      ("a budget", "privacy: { epsilon: 8", "privacy: { budget: 5, epsilon: 8"),
      (
        "tiers", "privacy: { epsilon: 8",
        "privacy: { tiers: { a: { share: 0.5, epsilon: 2 }, b: { share: 0.5, epsilon: 9 } }"
      ),
    ])
  func kinds(name: String, old: String, new: String) throws {
    let text = SmallScenario.market.replacingOccurrences(of: old, with: new)
      .replacingOccurrences(of: "rounds: 12", with: "rounds: 40")
    #expect(text.contains(new))
    let folder = try folder(text)
    #expect(try folder.run("run", "s.json5", "--out", "whole").status == 0)
    // A full disk ends the run after its checkpoint: no file of the results' size can be written.
    let stopped = try Program.shell(
      "ulimit -f 45; trap '' XFSZ; \"$FEDSIM\" run s.json5 --out r --checkpoint-every 3", in: folder.url)
    #expect(stopped.status == 3 && stopped.errors.contains("cannot be written"), "\(stopped.errors)")
    #expect(try folder.contents().contains("r.checkpoint"))
    let resumed = try folder.run("run", "s.json5", "--out", "r", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("going on after round "))
    try expectSame(folder, "r", "whole")
  }

  @Test("of another scenario, seed or version, and damaged ones, are refused with the reason and kept")
  func refusals() throws {
    let folder = try folder(SmallScenario.market)
    let stopped = try Program.shell(
      "ulimit -f 45; trap '' XFSZ; \"$FEDSIM\" run s.json5 --out r --checkpoint-every 5", in: folder.url)
    #expect(stopped.status == 3)
    let file = folder.url.appendingPathComponent("r.checkpoint")
    let journal = folder.url.appendingPathComponent("r.checkpoint.rounds")
    let rounds = try Data(contentsOf: journal)
    let whole = try Data(contentsOf: file)
    func refusal(_ arguments: String...) throws -> String {
      let outcome = try Program.run(["run", "s.json5", "--out", "r", "--resume"] + arguments, in: folder.url)
      #expect(outcome.status == 2)
      #expect(try folder.contents() == ["r.checkpoint", "r.checkpoint.rounds", "r.ledger.jsonl", "s.json5"])
      return outcome.errors
    }
    #expect(try refusal("--seed", "4").contains("r.checkpoint: is of another run: seed was 11, now it is 4"))
    #expect(
      try refusal("--set", "privacy.epsilon=7").contains("is of another run: privacy.epsilon was 8, now it is 7"))
    #expect(try refusal("--secure-noise").contains("--resume with --secure-noise"))
    for damaged in [Data(), whole.prefix(30), whole.dropLast(), whole + [0], Data("nonsense".utf8) + whole] {
      try Data(damaged).write(to: file)
      #expect(try refusal().contains("r.checkpoint: is damaged"))
    }
    var flipped = whole
    flipped[whole.count / 2] ^= 1
    try flipped.write(to: file)
    #expect(try refusal().contains("r.checkpoint: is damaged"))
    try whole.write(to: file)
    for damaged in [Data(), rounds.dropLast(), Data("x".utf8) + rounds, rounds.dropFirst()] {
      try Data(damaged).write(to: journal)
      #expect(try refusal().contains("r.checkpoint: is damaged"))
    }
    try rounds.write(to: journal)
    // What a kill between the two files leaves is beyond what counts.
    let more = try FileHandle(forWritingTo: journal)
    try more.seekToEnd()
    try more.write(contentsOf: Data("{\"ledger\":[".utf8))
    try more.close()
    let forgotten = try folder.run("run", "s.json5", "--out", "r", "--checkpoint-every", "5")
    #expect(forgotten.status == 2 && forgotten.errors.contains("go on with --resume, or remove it"))
    #expect(try folder.run("run", "s.json5", "--out", "r", "--resume").status == 0)
    let again = try folder.run("run", "s.json5", "--out", "r", "--resume")
    #expect(again.status == 2 && again.errors.contains("r: exists: that run is finished"))
  }

  @Test("are not gone on from when the shards have changed, and what changed is said")
  func otherData() throws {
    let folder = try folder(SmallScenario.market)
    #expect(try folder.run("generate", "s.json5", "--out", "d").status == 0)
    #expect(try folder.run("run", "d/scenario.json5", "--out", "whole").status == 0)
    let stopped = try Program.shell(
      "ulimit -f 45; trap '' XFSZ; \"$FEDSIM\" run d/scenario.json5 --out r --checkpoint-every 5", in: folder.url)
    #expect(stopped.status == 3, "\(stopped.errors)")
    let (train, heldOut) = try (folder.text("d/train.svm"), folder.text("d/held-out.svm"))
    let lines = train.split(separator: "\n", omittingEmptySubsequences: false)
    let last = lines[lines.count - 2] + "\n"
    for (changed, other, words) in [
      (String(train.dropFirst(lines[0].count + 1)), heldOut, "train.svm had \(train.utf8.count) bytes, now it has"),
      ((train.hasPrefix("1") ? "0" : "1") + train.dropFirst(), heldOut, "their names and sizes are the same"),
      (String(train.dropLast(last.count)), heldOut + last, "held-out.svm had \(heldOut.utf8.count) bytes"),
    ] {
      try folder.write("d/train.svm", changed)
      try folder.write("d/held-out.svm", other)
      for force in [[], ["--force"]] {
        let refused = try Program.run(
          ["run", "d/scenario.json5", "--out", "r", "--resume"] + force, in: folder.url)
        #expect(refused.status == 2)
        #expect(
          refused.errors.contains("r.checkpoint: is of a run over other data: the shards have changed since")
            && refused.errors.contains(words), "\(refused.errors)")
      }
    }
    try folder.write("d/train.svm", train)
    try folder.write("d/held-out.svm", heldOut)
    let resumed = try folder.run("run", "d/scenario.json5", "--out", "r", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    try expectSame(folder, "r", "whole")
    #expect(try folder.contents() == ["d", "r", "s.json5", "whole"])
  }

  @Test("are found where runs go by themselves, and are not needed to start")
  func defaultFolder() throws {
    let folder = try folder(SmallScenario.market)
    let first = try folder.run("run", "s.json5", "--resume")
    #expect(
      first.status == 0
        && first.errors.contains("there is no runs/small-seed-11.checkpoint; starting at the first round"))
    let stopped = try Program.shell(
      "ulimit -f 45; trap '' XFSZ; \"$FEDSIM\" run s.json5 --checkpoint-every 5", in: folder.url)
    #expect(stopped.status == 3)
    #expect(
      try folder.contents("runs") == [
        "small-seed-11", "small-seed-11-2.checkpoint", "small-seed-11-2.checkpoint.rounds",
        "small-seed-11-2.ledger.jsonl",
      ])
    #expect(try folder.run("run", "s.json5", "--resume").status == 0)
    #expect(try folder.contents("runs") == ["small-seed-11", "small-seed-11-2"])
    try expectSame(folder, "runs/small-seed-11", "runs/small-seed-11-2")
  }
}
