import DifferentialPrivacy
import Foundation
import Scenarios
import Testing

/// Ledgers without exact counts.
@Suite("Ledgers for publication", .tags(.endToEnd))
struct PublicationTests {
  private static let scenarios: [(name: String, text: String, delta: String)] = [
    ("central", SmallScenario.market, "1e-5"), ("tiers", TierTests.scenario, "1e-5"),
    ("fixed-size", SmallScenario.synthetic, "1e-4"),
    (
      "local",
      SmallScenario.market.replacingOccurrences(
        of: "privacy: { epsilon: 8,", with: "privacy: { trust: \"local\", adjacency: \"replace-one\", epsilon: 200,"
      ),
      "1e-5"
    ),
    (
      "faults",
      SmallScenario.market.replacingOccurrences(
        of: "privacy: { epsilon: 8,",
        with: """
          faults: { dropout: { beforeTraining: 0.1, afterTraining: 0.2 } },
          privacy: { trust: "local", adjacency: "replace-one", epsilon: 200,
          """), "1e-5"
    ),
  ]

  private func epsilon(_ folder: TemporaryFolder, _ ledger: String, _ delta: String) throws -> JSONValue {
    let accountant = try folder.text("s.json5").contains("rdp") ? "rdp" : "pld"
    let outcome = try folder.run(
      "account", "--ledger", ledger, "--delta", delta, "--accountant", accountant, "--json")
    return try #require(outcome.json()["epsilon"], "\(outcome.errors)")
  }

