import Curves
import Foundation
import Recommender
import Regression
import Scenarios
import Testing

@Suite("A check against a baseline")
struct ComparisonTests {
  private static let learned = PredictionInterval(mean: 0.75, deviation: 0.01, count: 10)

  private func baseline(
    digest: String = "aaaa", auc: Double? = 0.75, rounds: [String] = ["r1", "r2", "r3"], epsilon: Double = 4,
    events: [String] = ["100 × gaussian"], version: String = "1", data: String = "",
    scenario: JSONValue = .object(["seed": .integer(1), "privacy": .object(["epsilon": .integer(4)])])
  ) -> Baseline {
    Baseline(
      version: version, scenario: scenario, dataDigest: data, digest: digest, rounds: rounds,
      figures: [Baseline.Figure(metric: .auc, value: auc, learned: auc.map { _ in Self.learned })],
      privacy: Baseline.Privacy(epsilon: epsilon, delta: 1e-6, events: events))
  }

  private func check(_ section: String) throws -> Check {
    let value = try JSONValue(
      utf8: """
        {"name": "t", "population": {"kind": "market", "clients": 10},
         "training": {"rounds": 1, "cohort": {"expectedSize": 5}}, "privacy": "none", "check": \(section)}
        """.utf8)
    return try #require(try Scenario(value, file: "t").check)
  }

  @Test("passes when nothing moved, whatever is checked")
  func unchanged() throws {
    for section in ["{}", "{\"tolerance\": 0}", "{\"seeds\": 10}", "{\"exact\": false, \"privacy\": false}"] {
      let comparison = Comparison(baseline(), against: baseline(), check: try check(section))
      #expect(comparison.passed && comparison.causes.isEmpty)
    }
    #expect(try Comparison(baseline(), against: baseline(), check: check("{}")).kinds == [.exact, .privacy])
  }

