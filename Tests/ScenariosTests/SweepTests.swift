import Foundation
import Scenarios
import Testing

@Suite("The sweep section")
struct SweepTests {
  private static func scenario(_ sweep: String) -> String {
    """
    {
      name: "ads",
      population: { kind: "market", clients: 100 },
      training: { rounds: 5, cohort: { expectedSize: 10 } },
      privacy: { delta: 1e-6, epsilon: 3 },
      \(sweep)
    }
    """
  }

  private func file(_ text: String) throws -> ScenarioFile {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json5")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try ScenarioFile(path: url.path)
  }

  private func plan(_ sweep: String, overrides: [(path: String, value: JSONValue)] = []) throws -> SweepPlan {
    try file(Self.scenario(sweep)).sweepPlan(overrides: overrides)
  }

  @Test("makes a run for every ε and seed, calibrated to that ε, and without privacy at infinity")
  func epsilons() throws {
    let plan = try plan("sweep: { \"privacy.epsilon\": [1, 4, \"infinity\"], seed: [7, 8] }")
    #expect(plan.name == "ads" && plan.axis == "privacy.epsilon")
    #expect(plan.curves.map(\.name) == ["ads"] && plan.curves[0].settings.isEmpty)
    #expect(plan.points.map(\.position) == [1, 1, 4, 4, .infinity, .infinity])
    #expect(plan.points.map(\.scenario.seed) == [7, 8, 7, 8, 7, 8])
    #expect(plan.points[2].scenario.privacy?.noise == .calibrated(epsilon: 4))
    #expect(plan.points[4].scenario.privacy == nil)
    // The run at infinity is the scenario with privacy "none", and nothing else is different.
    let open = Self.scenario("").replacingOccurrences(of: "{ delta: 1e-6, epsilon: 3 }", with: "\"none\"")
    let alone = try file(open).scenario(overrides: [("seed", .integer(7))])
    #expect(plan.points[4].scenario == alone)
    #expect(plan.points.allSatisfy { $0.scenario.sweep == nil && $0.scenario.resolved["sweep"] == nil })
  }

