import Foundation
import Scenarios
import Testing

/// Whatever is asked for with --out and --force, what fedsim did not write stays as it is.
@Suite("The user's files", .tags(.endToEnd))
struct FolderTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    return folder
  }

  private func makeFolder(_ folder: TemporaryFolder, _ name: String) throws {
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
  }

  private static let query = """
    { name: "q", population: { kind: "table", columns: { a: ["0", "1"] },
      groups: { g: { clients: 30, recordsPerClient: 2, record: { a: "1" } } } },
      privacy: { budget: 3 }, queries: { n: { kind: "count", epsilon: 1 } } }
    """

  @Test(
    "are refused by name by every command that writes a folder, and stay to the byte",
    arguments: [
      ["run", "s.json5"], ["generate", "s.json5"], ["sweep", "sweep.json5"], ["compare", "whole"],
      ["query", "q.json5"], ["import", "movielens", "ml-100k"],
    ])
  func strangers(command: [String]) throws {
    let folder = try folder()
    try folder.write(
      "sweep.json5", SweepTests.scenario.replacingOccurrences(of: "seed: [1, 2, 3]", with: "seed: [1]"))
    try folder.write("q.json5", Self.query)
    try MovieLensSample.write(to: folder.url.appendingPathComponent("ml-100k"))
    #expect(try folder.run("run", "s.json5", "--out", "whole").status == 0)
    func start(_ out: String) throws -> Program.Outcome {
      try Program.run(command + ["--out", out, "--force"], in: folder.url)
    }
    // A folder of the user's.
    try makeFolder(folder, "thesis/.git")
    try folder.write("thesis/manuscript.tex", "years of work")
    let before = try folder.contents()
    for out in ["thesis", "thesis/", "./thesis", "whole/../thesis"] {
      let refused = try start(out)
      #expect(refused.status == 2 && refused.errors.contains("found: .git, manuscript.tex"), "\(refused.errors)")
    }
    // The current one, with everything in it, one above it, and the root of all.
    for out in [".", "..", "/"] {
      let refused = try start(out)
      #expect(
        refused.status == 2 && refused.errors.contains("folder that fedsim runs in, or above it"),
        "\(refused.errors)")
    }
    #expect(try folder.contents("thesis") == [".git", "manuscript.tex"] && folder.contents() == before)

    // Its own is replaced, and no longer when something is added to it or changed in it.
    #expect(try start("own").status == 0)
    #expect(try start("own").status == 0)
    try folder.write("own/notes.txt", "mine")
    let refused = try start("own")
    #expect(
      refused.status == 2 && refused.errors.contains("what fedsim did not write: notes.txt;"), "\(refused.errors)")
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("own/notes.txt"))
    let file = try #require(folder.contents("own").first { !$0.hasPrefix(".") && $0 != "points" })
    let edited = try folder.text("own/\(file)") + " "
    try folder.write("own/\(file)", edited)
    let changed = try start("own")
    #expect(changed.status == 2 && changed.errors.contains("\(file), changed since"), "\(changed.errors)")
    #expect(try folder.text("own/\(file)") == edited)
    #expect(try folder.contents() == (before + ["own"]).sorted())
  }

  @Test("are not replaced by a command that reads them, nor by another than wrote them")
  func inputs() throws {
    let folder = try folder()
    #expect(try folder.run("generate", "s.json5", "--out", "shards").status == 0)
    let before = try folder.contents("shards")
    for (arguments, words) in [
      (["run", "shards/scenario.json5", "--out", "shards"], "shards: holds shards/scenario.json5, which is read"),
      (
        ["run", "s.json5", "--out", "shards"], "holds what fedsim generate wrote; fedsim run replaces only its own"
      ),
      (["compare", "r", "--out", "r"], "r: holds r, which is read"),
    ] {
      if arguments[0] == "compare" { #expect(try folder.run("run", "s.json5", "--out", "r").status == 0) }
      let refused = try Program.run(arguments + ["--force"], in: folder.url)
      #expect(refused.status == 2 && refused.errors.contains(words), "\(refused.errors)")
    }
    // Shards beside their scenario, which is elsewhere.
    try folder.write(
      "on-shards.json5",
      folder.text("shards/scenario.json5").replacingOccurrences(of: "\"train.svm\"", with: "\"shards/train.svm\"")
        .replacingOccurrences(of: "\"held-out.svm\"", with: "\"shards/held-out.svm\""))
    let refused = try folder.run("run", "on-shards.json5", "--out", "shards", "--force")
    #expect(refused.status == 2 && refused.errors.contains("shards/train.svm, which is read"), "\(refused.errors)")
    #expect(try folder.contents("shards") == before)
  }

  @Test("stay where a page, a JUnit report or a baseline is to be written")
  func files() throws {
    let folder = try folder()
    #expect(try folder.run("run", "s.json5", "--out", "r").status == 0)
    try folder.write("c.html", "<html>my own page</html>")
    let page = try folder.run("compare", "r", "--out", "c.html", "--force")
    #expect(
      page.status == 2 && page.errors.contains("c.html: exists, and is not as fedsim wrote it"), "\(page.errors)")
    #expect(try folder.text("c.html") == "<html>my own page</html>")
    #expect(try folder.run("compare", "r", "--out", "d.html").status == 0)
    #expect(try folder.run("compare", "r", "--out", "d.html", "--force").status == 0)

    try makeFolder(folder, "p")
    try folder.write("p/a.json5", SmallScenario.market.replacingOccurrences(of: "seed:", with: "check: {}, seed:"))
    try folder.write("p/a.baseline.json", "{ \"notes\": 1 }")
    let update = try folder.run("check", "p", "--update")
    #expect(
      update.status == 2 && update.errors.contains("p/a.baseline.json: is not a baseline that fedsim wrote"),
      "\(update.errors)")
    #expect(try folder.text("p/a.baseline.json") == "{ \"notes\": 1 }")
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("p/a.baseline.json"))
    #expect(try folder.run("check", "p", "--update").status == 0)
    // What is left of a baseline, after a merge for example, is one.
    try folder.write("p/a.baseline.json", "<<<<<<< HEAD\n" + folder.text("p/a.baseline.json").dropLast(40))
    #expect(try folder.run("check", "p", "--update").status == 0)

    try folder.write("j.xml", "<mine/>")
    let report = try folder.run("check", "p", "--junit", "j.xml")
    #expect(report.status == 2 && report.errors.contains("j.xml: exists, and is not as fedsim wrote it"))
    #expect(try folder.text("j.xml") == "<mine/>")
    #expect(try folder.run("check", "p", "--junit", "k.xml").status == 0)
    #expect(try folder.run("check", "p", "--junit", "k.xml").status == 0)
    // A job's summary is written to by others, too.
    try folder.write("summary.md", "of another step\n")
    #expect(try folder.run("check", "p", "--summary", "summary.md").status == 0)
    #expect(try folder.text("summary.md").hasPrefix("of another step\n## fedsim check"))
  }

  @Test("are not mixed with another sweep: what differs is said, and nothing is written")
  func otherSweeps() throws {
    let text = SweepTests.scenario.replacingOccurrences(of: "seed: [1, 2, 3]", with: "seed: [1, 2]")
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    try folder.write("t.json5", text.replacingOccurrences(of: "name: \"small\"", with: "name: \"other\""))
    #expect(try folder.run("sweep", "s.json5", "--out", "a").status == 0)
    let (curve, points) = try (folder.text("a/curve.json"), folder.contents("a/points"))
    for (arguments, words) in [
      (["t.json5"], "a: holds another sweep: name was \"small\", now it is \"other\""),
      (["s.json5", "--set", "training.l2=0.5"], "holds another sweep: training.l2 was 0.0001, now it is 0.5"),
      (["s.json5", "--set", "population.clients=61"], "population.clients was 60, now it is 61"),
      (
        ["s.json5", "--set", "sweep={\"training.rounds\": [2, 4]}"],
        "holds a sweep over privacy.epsilon, and this one is over training.rounds"
      ),
      (["s.json5", "--set", "sweep.seed=[1]"], "finished runs that this sweep does not have; its lists may grow"),
      (["s.json5", "--set", "sweep.privacy.epsilon=[1,4]"], "its lists may grow but not lose values"),
    ] {
      let refused = try Program.run(["sweep", "--out", "a"] + arguments, in: folder.url)
      #expect(refused.status == 2 && refused.errors.contains(words), "\(refused.errors)")
      #expect(refused.errors.contains("give another --out, or --force to start over in its place"))
      #expect(try folder.text("a/curve.json") == curve && folder.contents("a/points") == points)
    }
    let longer = try folder.run(
      "sweep", "s.json5", "--out", "a", "--set", "sweep.privacy.epsilon=[1,4,8,\"infinity\"]")
    #expect(longer.status == 0 && longer.output.contains("2 computed"), "\(longer.errors)")
    // A record that somebody edited is not believed.
    let record = "a/points/\(points[0])"
    try folder.write(record, folder.text(record).replacingOccurrences(of: "0.", with: "0.9"))
    let again = try folder.run(
      "sweep", "s.json5", "--out", "a", "--set", "sweep.privacy.epsilon=[1,4,8,\"infinity\"]")
    #expect(again.output.contains("1 computed"), "\(again.output)\(again.errors)")
    // A page that somebody edited is not written over.
    try folder.write("a/report.html", "my notes")
    let edited = try folder.run(
      "sweep", "s.json5", "--out", "a", "--set", "sweep.privacy.epsilon=[1,4,8,\"infinity\"]")
    #expect(edited.status == 2 && edited.errors.contains("changed since fedsim wrote them"), "\(edited.errors)")
    #expect(try folder.text("a/report.html") == "my notes")
  }

  @Test("an older sweep stays until the one that starts over is whole", .enabled(if: Program.hasProcessTable))
  func sweepAnew() throws {
    let text = SmallScenario.slow.replacingOccurrences(
      of: "evaluation: { every: 500 },",
      with: "evaluation: { every: 500 }, sweep: { \"privacy.noiseMultiplier\": [1, 2], seed: [1, 2, 3] },"
    )
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text.replacingOccurrences(of: "rounds: 3000", with: "rounds: 5"))
    #expect(try folder.run("sweep", "s.json5", "--out", "a").status == 0)
    let before = try folder.text("a/curve.json")
    try folder.write("s.json5", text)
    for signal in [SIGINT, SIGKILL] {
      let running = try Program.Running(
        Program.executable, ["sweep", "s.json5", "--out", "a", "--force", "--jobs", "2"], in: folder.url)
      for _ in 0..<1000 where running.children().isEmpty { usleep(10_000) }
      running.signal(signal)
      let outcome = try running.wait()
      if signal == SIGINT { #expect(outcome.errors.contains("runs are done; a is as it was"), "\(outcome.errors)") }
      #expect(try folder.text("a/curve.json") == before)
    }
    try folder.write("s.json5", text.replacingOccurrences(of: "rounds: 3000", with: "rounds: 6"))
    #expect(try folder.run("sweep", "s.json5", "--out", "a", "--force").status == 0)
    // What the kill left is gone.
    #expect(try folder.contents() == ["a", "s.json5"] && folder.text("a/curve.json") != before)
  }

  @Test("parts that share a folder are not thrown away by one of them")
  func partsAnew() throws {
    let folder = try folder()
    try folder.write("s.json5", SweepTests.scenario)
    for part in ["1/2", "2/2"] {
      #expect(try folder.run("sweep", "s.json5", "--out", "a", "--shard", part).status == 0)
    }
    let refused = try folder.run("sweep", "s.json5", "--out", "a", "--shard", "2/2", "--force")
    #expect(refused.status == 2 && refused.errors.contains("runs of other parts"), "\(refused.errors)")
    #expect(try folder.contents("a/points").count == 15)
    #expect(try folder.contents() == ["a", "s.json5"])
  }

  @Test(
    "an interrupted generate leaves the old shards and nothing beside them", .enabled(if: Program.hasProcessTable))
  func interruptedGenerate() throws {
    let folder = try folder()
    #expect(try folder.run("generate", "s.json5", "--out", "shards").status == 0)
    let before = try folder.text("shards/train.svm")
    let running = try Program.Running(
      Program.executable,
      ["generate", "s.json5", "--out", "shards", "--force", "--set", "population.clients=2000000"], in: folder.url)
    for _ in 0..<1000 where try !folder.contents().contains(".shards.part") { usleep(10_000) }
    running.signal(SIGINT)
    let outcome = try running.wait()
    #expect(
      outcome.status == 130 && outcome.errors.contains("interrupted; nothing was written"), "\(outcome.errors)")
    #expect(try folder.contents() == ["s.json5", "shards"] && folder.text("shards/train.svm") == before)
  }

  @Test(
    "places where nothing can be written are named with the reason in plain words",
    arguments: [
      ("gone/r", "gone is a symbolic link that leads nowhere"), ("gone", "is a symbolic link that leads nowhere"),
      ("s.json5/a/b", "s.json5 is a file, not a folder"), ("s.json5", "s.json5: exists already"),
      (String(repeating: "long", count: 63), "the name is too long"),
      (String(repeating: "long", count: 64) + "/r", "the name is too long"), ("", "--out: is empty"),
    ])
  func reasons(out: String, words: String) throws {
    let folder = try folder()
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("gone"),
      withDestinationURL: folder.url.appendingPathComponent("nowhere"))
    for command in ["run", "generate"] {
      let outcome = try folder.run(command, "s.json5", "--out", out)
      #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
      #expect(!outcome.errors.contains("could not be completed"))
    }
    #expect(try folder.contents() == ["gone", "s.json5"])
  }

  @Test("a folder without permission says so before any work", .enabled(if: geteuid() != 0))
  func permission() throws {
    let folder = try folder()
    try makeFolder(folder, "shut")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o555], ofItemAtPath: folder.url.appendingPathComponent("shut").path)
    for out in ["shut/r", "shut/a/b"] {
      let outcome = try folder.run("run", "s.json5", "--out", out)
      #expect(outcome.status == 2 && outcome.errors.contains("there is no permission"), "\(outcome.errors)")
    }
    #expect(try folder.contents("shut").isEmpty)
  }

  @Test("the record of traffic and the results do not get into each other's folder")
  func traffic() throws {
    let folder = try folder()
    for (out, traffic) in [("r", "r"), ("r", "r/traffic"), ("t/r", "t"), ("r/", "./r/../r/x")] {
      let outcome = try folder.run("run", "s.json5", "--out", out, "--record-traffic", traffic)
      #expect(
        outcome.status == 2 && outcome.errors.contains("need folders apart from each other"), "\(outcome.errors)")
    }
    let missing = try folder.run("run", "s.json5", "--out", "r", "--record-traffic", "a/b")
    #expect(missing.status == 2 && missing.errors.contains("a/b: cannot be made: there is no such file or folder"))
    #expect(try folder.contents() == ["s.json5"])
  }
}
