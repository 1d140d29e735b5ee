import Foundation
import Scenarios
import Testing

@Suite("fedsim tune", .tags(.endToEnd))
struct TuneTests {
  /// A search that takes seconds: two ε, three keys, one of them a resource.
  private static let scenario = """
    {"name": "small", "seed": 3,
     "population": {"kind": "market", "clients": 60, "heldOutClients": 30, "items": 20,
       "examplesPerClient": {"median": 12, "minimum": 2, "maximum": 30}},
     "features": {"hashedDimension": 64},
     "training": {"rounds": 8, "cohort": {"expectedSize": 20}, "client": {"learningRate": 0.05},
       "server": {"optimizer": "adam", "learningRate": 0.01}},
     "privacy": {"epsilon": 4, "delta": 1e-3, "clippingNorm": 3},
     "evaluation": {"every": 8},
     "sweep": {"privacy.epsilon": [1, "infinity"], "seed": [1, 2, 3]},
     "tune": {"runs": 12, "seeds": [11, 12, 13], "keys": {
       "privacy.clippingNorm": {"logarithmic": [0.1, 3]},
       "training.server.learningRate": {"logarithmic": [0.01, 0.3]},
       "training.client.epochs": [1, 2]}}}
    """

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    return folder
  }

  @Test("finds better settings, reports them on other populations, and writes scenarios that run them")
  func finds() throws {
    let folder = try folder()
    let outcome = try folder.run("tune", "s.json5", "--quiet", "--out", "t")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for words in ["tuned, epochs free", "as written", "Free: privacy.clippingNorm, training.server.learningRate;"] {
      #expect(outcome.output.contains(words), "\(words)\n\(outcome.output)")
    }
    let json = try folder.json("t/tune.json")
    #expect(json["searchSeeds"] == .array([11, 12, 13].map(JSONValue.integer)))
    #expect(json["reportSeeds"] == .array([1, 2, 3].map(JSONValue.integer)))
    guard case .array(let searches)? = json["searches"] else {
      Issue.record("no searches")
      return
    }
    #expect(searches.count == 2)
    for search in searches {
      guard case .array(let choices)? = search["choices"] else { continue }
      #expect(choices.count == 2)
      for choice in choices {
        // On the populations that it was chosen on it cannot be worse.
        let searched = try #require(choice.at("searched.chosen")?.asDouble)
        #expect(try searched >= #require(choice.at("searched.asWritten")?.asDouble))
      }
    }
    // What is written down is what was run: same ε, same settings, and on seed 1 the same digest.
    let curve = try folder.json("t/curve.json")
    let name = "small-tuned-epsilon-1"
    let run = try folder.run("run", "t/scenarios/\(name).json5", "--seed", "1", "--quiet", "--out", "r")
    #expect(run.status == 0, "\(run.errors)")
    let digest = try #require(folder.json("r/run.json")["digest"])
    #expect(digests(curve).contains(digest))
    let page = try folder.text("t/report.html")
    #expect(page.contains("Settings by ε: tuned") && !page.contains("https://"))
  }

  private func digests(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .array(let values): values.flatMap(digests)
    case .object(let members): (members["digest"].map { [$0] } ?? []) + members.values.flatMap(digests)
    default: []
    }
  }

  @Test("gives the same for any number of jobs, and when it is gone on with")
  func reproducible() throws {
    let folder = try folder()
    #expect(try folder.run("tune", "s.json5", "--quiet", "--out", "one", "--jobs", "1").status == 0)
    #expect(try folder.run("tune", "s.json5", "--quiet", "--out", "two", "--jobs", "2").status == 0)
    #expect(try folder.text("one/tune.json") == folder.text("two/tune.json"))
    let stopped = try folder.run("tune", "s.json5", "--quiet", "--out", "cut", "--minutes", "0.01")
    if stopped.status != 0 {
      #expect(stopped.status == 3 && stopped.errors.contains("the same command goes on from there"))
    }
    let rest = try folder.run("tune", "s.json5", "--quiet", "--out", "cut")
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(try folder.text("one/tune.json") == folder.text("cut/tune.json"))
    let again = try folder.run("tune", "s.json5", "--quiet", "--out", "cut").output
    #expect(again.contains("runs      0 computed"))
    // More runs go on in the same folder; another range does not.
    let changed = try folder.run(
      "tune", "s.json5", "--quiet", "--out", "cut", "--set", "tune.keys.training.client.epochs=[1,3]")
    #expect(changed.status == 2 && changed.errors.contains("holds another search"), "\(changed.errors)")
    #expect(try folder.run("tune", "s.json5", "--quiet", "--out", "cut", "--set", "tune.runs=14").status == 0)
  }

  @Test(
    "refuses what would not be a search, with the place and what is allowed",
    arguments: [
      (["tune.seeds=[1,12]"], "tune.seeds: 1 is one of the seeds that settings are reported on"),
      (["tune.runs=3"], "tune.runs: found 3; allowed:"),
      (["tune.keys.privacy.epsilon=[1,2]"], "tune.keys.privacy.epsilon: is what is promised"),
      (["tune.keys.population.clients=[60,70]"], "tune.keys.population.clients: is what settings are measured on"),
      (["tune.keys.training.client.epochs=[1]"], "tune.keys.training.client.epochs: found a list of 1; allowed:"),
      (["tune.keys.training.client.epochs={logarithmic:[0,2]}"], "with LOW above 0"),
      (["tune.keys.training.client.epochz=[1,2]"], "did you mean epochs?"),
      (["tune.keys.training.l2={linear:[0,5000]}"], "in the search, at training.l2 = 5000"),
      (["tune.keys={}"], "allowed: an object of 1 to 12 paths"),
      (["tune.metric=acu"], "did you mean \"auc\"?"),
      (["sweep.training.rounds=[4,8]"], "sweep.training.rounds: a search takes the sweep's ε and seeds"),
      (["sweep.variants.a={\"training.rounds\": 4}"], "no variants"),
      (["sweep={\"seed\": [1]}", "privacy.epsilon=null"], "privacy.epsilon"),
    ])
  func refused(changes: [String], message: String) throws {
    let folder = try folder()
    let arguments = ["tune", "s.json5", "--quiet"] + changes.flatMap { ["--set", $0] }
    let outcome = try Program.run(arguments, in: folder.url)
    #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome.errors)")
    #expect(try folder.contents() == ["s.json5"])
  }

  @Test("without a section says what one looks like")
  func missing() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let outcome = try folder.run("tune", "s.json5")
    #expect(outcome.status == 2 && outcome.errors.contains("tune: is missing; allowed: { keys:"))
  }

  @Test("is no part of a run: the digest is that of the scenario without the section")
  func noPart() throws {
    let folder = try folder()
    try folder.write("plain.json5", Self.scenario.replacing(/,\s*"tune"[\s\S]*/, with: "}"))
    for name in ["s", "plain"] {
      let run = try folder.run("run", "\(name).json5", "--quiet", "--out", name)
      #expect(run.status == 0, "\(run.errors)")
    }
    #expect(try folder.json("s/run.json")["digest"] == folder.json("plain/run.json")["digest"])
    #expect(try folder.run("validate", "s.json5").output.contains("\"logarithmic\""))
  }

  @Test("over files says that all seeds are of the same clients, and writes scenarios that find them")
  func files() throws {
    let folder = try folder()
    #expect(try folder.run("generate", "s.json5", "--out", "shards").status == 0)
    let keys = "tune={runs:8,seeds:[5,6],keys:{\"training.server.learningRate\":{logarithmic:[0.01,0.5]}}}"
    let outcome = try folder.run(
      "tune", "shards/scenario.json5", "--quiet", "--out", "t", "--set", keys, "--set", "sweep={seed:[3,4]}")
    #expect(outcome.status == 0 && outcome.output.contains("of the same clients"), "\(outcome)")
    let run = try folder.run("run", "t/scenarios/small-tuned-epsilon-4.json5", "--quiet", "--out", "r")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try digests(folder.json("t/curve.json")).contains(#require(folder.json("r/run.json")["digest"])))
  }

  @Test("goes on where no noise gives the guarantee for some settings, and counts them")
  func refusedSettings() throws {
    let folder = try folder()
    // A cohort of everyone leaves nothing to amplify; with a tiny δ the noise of some settings does not fit.
    let outcome = try folder.run(
      "tune", "s.json5", "--quiet", "--out", "t", "--set", "privacy.adaptiveClipping={countNoiseMultiplier: 5}",
      "--set", "tune.keys.training.rounds=[8,4000]", "--set", "tune.keys.training.client.epochs=[1,2]",
      "--set", "sweep.privacy.epsilon=[1]", "--set", "tune.keys.privacy.clippingNorm=[1,3]")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("settings make no run"), "\(outcome.output)")
  }
}