  @Test("finds another digest, and names the first round that differs")
  func exact() throws {
    let now = baseline(digest: "bbbb", rounds: ["r1", "x2", "x3"])
    let comparison = Comparison(now, against: baseline(), check: try check("{}"))
    #expect(comparison.findings.map(\.kind) == [.exact])
    #expect(comparison.findings[0].message == "the digest was aaaa…, now it is bbbb…")
    #expect(
      comparison.causes == [
        "the code changed: scenario, seed and data are those of the baseline",
        "round 2 of 3 is the first after which the model differs",
      ])
    #expect(Comparison(now, against: baseline(), check: try check("{\"exact\": false}")).passed)
    let evaluation = Comparison(baseline(digest: "bbbb"), against: baseline(), check: try check("{}"))
    #expect(evaluation.causes.last?.contains("evaluation or accounting differ, not training") == true)
  }

  @Test("takes nothing against nothing as the same, and nothing against something as a difference")
  func undefined() throws {
    for section in ["{\"tolerance\": 0.01}", "{\"seeds\": 10}"] {
      let check = try check(section)
      #expect(Comparison(baseline(auc: nil), against: baseline(auc: nil), check: check).passed)
      let lost = Comparison(baseline(auc: nil), against: baseline(), check: check)
      #expect(lost.findings.map(\.message) == ["AUC was 0.7500, now it has no value on the held-out clients"])
      let found = Comparison(baseline(), against: baseline(auc: nil), check: check)
      #expect(
        found.findings.map(\.message) == [
          "AUC had no value, now it is 0.7500; write the baseline anew with --update"
        ])
    }
    let read = try Baseline(baseline(auc: nil).json, file: "f")
    #expect(read == baseline(auc: nil))
    #expect(throws: BaselineError.self) {
      try Baseline(baseline().json.setting(["metrics", "auc"], to: .object([:])), file: "f")
    }
  }

  @Test("lets metrics move within a tolerance and no farther")
  func tolerance() throws {
    let check = try check("{\"tolerance\": 0.01, \"exact\": false}")
    #expect(Comparison(baseline(auc: 0.7599), against: baseline(), check: check).passed)
    let comparison = Comparison(baseline(auc: 0.7601), against: baseline(), check: check)
    #expect(comparison.findings.map(\.kind) == [.metrics])
    #expect(comparison.findings[0].message == "AUC was 0.7500, now it is 0.7601; allowed: 0.7400 to 0.7600")
  }

  @Test("says how unlikely a metric is beyond the interval that seeds taught")
  func learnedInterval() throws {
    let check = try check("{\"seeds\": 10, \"falseAlarmRate\": 0.01, \"exact\": false}")
    // t of nine degrees at 0.995 is 3.2498; times 0.01·√1.1 it is 0.03408.
    #expect(Comparison(baseline(auc: 0.784), against: baseline(), check: check).passed)
    let comparison = Comparison(baseline(auc: 0.7842), against: baseline(), check: check)
    #expect(
      comparison.findings[0].message.contains(
        "allowed: 0.7159 to 0.7841, learned from 10 seeds; by chance in about 1 of 10"))
    let far = Comparison(baseline(auc: 0.1), against: baseline(), check: check)
    #expect(far.findings[0].message.hasSuffix("by chance in less than 1 of 1 000 000 runs"))
  }

  @Test("lets ε fall and never rise, and knows when other things are released")
  func privacy() throws {
    let check = try check("{\"exact\": false}")
    #expect(Comparison(baseline(epsilon: 3.9), against: baseline(), check: check).passed)
    let risen = Comparison(baseline(epsilon: 4.1), against: baseline(), check: check)
    #expect(risen.findings.map(\.message) == ["ε rose from 4.0 to 4.1"])
    let events = Comparison(baseline(events: ["99 × gaussian"]), against: baseline(), check: check)
    #expect(
      events.findings.map(\.message) == ["the ledger's events changed; was: 100 × gaussian; is: 99 × gaussian"])
    #expect(
      Comparison(
        baseline(epsilon: 9), against: baseline(), check: try self.check("{\"exact\": false, \"privacy\": false}")
      ).passed)
  }

  @Test("names what was edited, a new seed, other data and another version")
  func causes() throws {
    let check = try check("{}")
    func causes(_ now: Baseline) -> [String] { Comparison(now, against: baseline(), check: check).causes }
    let edited = JSONValue.object([
      "seed": .integer(2), "privacy": .object(["epsilon": .number(8), "delta": .number(0.1)]),
    ])
    let found = causes(baseline(digest: "b", scenario: edited))
    #expect(found.contains("the seed changed: seed was 1, now it is 2"))
    #expect(found.contains("the scenario was edited: privacy.epsilon was 4, now it is 8.0"))
    #expect(found.contains("the scenario was edited: privacy.delta is new: 0.1"))
    #expect(!found.contains { $0.hasPrefix("the code changed") })
    #expect(causes(baseline(digest: "b", data: "d")).first == "the data changed: the shards hold something else")
    #expect(causes(baseline(digest: "b", version: "2")).first == "fedsim 1 made the baseline, this is 2")
    // A file does not tell 4 from 4.0.
    let same = JSONValue.object(["seed": .number(1), "privacy": .object(["epsilon": .number(4)])])
    #expect(causes(baseline(digest: "b", scenario: same)).first?.hasPrefix("the code changed") == true)
  }

  @Test("reads baselines back as they were written, and refuses what is none")
  func json() throws {
    let written = try baseline().json.encoded(pretty: true)
    #expect(try Baseline(JSONValue(utf8: written), file: "f") == baseline())
    for (text, message) in [
      ("{}", "f: is not a baseline"), ("[1]", "f: is not a baseline"),
      ("{\"format\": 2}", "f: has the format 2; this version of fedsim reads 1"),
      ("{\"format\": 1}", "f: lacks version"),
    ] {
      #expect { try Baseline(JSONValue(utf8: text.utf8), file: "f") } throws: { "\($0)".hasPrefix(message) }
    }
  }
}
