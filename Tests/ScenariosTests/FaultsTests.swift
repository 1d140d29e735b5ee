import NumericalCore
import Scenarios
import Testing

extension Tag {
  /// Draws random numbers and states how often it would fail by chance.
  @Tag static var statistical: Self
}

@Suite("Faults and aggregation")
struct FaultsTests {
  private func scenario(_ faults: String, aggregation: String = "{}") throws -> Scenario {
    try Scenario(
      JSONValue(
        utf8: """
          {"name": "t", "population": {"kind": "market", "clients": 10},
           "training": {"rounds": 1, "cohort": {"expectedSize": 5}, "aggregation": \(aggregation)},
           "privacy": "none", "faults": \(faults)}
          """.utf8), file: "t")
  }

  @Test("strike as often as the scenario says", .tags(.statistical))
  func frequencies() throws {
    let faults = try #require(
      scenario(
        """
        {"dropout": {"beforeTraining": 0.2, "afterTraining": 0.25},
         "stragglers": {"medianSeconds": 1, "spread": 1, "deadlineSeconds": 2.718281828},
         "clients": {"byzantine": 0.1, "corrupted": 0.05, "flippedLabels": 0.3}}
        """
      ).faults)
    let trials = 20_000
    var fates = [Faults.Fate: Int]()
    var behaviours = [Faults.Behaviour: Int]()
    for trial in 0..<trials {
      fates[faults.fate(client: trial % 200, round: trial / 200, seed: 5), default: 0] += 1
      behaviours[faults.behaviour(client: trial, seed: 5), default: 0] += 1
    }
    // A log-normal of spread 1 is beyond e times its median with probability 0.15866.
    let late = 0.15866
    let expected: [(Int?, Double)] = [
      (fates[.lostBeforeTraining], 0.2), (fates[.late], 0.8 * late),
      (fates[.lostAfterTraining], 0.8 * (1 - late) * 0.25),
      (fates[.takesPart], 0.8 * (1 - late) * 0.75), (behaviours[.byzantine], 0.1), (behaviours[.corrupted], 0.05),
      (behaviours[.flippedLabels], 0.3), (behaviours[.honest], 0.55),
    ]
    // The seed is fixed. Over other seeds one of these eight fails about once in 10⁵.
    for (count, share) in expected {
      let deviation = (share * (1 - share) / Double(trials)).squareRoot()
      #expect(abs(Double(count ?? 0) / Double(trials) - share) < 4.9 * deviation, "\(share)")
    }
  }

  @Test("put every client into a group, about as many into each, anew in every round")
  func groups() throws {
    let aggregation = try scenario("{}", aggregation: "{\"rule\": \"median\", \"groups\": 5}").training.aggregation
    #expect(aggregation.trimmed == 2 && aggregation.kept == 1)
    var counts = [Int](repeating: 0, count: 5)
    for client in 0..<5000 { counts[aggregation.group(ofClient: client, round: 1, seed: 2)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
    let moved = (0..<1000).count {
      aggregation.group(ofClient: $0, round: 1, seed: 2) != aggregation.group(ofClient: $0, round: 2, seed: 2)
    }
    #expect(abs(moved - 800) < 80)
    // An even number of groups keeps the two in the middle.
    #expect(try scenario("{}", aggregation: "{\"rule\": \"median\", \"groups\": 6}").training.aggregation.kept == 2)
    #expect(try scenario("{}").training.aggregation.groups == 1)
  }

  @Test(
    "that cannot be are answered with the remedy",
    arguments: [
      (
        "{\"clients\": {\"byzantine\": 0.6, \"corrupted\": 0.6}}", "{}",
        "faults.clients.byzantine: the shares add up to 1.2"
      ),
      (
        "{\"workers\": {\"crash\": 0.2, \"hang\": 0.2}}", "{}",
        "faults.workers.crash: with hang and garbage is above 0.3"
      ),
      ("{\"dropout\": {\"before\": 0.1}}", "{}", "faults.dropout.before: unknown key"),
      ("{\"stragglers\": {}}", "{}", "faults.stragglers.medianSeconds: is missing"),
      ("{}", "{\"groups\": 4}", "training.aggregation.groups: found 4; it only has a meaning with rule"),
      (
        "{}", "{\"rule\": \"trimmed-mean\", \"groups\": 4, \"trimmed\": 2}",
        "training.aggregation.trimmed: found 2 of 4 groups; allowed: less than half"
      ),
      (
        "{}", "{\"rule\": \"median\", \"groups\": 1000}",
        "training.aggregation.groups: found 1000 for 4096 coordinates; allowed: groups times coordinates"
      ),
    ])
  func mistakes(faults: String, aggregation: String, message: String) throws {
    do {
      _ = try scenario(faults, aggregation: aggregation)
      Issue.record("accepted")
    } catch let error as ScenarioError {
      #expect(error.description.contains(message), "\(error)")
    }
  }
}
