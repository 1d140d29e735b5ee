import Foundation
import Scenarios
import Testing

/// Every way to get a scenario wrong that we know people get wrong, and what they are told.
@Suite("Scenario errors")
struct ScenarioErrorTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let what: String
    /// What is replaced in the valid scenario, and by what.
    let old: String
    let new: String
    /// The whole message, without the file's name.
    let message: String
    var testDescription: String { what }
  }

  static let valid = """
    {
      name: "ads", seed: 3,
      population: {
        kind: "market", clients: 100,
      },
      training: {
        rounds: 5, cohort: { expectedSize: 10 },
      },
      privacy: {
        clippingNorm: 1.0, epsilon: 2, delta: 1e-6,
      },
    }
    """

  static let mistakes = [
    Mistake(
      what: "a misspelt key", old: "clippingNorm: 1.0", new: "clippingNrom: 1.0",
      message:
        ":10: privacy.clippingNrom: unknown key; did you mean clippingNorm? allowed here: accountant, adaptiveClipping, adjacency, budget, clippingNorm, delta, epsilon, exampleSampling, mechanism, noiseMultiplier, tiers, trust, unit"
    ),
    Mistake(
      what: "a missing key", old: "clients: 100,", new: "",
      message: ":3: population.clients: is missing; allowed: a whole number from 1 to 100000000"),
    Mistake(
      what: "a number out of range", old: "rounds: 5", new: "rounds: 0",
      message: ":7: training.rounds: found 0; allowed: a whole number from 1 to 10000000"),
    Mistake(
      what: "a fraction where a whole number belongs", old: "rounds: 5", new: "rounds: 5.5",
      message: ":7: training.rounds: found 5.5; allowed: a whole number from 1 to 10000000"),
    Mistake(
      what: "a text where a number belongs", old: "delta: 1e-6", new: "delta: \"small\"",
      message: ":10: privacy.delta: found \"small\"; allowed: a number from 1e-15 to 0.1"),
    Mistake(
      what: "a number that is none", old: "delta: 1e-6", new: "delta: NaN",
      message: ":10: privacy.delta: found nan; allowed: a number from 1e-15 to 0.1"),
    Mistake(
      what: "a misspelt choice", old: "expectedSize: 10", new: "expectedSize: 10, sampling: \"poison\"",
      message:
        ":7: training.cohort.sampling: found \"poison\"; allowed: one of \"poisson\", \"fixed-size\", \"full\"; did you mean \"poisson\"?"
    ),
    Mistake(
      what: "a misspelt kind", old: "kind: \"market\"", new: "kind: \"markets\"",
      message:
        ":4: population.kind: found \"markets\"; allowed: one of \"market\", \"synthetic-alpha-beta\", \"files\"; did you mean \"market\"?"
    ),
    Mistake(
      what: "both ε and a noise multiplier", old: "epsilon: 2", new: "epsilon: 2, noiseMultiplier: 1",
      message: ":10: privacy.epsilon: both are given; allowed: exactly one of epsilon and noiseMultiplier"),
    Mistake(
      what: "neither of them", old: "epsilon: 2,", new: "",
      message: ":9: privacy.epsilon: neither is given; allowed: exactly one of epsilon and noiseMultiplier"),
    Mistake(
      what: "a cohort larger than the population", old: "expectedSize: 10", new: "expectedSize: 101",
      message: ":7: training.cohort.expectedSize: found 101; allowed: at most the population's 100 clients"),
    Mistake(
      what: "a key that would do nothing", old: "rounds: 5,",
      new: "rounds: 5, client: { algorithm: \"fedsgd\", epochs: 2 },",
      message:
        ":7: training.client.epochs: found 2; it only has a meaning with algorithm \"fedavg\": leave it out"),
    Mistake(
      what: "bits without a range", old: "rounds: 5,", new: "rounds: 5, compression: { bits: 4 },",
      message: ":7: training.compression.range: is missing; allowed with bits: a number from 1e-09 to 1000000.0"),
    Mistake(
      what: "a range without bits", old: "rounds: 5,",
      new: "rounds: 5, compression: { sparsification: \"top-k\", range: 1 },",
      message: ":7: training.compression.range: only has a meaning with bits: leave it out"),
    Mistake(
      what: "a range that no clipped coordinate reaches", old: "rounds: 5,",
      new: "rounds: 5, compression: { bits: 4, range: 1.5 },",
      message:
        ":7: training.compression.range: found 1.5; allowed: at most privacy.clippingNorm, 1.0, which no coordinate is beyond"
    ),
    Mistake(
      what: "compression that changes nothing", old: "rounds: 5,", new: "rounds: 5, compression: {},",
      message:
        ":7: training.compression.bits: is missing, and sparsification too: give one of them, or leave the section out"
    ),
    Mistake(
      what: "a share of everything", old: "rounds: 5,",
      new: "rounds: 5, compression: { bits: 4, range: 1, share: 1 },",
      message:
        ":7: training.compression.share: found 1; it only has a meaning with sparsification \"top-k\" or \"random\": leave it out"
    ),
    Mistake(
      what: "a guarantee that cannot be proved", old: "epsilon: 2", new: "epsilon: 2, accountant: \"zcdp\"",
      message:
        ":10: privacy.accountant: found \"zcdp\", which knows no amplification by sampling; use \"pld\" or \"rdp\", or full participation"
    ),
    Mistake(
      what: "an unknown feature", old: "name: \"ads\"", new: "features: { groups: [\"itme\"] }, name: \"ads\"",
      message:
        ":2: features.groups: found \"itme\"; allowed: item, category, price, popularity, segment, budget, hour, or crosses of them with *; did you mean \"item\"?"
    ),
    Mistake(
      what: "a name that is no folder", old: "\"ads\"", new: "\"../ads\"",
      message:
        ":2: name: found \"../ads\"; allowed: letters, digits, - _ and ., not starting with a dot, because it names a folder"
    ),
    Mistake(
      what: "a key given twice", old: "seed: 3", new: "seed: 3, seed: 4",
      message: ":2: seed: is given twice; keep one"),
    Mistake(
      what: "a list where an object belongs", old: "{ expectedSize: 10 }", new: "[10]",
      message:
        ":7: training.cohort: found a list of 1; allowed: an object (which clients take part in a round)"),
    Mistake(
      what: "a forgotten comma", old: "seed: 3,", new: "seed: 3",
      message:
        ":3: is not JSON5: found \"p\" where \",\" or \"}\" after the value of seed belongs"),
    Mistake(
      what: "a forgotten brace", old: "delta: 1e-6,\n  },\n}", new: "delta: 1e-6,\n  },\n",
      message: ":12: is not JSON5: found the end of the file where a key or \"}\" belongs"),
  ]

  @Test("name the line, the path, what was found and what is allowed", arguments: mistakes)
  func messages(_ mistake: Mistake) throws {
    #expect(Self.valid.contains(mistake.old))
    let text = Self.valid.replacingOccurrences(of: mistake.old, with: mistake.new)
    let error = try #require(throws: ScenarioError.self) { try scenario(text) }
    // What is inside a missing object is missing too.
    #expect(error.problems.count == (mistake.what.contains("object belongs") ? 2 : 1))
    let first = error.description.split(separator: "\n")[0]
    #expect(first == "\(error.file)\(mistake.message)")
  }

  @Test("are all found in one pass")
  func severalProblems() throws {
    let text = Self.valid.replacingOccurrences(of: "seed: 3", with: "sede: 3")
      .replacingOccurrences(of: "rounds: 5", with: "rounds: -1").replacingOccurrences(of: "1e-6", with: "2")
    let error = try #require(throws: ScenarioError.self) { try scenario(text) }
    #expect(Set(error.problems.map(\.path)) == ["sede", "training.rounds", "privacy.delta"])
  }

  @Test("say when a file is missing, a folder or not text")
  func unreadableFiles() throws {
    let missing = try #require(throws: ScenarioError.self) { try ScenarioFile(path: "/nowhere/x.json5") }
    #expect(missing.description == "/nowhere/x.json5: no such file")
    let folder = try #require(throws: ScenarioError.self) { try ScenarioFile(path: NSTemporaryDirectory()) }
    #expect(folder.description.contains("cannot be read; check that it is a file and that you may read it"))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json5")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data([0xFF, 0xFE, 0x00]).write(to: file)
    let binary = try #require(throws: ScenarioError.self) { try ScenarioFile(path: file.path) }
    #expect(binary.description.hasSuffix("is not UTF-8 text"))
  }

  @Test("name no line for a value that came from the command line")
  func overriddenValues() throws {
    let error = try #require(throws: ScenarioError.self) {
      try scenario(Self.valid, overrides: [("training.rounds", .integer(0))])
    }
    #expect(error.problems.map(\.line) == [nil])
  }

  private func scenario(_ text: String, overrides: [(path: String, value: JSONValue)] = []) throws -> Scenario {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json5")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    return try ScenarioFile(path: file.path).scenario(overrides: overrides)
  }
}
