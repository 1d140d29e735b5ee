import DifferentialPrivacy
import Foundation
import NumericalCore
import Scenarios
import Testing

/// Whatever looks at a client's data before its update is clipped may choose as it likes, as long as one unit moves no
/// more than its own contribution: here with data drawn at random, and each unit in turn left out or replaced.
@Suite("Choices before clipping")
struct ChoiceTests {
  private static let dimension = 24
  private static let examples = 5

  private static let options: [Option] = [
    Option(
      "cap",
      [Option.Value("none")]
        + [1, 3].map { Option.Value("\($0)", [("minimisation.maximumExamples", .integer($0))]) }),
    Option(
      "own part",
      [Option.Value("none"), Option.Value("16", [("training.personalisation", .object(["adapter": .integer(4)]))])]),
    Option("algorithm", "training.client.algorithm", ClientTraining.Algorithm.self),
  ]

  /// Guarantees with central trust and a plain sum, with what may choose before it; all of it, where units are sampled,
  /// so that who is sampled is the same on both sides.
  private static let combinations: [Combination] = {
    let start = Combination.central.filter {
      $0.scenario.training.aggregation.rule == .mean && $0.privacy.tiers == nil
        && $0.scenario.training.compression?.quantization == nil
        && $0.privacy.exampleSampling?.rate ?? 1 == 1
    }.map { (choices: $0.choices, value: $0.value) }
    return Option.product(options, from: start).compactMap { candidate in
      (try? Scenario(candidate.value, file: "candidate")).map {
        Combination(choices: candidate.choices, value: candidate.value, scenario: $0)
      }
    }
  }()

  /// Client number `client` with some of its examples; each is a function of what it is, not of where it stands.
  private static func lines(_ client: Int, _ examples: some Sequence<Int>) -> [String] {
    examples.map { example in
      var stream = RandomStream(seed: 77, purpose: .examples, round: example, client: client)
      let features = (0..<dimension).map { "\($0 + 1):\(10 * stream.nextNormal())" }
      return "\(stream.nextInteger(below: 2)) qid:\(client % 10) \(features.joined(separator: " "))\n"
    }
  }

  /// Populations that neighbour the whole one: without an example of the last client, without that client, or with
  /// another in its place.
  private static func neighbours(_ privacy: Privacy) -> [[String]] {
    let others = (0..<2).flatMap { lines($0, 0..<examples) }
    let all = Array(0..<examples)
    switch (privacy.unit, privacy.adjacency) {
    case (.example, .addOrRemove): return all.map { left in others + lines(2, all.filter { $0 != left }) }
    case (.example, .replaceOne):
      return all.map { left in others + lines(2, all.map { $0 == left ? examples + 1 : $0 }) }
    case (.client, .addOrRemove): return [others]
    // Client 12 has the name of client 2.
    case (.client, .replaceOne): return [others + lines(12, all)]
    }
  }

  @Test("let no unit move the sum by more than the ledger's sensitivity")
  func choices() throws {
    #expect(Self.combinations.count > 20)
    for combination in Self.combinations {
      func run(_ lines: [String], _ name: String) throws -> Observation {
        let file = WorstClients.folder.appendingPathComponent(name)
        try Data(lines.joined().utf8).write(to: file)
        var changes: [(path: String, to: JSONValue)] = [
          ("population.train", .string(name)), ("population.dimension", .integer(Self.dimension)),
          ("seed", .integer(3)),
        ]
        // Everyone is in the cohort, so that the client that differs is.
        if combination.scenario.training.cohort.sampling != .full {
          changes.append(("training.cohort.expectedSize", .integer(Combination.populationSize)))
        }
        return try Laboratory.own().run(combination.with(changes), folder: WorstClients.folder)
      }
      let whole = (0..<3).flatMap { Self.lines($0, 0..<Self.examples) }
      for (number, other) in Self.neighbours(combination.privacy).enumerated() {
        let name = "choice-\(combination.privacy.unit)-\(combination.privacy.adjacency)"
        let (one, two) = (try run(whole, "\(name)-all"), try run(other, "\(name)-\(number)"))
        let moved = Measures.norm(zip(one.kept(1), two.kept(1)).map { $0 - $1 })
        let allowed = (one.ledger.first?.sensitivity ?? .nan) / one.spacing(1)
        #expect(moved <= allowed * (1 + 1e-9), "unit \(number) of \(combination)")
      }
    }
  }
}
