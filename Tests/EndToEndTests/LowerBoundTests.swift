import Foundation
import Scenarios
import Testing

/// "At least" is printed where it is true of what was done, and nowhere else.
@Suite("The lower end of ε", .tags(.endToEnd))
struct LowerBoundTests {
  /// Dense features of any size, so that any update can be made.
  private static let scenario = """
    {
      name: "lower", seed: 5,
      population: { kind: "synthetic-alpha-beta", clients: 200, heldOutClients: 5, features: 2,
        examplesPerClient: { median: 3 } },
      training: { rounds: 50, cohort: { expectedSize: 20 }, client: { algorithm: "fedsgd" } },
      privacy: { noiseMultiplier: 1, delta: 1e-5 },
      evaluation: { every: 50 },
    }
    """

  /// A run, and what its ledger says by itself.
  private func run(_ changes: [String]) throws -> (
    run: JSONValue, account: JSONValue, words: String, rounds: String
  ) {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let settings = changes.flatMap { ["--set", $0] }
    let outcome = try Program.run(["run", "s.json5", "--out", "o"] + settings, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let run = try folder.json("o/run.json")
    let delta = try #require(run.at("privacy.delta")?.asDouble)
    let account = try folder.run("account", "--ledger", "o/ledger.jsonl", "--delta", "\(delta)", "--json")
    #expect(account.status == 0, "\(account.errors)")
    return (run, try account.json(), outcome.output + outcome.errors, try folder.text("o/rounds.csv"))
  }

  @Test(
    "is there where a client can tell as much as the ledger says",
    arguments: [
      [], ["training.compression={sparsification: 'top-k', share: 0.5}"],
      ["training.cohort={sampling: 'full'}", "privacy.adjacency=replace-one", "privacy.noiseMultiplier=20"],
    ])
  func present(changes: [String]) throws {
    let (run, account, words, rounds) = try run(changes)
    let upper = try #require(run.at("privacy.epsilon")?.asDouble)
    let lower = try #require(run.at("privacy.epsilonLowerBound")?.asDouble)
    #expect(lower > 0.99 * upper && lower <= upper)
    #expect(account["epsilonLowerBound"] == run.at("privacy.epsilonLowerBound"))
    #expect(words.contains("at least"))
    #expect(rounds.contains("\(lower)"))
  }

  // Each of these has a proved upper bound below what the event's pair alone would give as the lower end: two bits on two
  // coordinates seldom make an update as long as they can; who drops out is sampled less often; fifty Laplace releases of
  // one number cost less than fifty of the worst mechanism with that ε.
  @Test(
    "is left out where what was done tells less than the ledger's events can",
    arguments: [
      ["training.compression={bits: 2, range: 1}"],
      ["faults={dropout: {beforeTraining: 0.5}}"],
      ["training.aggregation={rule: 'median', groups: 3}"],
      ["privacy.adaptiveClipping={countNoiseMultiplier: 4}"],
      [
        "privacy.trust=local", "privacy.adjacency=replace-one", "privacy.mechanism=laplace",
        "privacy.noiseMultiplier=20", "training.cohort={sampling: 'full'}",
      ],
    ])
  func absent(changes: [String]) throws {
    let (run, account, words, rounds) = try run(changes)
    #expect(try #require(run.at("privacy.epsilon")?.asDouble) > 0)
    #expect(run.at("privacy.epsilonLowerBound") == .null)
    #expect(account["epsilonLowerBound"] == .null)
    #expect(!words.contains("at least"))
    let columns = try #require(rounds.split(separator: "\n").first).split(separator: ",")
    let lower = try #require(columns.firstIndex(of: "epsilon_lower_bound"))
    for line in rounds.split(separator: "\n").dropFirst() {
      #expect(line.split(separator: ",", omittingEmptySubsequences: false)[lower].isEmpty)
    }
  }

  @Test("is left out for answers to queries, of which no one client need be the worst for all")
  func queries() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "q.json5",
      """
      { name: "q", seed: 3,
        population: { kind: "table", columns: { kind: ["a", "b"] }, groups: { all: { clients: 50, record: { kind: "a" } } } },
        privacy: { accountant: "pld", delta: 1e-5 }, evaluation: { trials: 2 },
        queries: {
          one: { kind: "ratio", of: { kind: ["a"] }, denominator: "noisy", epsilon: 1 },
          two: { kind: "ratio", of: { kind: ["b"] }, denominator: "noisy", epsilon: 1 },
        } }
      """)
    let outcome = try folder.run("query", "q.json5", "--json", "--out", "o")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let privacy = try #require(try outcome.json()["privacy"])
    #expect(try #require(privacy["epsilon"]?.asDouble) > 1)
    #expect(privacy["epsilonLowerBound"] == .null)
  }
}