  @Test("have the same ε, and no exact count", arguments: scenarios.indices)
  func runs(_ index: Int) throws {
    let (_, text, delta) = Self.scenarios[index]
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    #expect(try folder.run("run", "s.json5", "--quiet", "--out", "r").status == 0)
    let outcome = try folder.run("audit-trail", "r", "--publish", "p.jsonl")
    #expect(outcome.status == 0 && outcome.output.contains("without how many clients are in a release"))
    #expect(try epsilon(folder, "p.jsonl", delta) == epsilon(folder, "r", delta))
    #expect(try epsilon(folder, "p.jsonl", delta) == folder.json("r/run.json").at("privacy.epsilon"))
    let whole = try Ledger.verified(folder.text("r/ledger.jsonl")).ledger
    let published = try Ledger.verified(folder.text("p.jsonl")).ledger
    #expect(whole.entries.contains { $0.clients != nil } && whole.opening.seed != nil)
    #expect(published.entries.allSatisfy { $0.clients == nil } && published.opening.seed == nil)
    #expect(published.opening.isPublished && published.closing.unsent == nil)
    // Only that nobody was ever asked is said of contacts.
    #expect(published.closing.contacts.allSatisfy { $0.participations ?? 0 == 0 })
    #expect(
      published.closing.contacts.map { $0.participations == 0 }
        == whole.closing.contacts.map { $0.participations == 0 })
    // Who took part is not in it: one client is left of local trust, without its number.
    #expect(Set(published.entries.compactMap(\.client)).isSubset(of: [0]))
    let trail = try folder.run("audit-trail", "p.jsonl")
    #expect(trail.status == 0 && trail.output.contains("not published") && !trail.output.contains("seed 11"))
    // It goes with the original as little as the original does.
    let both = try folder.run("account", "--ledger", "r", "--ledger", "p.jsonl", "--delta", delta)
    #expect(both.status == 2 && both.errors.contains("one seed"))
  }

  @Test("of two populations that differ in a client are the same file")
  func neighbours() throws {
    // The ledger itself is not: it counts the clients that there are.
    let folder = try TemporaryFolder()
    func shards(_ clients: Int) -> String {
      (0..<clients).map { "\($0 % 2) qid:c\($0) 1:1 2:0.\($0 % 9 + 1)\n" }.joined()
    }
    for (name, clients) in [("a", 40), ("b", 39)] {
      try folder.write("train", shards(clients))
      try folder.write("held", "1 qid:x 1:1\n0 qid:y 1:1 2:1\n")
      try folder.write(
        "s.json5",
        """
        { name: "n", population: { kind: "files", train: "train", heldOut: "held", clients: 50, dimension: 2 },
          training: { rounds: 5, cohort: { expectedSize: 20 } }, privacy: { noiseMultiplier: 2, delta: 1e-3 } }
        """)
      #expect(try folder.run("run", "s.json5", "--quiet", "--out", name).status == 0)
      #expect(try folder.run("audit-trail", name, "--publish", "\(name).jsonl").status == 0)
    }
    #expect(try folder.text("a/ledger.jsonl") != folder.text("b/ledger.jsonl"))
    #expect(try folder.text("a.jsonl") == folder.text("b.jsonl"))
  }

  @Test("are made of queries, too, and of secure noise without a warning")
  func queries() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "q.json5",
      """
      { name: "q", seed: 11, population: { kind: "market", clients: 60, items: 50, examplesPerClient: { median: 5 } },
        privacy: { budget: 1.2 }, evaluation: { trials: 2 },
        queries: { a: { kind: "count", epsilon: [0.5, 3] }, m: { kind: "mean", field: "price", epsilon: 0.5 } } }
      """)
    for (name, options) in [("seeded", []), ("secure", ["--secure-noise"])] {
      #expect(try Program.run(["query", "q.json5", "--out", name] + options, in: folder.url).status == 1)
      let outcome = try folder.run("audit-trail", name, "--publish", "\(name).jsonl")
      #expect(outcome.status == 0 && outcome.output.contains("warning") == (name == "seeded"))
      func epsilon(_ ledger: String) throws -> JSONValue? {
        try folder.run("account", "--ledger", ledger, "--delta", "1e-6", "--accountant", "pure", "--json").json()[
          "epsilon"]
      }
      #expect(try epsilon(name) == epsilon("\(name).jsonl") && epsilon(name) != nil)
      #expect(
        !(try folder.text("\(name).jsonl").contains("\"clients\":")
          && folder.text("\(name).jsonl").contains("participations")))
    }
    // Answers of one file with secure noise, asked twice, go together.
    #expect(try folder.run("query", "q.json5", "--secure-noise", "--out", "again").status == 1)
    #expect(
      try folder.run("account", "--ledger", "secure.jsonl", "--ledger", "again", "--delta", "1e-6").status == 0)
  }

  @Test("stand beside a page whose exact counts are all in one section, which says that they are not covered")
  func page() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "s.json5",
      SmallScenario.market.replacingOccurrences(
        of: "privacy:", with: "faults: { dropout: { beforeTraining: 0.2 } }, privacy:"))
    let outcome = try folder.run("run", "s.json5", "--quiet", "--out", "r")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("exact     lost: counted exactly, which no guarantee covers"))
    let parts = try folder.text("r/report.html").components(separatedBy: "Exact counts, which no guarantee covers")
    #expect(parts.count == 2)
    for words in ["Clients in a round", "fewest clients in a sum", "client updates", ">lost<", ">digest<"] {
      #expect(!parts[0].contains(words) && parts[1].contains(words), "\(words)")
    }
  }

  @Test("are refused where there is nothing to state, or something in the way")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("run", "s.json5", "--quiet", "--out", "r").status == 0)
    #expect(try folder.run("run", "s.json5", "--quiet", "--out", "open", "--set", "privacy=none").status == 0)
    let before = try folder.contents()
    func refuse(_ status: Int32, _ words: String, _ arguments: String...) throws {
      let outcome = try Program.run(["audit-trail"] + arguments, in: folder.url)
      #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome)")
      #expect(try folder.contents() == before && outcome.output.isEmpty)
    }
    try refuse(2, "s.json5: exists already", "r", "--publish", "s.json5")
    try refuse(1, "no guarantee", "open", "--publish", "p.jsonl")
    for option in ["--verify", "--json", "--every-round"] {
      try refuse(2, "\(option) and --publish", "r", "--publish", "p.jsonl", option)
    }
    try refuse(1, "the last line's hash is", "r", "--publish", "p.jsonl", "--head", "00")
    try refuse(2, "--json and --verify", "r", "--verify", "--json")
    try refuse(3, "cannot be written", "r", "--publish", "nowhere/p.jsonl")
  }
}
