import Foundation
import Scenarios
import Testing

@Suite("fedsim compare", .tags(.endToEnd))
struct CompareTests {
  private func sweeps() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SweepTests.scenario)
    #expect(try folder.run("sweep", "s.json5", "--out", "fedavg").status == 0)
    let fedsgd = try folder.run(
      "sweep", "s.json5", "--out", "fedsgd", "--set", "training.client={\"algorithm\":\"fedsgd\"}")
    #expect(fedsgd.status == 0, "\(fedsgd.errors)")
    return folder
  }

  @Test("lays sweeps over each other and says which differences are real")
  func sweepsOverlaid() throws {
    let folder = try sweeps()
    let outcome = try folder.run("compare", "fedavg", "fedsgd", "--out", "c.html")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for words in ["fedavg against fedsgd", "fedsgd  against fedavg", "report    c.html"] {
      #expect(outcome.output.contains(words), "\(words)\n\(outcome.output)")
    }
    // The two have different update rules, so some place differs for sure, one way or the other.
    #expect(outcome.output.contains("better") || outcome.output.contains("worse"))
    let page = try folder.text("c.html")
    #expect(page.contains("Which differences are real") && page.contains("fedsgd"))
    // Nothing is overwritten unless asked.
    let twice = try folder.run("compare", "fedavg", "fedsgd", "--out", "c.html")
    #expect(twice.status == 2 && twice.errors.contains("c.html: exists already"))
    #expect(try folder.run("compare", "fedavg", "fedsgd", "--out", "c.html", "--force").status == 0)
    #expect(try folder.run("compare", "fedavg", "fedsgd", "--out", "c", "--metric", "logLoss").status == 0)
    #expect(try folder.contents("c").contains("curve.json"))
    // A comparison is a set of curves like any other.
    #expect(try folder.run("compare", "c").output.contains("fedavg"))
  }

  @Test("of a sweep with itself finds no difference at all")
  func same() throws {
    let folder = try sweeps()
    let outcome = try folder.run("compare", "fedavg", "fedavg/curve.json")
    #expect(outcome.status == 0)
    let verdicts = outcome.output.split(separator: "\n").filter {
      $0.contains(" against ") && $0.contains("0.0000")
    }
    #expect(verdicts.count == 3 && verdicts.allSatisfy { $0.hasSuffix("the same") })
  }

  @Test("makes one curve of runs that differ in nothing but seed and ε")
  func runs() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    for epsilon in ["1", "8"] {
      for seed in ["1", "2"] {
        let outcome = try folder.run(
          "run", "s.json5", "--seed", seed, "--set", "privacy.epsilon=\(epsilon)", "--out", "r\(epsilon)-\(seed)")
        #expect(outcome.status == 0)
      }
    }
    #expect(try folder.run("run", "s.json5", "--seed", "1", "--set", "training.l2=0.1", "--out", "l2").status == 0)
    let outcome = try folder.run("compare", "r1-1", "r8-1", "r1-2", "r8-2", "l2", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    guard case .array(let curves)? = try outcome.json()["curves"], curves.count == 2,
      case .array(let points)? = curves[0]["points"]
    else {
      Issue.record("\(outcome.output.prefix(300))")
      return
    }
    #expect(points.map { $0["position"] } == [.integer(1), .integer(8)])
    let run = try folder.json("r8-2/run.json")
    guard case .array(let seeds)? = points[1]["seeds"] else { return }
    #expect(seeds.map { $0["seed"] } == [.integer(1), .integer(2)])
    #expect(seeds[1]["digest"] == run["digest"] && seeds[1].at("metrics.ndcgAt10") == run.at("metrics.ndcgAt10"))
    let text = try folder.run("compare", "r1-1", "r8-1", "r1-2", "r8-2", "l2")
    #expect(text.output.contains("one common seed: cannot be told"))
  }

  /// The names of the curves that a comparison has.
  private func names(_ folder: TemporaryFolder, _ paths: String...) throws -> [String] {
    let outcome = try Program.run(["compare", "--json"] + paths, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    guard case .array(let curves)? = try outcome.json()["curves"] else { return [] }
    return curves.compactMap { if case .string(let name)? = $0["name"] { name } else { nil } }
  }

  @Test("keeps runs apart that differ in their data or their result alone, and says so in their names")
  func otherData() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("generate", "s.json5", "--out", "d").status == 0)
    let train = try folder.text("d/train.svm")
    for (out, seed) in [("a1", "1"), ("a2", "2"), ("again", "1")] {
      #expect(try folder.run("run", "d/scenario.json5", "--seed", seed, "--out", out).status == 0)
    }
    try folder.write("d/train.svm", String(train.drop { $0 != "\n" }.dropFirst()))
    #expect(try folder.run("run", "d/scenario.json5", "--seed", "1", "--out", "b1").status == 0)
    func data(_ run: String) throws -> String {
      guard case .string(let digest)? = try folder.json("\(run)/run.json")["dataDigest"] else { return "" }
      return String(digest.prefix(8))
    }
    #expect(try names(folder, "a1", "a2", "again") == ["a1"])
    #expect(
      try names(folder, "a1", "b1", "a2", "again") == ["a1, data \(data("a1"))", "b1, data \(data("b1"))"])
    let table = try folder.run("compare", "a1", "b1")
    #expect(try table.output.contains("b1, data \(data("b1"))"))
    // A run.json of an older fedsim says nothing of its data.
    let text = try folder.text("again/run.json").split(separator: "\n").filter { !$0.contains("\"dataDigest\"") }
    try folder.write("again/run.json", text.joined(separator: "\n"))
    #expect(try names(folder, "again") == ["again"])
    #expect(try names(folder, "a1", "again").last == "again, data unknown")
    // Noise that is not seeded gives another result each time.
    for out in ["n1", "n2"] {
      #expect(try folder.run("run", "s.json5", "--secure-noise", "--out", out).status == 0)
    }
    let both = try names(folder, "n1", "n2")
    #expect(both.count == 2 && both[0].hasPrefix("n1, result ") && both[1].hasPrefix("n2, result "))
  }

  @Test("does not join parts of a sweep over different data")
  func partsOverOtherData() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("generate", "s.json5", "--out", "d").status == 0)
    try folder.write(
      "d/s.json5",
      folder.text("d/scenario.json5").replacingOccurrences(
        of: "\"training\"", with: "\"sweep\": {\"seed\": [1, 2]}, \"training\""))
    #expect(try folder.run("sweep", "d/s.json5", "--out", "p1", "--shard", "1/2").status == 0)
    let train = try folder.text("d/train.svm")
    try folder.write("d/train.svm", String(train.drop { $0 != "\n" }.dropFirst()))
    #expect(try folder.run("sweep", "d/s.json5", "--out", "p2", "--shard", "2/2").status == 0)
    let refused = try folder.run("compare", "p1", "p2")
    #expect(
      refused.status == 2
        && refused.errors.contains("p2/curve.json: is a part of a sweep of which another part is over other data"),
      "\(refused.errors)")
    try folder.write("d/train.svm", train)
    #expect(try folder.run("sweep", "d/s.json5", "--out", "p3", "--shard", "2/2").status == 0)
    #expect(try folder.run("compare", "p1", "p3").status == 0)
  }

  @Test("answers what it cannot compare with the reason")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SweepTests.scenario)
    #expect(try folder.run("sweep", "s.json5", "--out", "a").status == 0)
    try folder.write(
      "t.json5",
      SmallScenario.market.replacingOccurrences(
        of: "evaluation: { every: 5 },", with: "sweep: { \"training.rounds\": [2, 4] },"))
    #expect(try folder.run("sweep", "t.json5", "--out", "b").status == 0)
    func errors(_ arguments: String...) throws -> String {
      let outcome = try Program.run(["compare"] + arguments, in: folder.url)
      #expect(outcome.status == 2)
      return outcome.errors
    }
    #expect(try errors().contains("compare takes DIR…"))
    #expect(try errors("nothing").contains("nothing: no such folder"))
    #expect(try errors("a/points").contains("a/points: holds neither a curve.json nor a run.json"))
    #expect(try errors("a", "b").contains("a is drawn against privacy.epsilon, b against training.rounds"))
    let text = try folder.text("a/curve.json")
    try folder.write("a/curve.json", String(text.prefix(text.count / 2)))
    #expect(try errors("a").contains("a/curve.json: is not JSON; was it cut short?"))
    try folder.write("a/curve.json", text.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 9"))
    #expect(try errors("a").contains("has the format 9; this version of fedsim reads 1"))
    try folder.write("a/curve.json", "{}")
    #expect(try errors("a").contains("is not a curve.json"))
  }
}