  @Test("makes a curve for every variant and every value of the other axes, in the order of the file")
  func curves() throws {
    let plan = try plan(
      """
      sweep: {
        "privacy.epsilon": [1, 2],
        "privacy.clippingNorm": [0.5, 2],
        variants: {
          small: { "training.cohort.expectedSize": 5 },
          large: { "training.cohort.expectedSize": 50, "population.clients": 500 },
        },
      }
      """)
    #expect(
      plan.curves.map(\.name) == [
        "small, clippingNorm 0.5", "small, clippingNorm 2", "large, clippingNorm 0.5", "large, clippingNorm 2",
      ])
    #expect(plan.points.count == 8)
    let last = plan.points[7].scenario
    #expect(last.population.clients == 500 && last.training.cohort.expectedSize == 50)
    #expect(last.privacy?.clippingNorm == 2 && last.privacy?.noise == .calibrated(epsilon: 2))
    // Without a seed axis the scenario's own.
    #expect(last.seed == 1)
  }

  @Test("without ε is drawn against the first list of numbers, or the ε that runs turn out to have")
  func otherAxes() throws {
    let rounds = try plan(
      "sweep: { \"training.rounds\": [5, 10], \"training.server.optimizer\": [\"sgd\", \"adam\"] }")
    #expect(rounds.axis == "training.rounds")
    #expect(rounds.curves.map(\.name) == ["optimizer sgd", "optimizer adam"])
    #expect(rounds.points.map(\.position) == [5, 10, 5, 10])
    let none = try plan("sweep: { variants: { a: {}, b: { \"privacy.epsilon\": \"infinity\" } } }")
    #expect(none.axis == "privacy.epsilon" && none.points.map(\.position) == [nil, nil])
    #expect(none.points[1].scenario.privacy == nil)
  }

  @Test("lets the command line change the scenario and the section")
  func overrides() throws {
    let plan = try plan(
      "sweep: { \"privacy.epsilon\": [1, 2], seed: [1, 2, 3] }",
      overrides: [
        ("privacy.clippingNorm", .number(0.25)), ("sweep.privacy.epsilon", .array([.integer(5)])),
        ("sweep.seed", .array([.integer(9)])),
      ])
    #expect(plan.points.count == 1 && plan.points[0].position == 5 && plan.points[0].scenario.seed == 9)
    #expect(plan.points[0].scenario.privacy?.clippingNorm == 0.25)
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let sweep: String
    let message: String
    var testDescription: String { sweep }
  }

  @Test(
    "that is wrong is answered with the place and the remedy",
    arguments: [
      Mistake(sweep: "", message: "f: sweep: is missing; allowed: an object of paths and lists, for example"),
      Mistake(sweep: "sweep: [],", message: "f:6: sweep: found a list of 0; allowed: an object of paths and lists"),
      Mistake(sweep: "sweep: {},", message: "f:6: sweep: found an object; allowed: an object of paths"),
      Mistake(
        sweep: "sweep: { privacy: { epsilon: [1] } },",
        message:
          "f:6: sweep.privacy: found an object; allowed: a list of values; write a path as one key: \"privacy.epsilon\": […]"
      ),
      Mistake(
        sweep: "sweep: { \"privacy.epsilon\": [] },", message: "f:6: sweep.privacy.epsilon: found a list of 0"),
      Mistake(
        sweep: "sweep: { \"privacy.epsilon\": [1, 2, 1] },",
        message: "f:6: sweep.privacy.epsilon: 1 is in the list twice; keep one"),
      Mistake(
        sweep: "sweep: { seed: [1, -1] },", message: "f:6: sweep.seed: found -1; allowed: whole numbers from 0"),
      Mistake(
        sweep: "sweep: { seed: [1.5] },", message: "f:6: sweep.seed: found 1.5; allowed: whole numbers from 0"),
      Mistake(
        sweep: "sweep: { \"privacy.epsilno\": [1] },",
        message: "f:6: privacy.epsilno: unknown key; did you mean epsilon?"),
      Mistake(
        sweep: "sweep: { \"privacy.epsilon\": [1, 0] },",
        message:
          "f:6: privacy.epsilon: found 0; allowed: a number from 0.001 to 1000.0 (in the sweep, at privacy.epsilon = 0)"
      ),
      Mistake(
        sweep: "sweep: { variants: [1] },", message: "f:6: sweep.variants: found a list of 1; allowed: an object"),
      Mistake(
        sweep: "sweep: { variants: { a: 3 } },",
        message: "f:6: sweep.variants.a: found 3; allowed: an object of paths and values"),
      Mistake(
        sweep: "sweep: { seed: [1], variants: { a: { seed: 2 } } },",
        message: "f:6: sweep.variants: a sets seed, which is an axis of the sweep too; keep one"),
      Mistake(
        sweep:
          "sweep: { seed: [\(Array(1...400).map(String.init).joined(separator: ","))], \"training.rounds\": [\(Array(1...400).map(String.init).joined(separator: ","))] },",
        message: "f:6: sweep: takes more than 100000 runs; shorten its lists"),
    ])
  func mistakes(mistake: Mistake) throws {
    do {
      _ = try plan(mistake.sweep)
      Issue.record("accepted")
    } catch let error as ScenarioError {
      let description = error.description.replacingOccurrences(of: error.file, with: "f")
      #expect(description.hasPrefix(mistake.message), "\(description)")
    }
  }

  @Test("does not change what a run by itself does")
  func runs() throws {
    let with = try file(Self.scenario("sweep: { seed: [1, 2] }")).scenario()
    let without = try file(Self.scenario("")).scenario()
    #expect(with.resolved == without.resolved && with.sweep != nil && without.sweep == nil)
  }
}
