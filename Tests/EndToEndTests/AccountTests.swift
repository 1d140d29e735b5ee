import DifferentialPrivacy
import Foundation
import Scenarios
import Testing

/// ε from ledgers: of one, of several, and of none that is not whole.
@Suite("Accounting for ledgers", .tags(.endToEnd))
struct AccountTests {
  private static let queries = """
    { name: "q", seed: 11, population: { kind: "market", clients: 60, items: 50, examplesPerClient: { median: 5 } },
      queries: { a: { kind: "count", epsilon: 0.5 } }, evaluation: { trials: 2 } }
    """

  /// Runs of the small market under these names, each with its changes.
  private static func folder(_ runs: [(name: String, changes: [String])]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    for run in runs {
      let outcome = try Program.run(["run", "s.json5", "--quiet", "--out", run.name] + run.changes, in: folder.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    return folder
  }

  private func account(_ folder: TemporaryFolder, _ ledgers: String..., options: [String] = []) throws
    -> Program.Outcome
  {
    try Program.run(
      ["account", "--delta", "1e-5"] + ledgers.flatMap { ["--ledger", $0] } + options, in: folder.url)
  }

  private func epsilon(_ outcome: Program.Outcome) throws -> Double {
    try #require(outcome.json()["epsilon"]?.asDouble, "\(outcome)")
  }

  @Test("refuses what is cut, edited, empty, or put together in the middle")
  func damaged() throws {
    let folder = try Self.folder([("r", []), ("other", ["--seed", "12"])])
    let lines = try folder.text("r/ledger.jsonl").split(separator: "\n").map(String.init)
    let others = try folder.text("other/ledger.jsonl").split(separator: "\n").map(String.init)
    var edited = lines
    edited[3] = edited[3].replacing(/"noiseMultiplier":[0-9.]+/, with: "\"noiseMultiplier\":50")
    edited[3] = edited[3].replacing(/"noiseStandardDeviation":[0-9.]+/, with: "\"noiseStandardDeviation\":50")
    let cases: [(name: String, lines: [String], words: String)] = [
      ("cut", Array(lines.prefix(5)), "6: is missing: the ledger's end was removed"),
      ("beheaded", Array(lines.dropFirst()), "1: is not the first line of a ledger"),
      ("edited", edited, "5: does not carry the hash of the line before"),
      ("empty", [], "1: is missing: the ledger is empty"),
      ("joined", Array(lines.prefix(5)) + others, "6: does not carry the hash of the line before"),
      ("tail", lines + others.dropFirst(), "\(lines.count + 1): comes after the end"),
      ("without end", Array(lines.dropLast()), "is missing: the ledger's end was removed"),
      ("no ledger", ["{}"], "1: is not the first line of a ledger"),
    ]
    for (name, lines, words) in cases {
      try folder.write("l.jsonl", lines.map { $0 + "\n" }.joined())
      let outcome = try account(folder, "l.jsonl")
      #expect(outcome.status == 1 && outcome.output.isEmpty, "\(name): \(outcome)")
      #expect(outcome.errors.contains("l.jsonl:" + words) || outcome.errors.contains(words), "\(name): \(outcome)")
    }
    // A new chain does not make up for what is missing.
    let whole = try Ledger.verified(folder.text("r/ledger.jsonl")).ledger
    let short = Ledger(
      opening: whole.opening, entries: Array(whole.entries.prefix(3)),
      closing: LedgerClosing(entries: 3, rounds: whole.closing.rounds, contacts: whole.closing.contacts))
    try folder.write("l.jsonl", short.encoded().text)
    let outcome = try account(folder, "l.jsonl")
    #expect(outcome.status == 1 && outcome.errors.contains("no guarantee: round 4 of 12 has no release"))
    let trail = try folder.run("audit-trail", "l.jsonl")
    #expect(trail.status == 1 && trail.output.contains("guarantee NONE: round 4 of 12"))
  }

  @Test("says that a run without privacy has no guarantee")
  func withoutPrivacy() throws {
    let folder = try Self.folder([("r", ["--set", "privacy=none"])])
    for ledger in ["r", "r/ledger.jsonl"] {
      let outcome = try account(folder, ledger)
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("r/ledger.jsonl: no guarantee: nothing was promised"))
    }
  }

  @Test("puts runs of different seeds together, in several files or in one")
  func several() throws {
    let folder = try Self.folder([("a", []), ("b", ["--seed", "12"]), ("c", ["--seed", "13"])])
    let one = try epsilon(account(folder, "a", options: ["--json"]))
    #expect(try one == #require(folder.json("a/run.json").at("privacy.epsilon")?.asDouble))
    let three = try account(folder, "a", "b/ledger.jsonl", "c/", options: ["--json"])
    let together = try epsilon(three)
    #expect(together > 1.5 * one && together < 3 * one)
    #expect(try three.json()["ledgers"] == .integer(3) && three.json()["releases"] == .integer(36))
    try folder.write(
      "all.jsonl", ["a", "b", "c"].map { try folder.text("\($0)/ledger.jsonl") }.joined())
    #expect(try epsilon(account(folder, "all.jsonl", options: ["--json"])) == together)
    #expect(try account(folder, "all.jsonl").output.contains("the 3 ledgers together"))
    // What a plan of all rounds says.
    let multiplier = try #require(folder.json("a/run.json").at("privacy.noiseMultiplier")?.asDouble)
    let plan = try folder.run(
      "account", "--sampling-rate", "\(20.0 / 60)", "--noise-multiplier", "\(multiplier)", "--rounds", "36",
      "--delta",
      "1e-5", "--json")
    #expect(abs(try epsilon(plan) / together - 1) < 1e-3)
    // Only one is read where only one is told of.
    let trail = try folder.run("audit-trail", "all.jsonl")
    #expect(trail.status == 1 && trail.errors.contains("begins another ledger"))
  }

  @Test("refuses runs and queries whose noise is of one seed, and says why")
  func sharedNoise() throws {
    let folder = try Self.folder([("a", []), ("b", ["--set", "privacy.epsilon=4"]), ("s", ["--secure-noise"])])
    try folder.write("q.json5", Self.queries)
    #expect(try folder.run("query", "q.json5", "--out", "q").status == 0)
    #expect(try folder.run("query", "q.json5", "--out", "q2", "--set", "queries.a.epsilon=1").status == 0)
    #expect(try folder.run("query", "q.json5", "--out", "q3", "--seed", "9").status == 0)
    for pair in [("a", "b"), ("a", "a"), ("a", "q"), ("q", "q2")] {
      let outcome = try account(folder, pair.0, pair.1)
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(pair)")
      #expect(
        outcome.errors.contains("their noise came from one seed") && outcome.errors.contains("2·w₁ − w₂"), "\(pair)"
      )
    }
    let twice = try account(folder, "s", "s")
    #expect(twice.status == 2 && twice.errors.contains("are of one run"))
    #expect(try account(folder, "a", "q3").status == 0)
    #expect(try account(folder, "a", "s").status == 0)
    // Ledgers of before say nothing about their noise.
    let now = try Ledger.verified(folder.text("q3/ledger.jsonl")).ledger
    let opening = LedgerOpening(
      name: now.opening.name, seed: now.opening.seed, clients: now.opening.clients, promise: now.opening.promise)
    let old = try Ledger(opening: opening, entries: now.entries, closing: now.closing).encoded().text
    #expect(!old.contains("\"noise\""))
    try folder.write("old.jsonl", old)
    #expect(
      try epsilon(account(folder, "old.jsonl", options: ["--json"]))
        == epsilon(account(folder, "q3", options: ["--json"])))
    let refused = try account(folder, "old.jsonl", "a")
    #expect(refused.status == 2 && refused.errors.contains("can only be accounted for alone"))
  }

  @Test("refuses different units and neighbours")
  func kinds() throws {
    let folder = try Self.folder([
      ("a", []),
      ("local", ["--seed", "3", "--set", "privacy.trust=local", "--set", "privacy.adjacency=replace-one"]),
    ])
    let outcome = try account(folder, "a", "local")
    #expect(outcome.status == 2 && outcome.errors.contains("nothing is proved about the two together"))
  }

  @Test("is over the worst client of tiered runs")
  func tiers() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", TierTests.scenario)
    let changes = ["--set", "privacy.tiers.strict.epsilon=8", "--set", "privacy.tiers.relaxed.epsilon=2"]
    #expect(try folder.run("run", "s.json5", "--quiet", "--out", "a").status == 0)
    #expect(
      try Program.run(["run", "s.json5", "--quiet", "--seed", "5", "--out", "b"] + changes, in: folder.url).status
        == 0)
    // Strict in one and relaxed in the other: a client may pay 8 in both.
    let together = try epsilon(account(folder, "a", "b", options: ["--json"]))
    let one = try epsilon(account(folder, "a", options: ["--json"]))
    #expect(one < 8.001 && together > 10)
    // Adding up by the names of tiers gives less.
    func events(_ run: String, _ tier: String) throws -> [PrivacyEvent] {
      try Ledger.verified(folder.text("\(run)/ledger.jsonl")).ledger.entries.filter { $0.tier == tier }.map(\.event)
    }
    let byName = try ["strict", "relaxed"].map { tier in
      try PrivacyLossAccountant().epsilon(
        of: RepeatedEvent.grouping(events("a", tier) + events("b", tier)), adjacency: .addOrRemove, delta: 1e-5
      ).upper
    }
    let worst = try PrivacyLossAccountant().epsilon(
      of: RepeatedEvent.grouping(events("a", "relaxed") + events("b", "strict")), adjacency: .addOrRemove,
      delta: 1e-5
    ).upper
    #expect(together == worst && worst > 1.1 * (byName.max() ?? 0))
  }

  @Test("lets accountants answer when others refuse, and names who does")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let plan = [
      "account", "--sampling-rate", "0.1", "--noise-multiplier", "1", "--rounds", "10", "--delta", "1e-5",
    ]
    let text = try Program.run(plan + ["--accountant", "pld,rdp,zcdp,pure"], in: folder.url)
    #expect(text.status == 0)
    let lines = text.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0].contains("pld") && lines[1].contains("rdp"))
    #expect(
      lines[2]
        == "no answer: the zcdp accountant proves nothing about poisson-sampled-gaussian under add-or-remove adjacency"
    )
    #expect(lines[3].hasPrefix("no answer: the pure accountant"))
    let json = try Program.run(plan + ["--accountant", "zcdp,pld", "--json"], in: folder.url).json()
    guard case .array(let answers) = json else {
      Issue.record("not a list")
      return
    }
    #expect(answers[0]["epsilon"] == nil && answers[0]["refusal"] != nil)
    #expect(answers[1]["epsilon"] != nil && answers[1]["refusal"] == nil)
    let none = try Program.run(plan + ["--accountant", "zcdp,pure"], in: folder.url)
    #expect(none.status == 2 && none.output.isEmpty)
    #expect(none.errors.contains("the zcdp accountant") && none.errors.contains("the pure accountant"))
  }

  @Test("tells what the best of several trials costs, of plans and of ledgers, beside one trial")
  func tuned() throws {
    let folder = try TemporaryFolder()
    let plan = ["--sampling-rate", "1", "--noise-multiplier", "4", "--rounds", "1", "--delta", "1e-6"]
    let outcome = try Program.run(["account"] + plan + ["--tuned-by", "geometric:20"], in: folder.url)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains("(add-or-remove, pld)"))
    #expect(
      lines[1].hasPrefix("ε ≤ 2.4556967") && lines[1].hasSuffix("; the best of trials, geometric with mean 20.0)"))
    let json = try Program.run(["account"] + plan + ["--tuned-by", "poisson:20", "--json"], in: folder.url).json()
    guard case .array(let answers) = json else {
      Issue.record("one answer")
      return
    }
    #expect(answers.count == 2 && answers[1].at("tunedBy.expectedTrials")?.asDouble == 20)
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("run", "s.json5", "--quiet", "--out", "r").status == 0)
    let ledger = try folder.run("account", "--ledger", "r", "--delta", "1e-3", "--tuned-by", "logarithmic:10")
      .output
    #expect(ledger.contains("the best of trials, logarithmic with mean 10.0"))
    let local = try folder.run(
      "run", "s.json5", "--quiet", "--out", "l", "--set", "privacy.trust=local", "--set",
      "privacy.adjacency=replace-one")
    #expect(local.status == 0, "\(local.errors)")
    let seen = try folder.run("account", "--ledger", "l", "--delta", "1e-3", "--tuned-by", "geometric:10")
    #expect(seen.status == 2 && seen.errors.contains("sees every trial"), "\(seen)")
    for (text, message) in [
      ("geometic:5", "did you mean geometric?"), ("geometric", "allowed: geometric:MEAN"),
      ("negative-binomial:5", "negative-binomial:SHAPE:MEAN"), ("negative-binomial:-2:5", "a shape from"),
      ("poisson:x", "a mean from 1.001"), ("geometric:1", "a mean from 1.001"),
    ] {
      let refused = try Program.run(["account"] + plan + ["--tuned-by", text], in: folder.url)
      #expect(refused.status == 2 && refused.errors.contains(message), "\(refused.errors)")
    }
    let curve = try Program.run(["account"] + plan + ["--curve", "--tuned-by", "geometric:5"], in: folder.url)
    #expect(curve.status == 2 && curve.errors.contains("--curve is about one trial"))
  }
}
