import Foundation
import Scenarios
import Testing

/// Per-example clipping with Poisson sampling of examples: DP-SGD over the clients' pooled examples.
@Suite("The privacy unit \"example\"", .tags(.endToEnd))
struct ExampleUnitTests {
  static let scenario = """
    {
      name: "examples", seed: 4,
      population: { kind: "market", clients: 80, heldOutClients: 40, items: 50, examplesPerClient: { median: 25 } },
      features: { hashedDimension: 300 },
      training: { rounds: 40, cohort: { sampling: "full" }, client: { algorithm: "fedsgd" },
        server: { optimizer: "adam", learningRate: 0.1 } },
      privacy: { unit: "example", exampleSampling: { rate: 0.1, expectedExamples: 200 }, epsilon: 4, delta: 1e-6 },
    }
    """

  @Test("gives the same digest for any number of workers, learns, and accounts for sampled examples")
  func run() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let first = try folder.run("run", "s.json5", "--workers", "1", "--out", "a", "--json").json()
    #expect(
      try folder.run("run", "s.json5", "--workers", "3", "--out", "b", "--json").json()["digest"] == first["digest"]
    )
    #expect(first.at("privacy.unit") == .string("example"))
    #expect(try #require(first.at("metrics.auc")?.asDouble) > 0.65)
    #expect(try #require(first.at("privacy.epsilon")?.asDouble) <= 4)
    let multiplier = try #require(first.at("privacy.noiseMultiplier")?.asDouble)
    let plan = try folder.run(
      "account", "--sampling-rate", "0.1", "--noise-multiplier", "\(multiplier)", "--rounds", "40", "--delta",
      "1e-6",
      "--json"
    ).json()
    #expect(plan["epsilon"] == first.at("privacy.epsilon"))
    #expect(try folder.text("a/ledger.jsonl").contains("\"unit\":\"example\""))
  }

  @Test(
    "goes with FedSGD, full participation and central trust only",
    arguments: [
      ("training.client={algorithm: 'fedavg'}", "use \"fedsgd\""),
      ("training.cohort={sampling: 'poisson', expectedSize: 10}", "use \"full\""),
      ("privacy.trust=local", "central trust and \"add-or-remove\""),
      ("privacy.unit=client", "only has a meaning with unit \"example\""),
    ])
  func refusals(change: String, words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let outcome = try folder.run("run", "s.json5", "--set", change)
    #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
  }
}
