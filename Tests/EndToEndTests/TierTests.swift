import Foundation
import Scenarios
import Testing

/// Clients in tiers with an ε of their own (Boenisch et al. 2023), and clients who opted out.
@Suite("Tiers", .tags(.endToEnd))
struct TierTests {
  static let scenario = SmallScenario.market.replacingOccurrences(
    of: "privacy: { epsilon: 8,",
    with: """
      privacy: {
        tiers: { strict: { share: 0.3, epsilon: 2 }, relaxed: { share: 0.5, epsilon: 8 }, gone: { share: 0.2 } },
      """
  ).replacingOccurrences(of: "clients: 60", with: "clients: 300")

  @Test("each pay no more than they accept and hardly less; the result does not depend on the workers")
  func epsilons() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let result = try folder.run("run", "s.json5", "--workers", "1", "--out", "a", "--json").json()
    let other = try folder.run("run", "s.json5", "--workers", "4", "--out", "b", "--json").json()
    #expect(other["digest"] == result["digest"])
    #expect(other.at("privacy.tiers") == result.at("privacy.tiers"))
    guard case .array(let tiers)? = result.at("privacy.tiers") else {
      Issue.record("no tiers")
      return
    }
    #expect(tiers.compactMap { $0["name"] } == [.string("gone"), .string("relaxed"), .string("strict")])
    var examples = 0.0
    for tier in tiers {
      examples += try #require(tier["heldOutExamples"]?.asDouble)
      let epsilon = try #require(tier["epsilon"]?.asDouble)
      guard let target = tier["epsilonTarget"]?.asDouble else {
        // Opted out: nothing was released about them.
        #expect(tier["samplingRate"] == .integer(0) && epsilon == 0)
        continue
      }
      #expect(epsilon <= target && epsilon > 0.97 * target)
      #expect(try #require(tier["auc"]?.asDouble) > 0.5)
    }
    #expect(examples == result.at("metrics.heldOutExamples")?.asDouble)
    // The expected cohort is kept: 20 of 300 clients on average, over twelve rounds.
    let updates = try #require(result.at("timing.clientUpdates")?.asDouble)
    #expect(abs(updates - 240) < 6 * 240.0.squareRoot())
    let account = try folder.run("account", "--ledger", "a/ledger.jsonl", "--delta", "1e-5", "--json").json()
    #expect(account["epsilon"] == result.at("privacy.epsilon"))
    #expect(try folder.releases("a/ledger.jsonl").allSatisfy { $0["tier"] != .string("gone") })
  }

  @Test(
    "are refused when they mean nothing",
    arguments: [
      ("privacy.tiers.strict.share=0.4", "shares add up to 1.1"),
      ("privacy.epsilon=3", "leave out epsilon and noiseMultiplier"),
      ("privacy.budget=3", "goes without tiers"),
      ("privacy.tiers={all: {share: 1}}", "nobody would ever be contacted"),
      ("privacy.tiers.strict.epsilno=1", "privacy.tiers.strict.epsilno: unknown key; did you mean epsilon?"),
      ("training.cohort={sampling: 'full'}", "use \"poisson\""),
      ("privacy.tiers=[1]", "allowed: an object with at least one named object"),
    ])
  func refusals(change: String, words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let outcome = try folder.run("run", "s.json5", "--set", change)
    #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(try folder.contents() == ["s.json5"])
  }
}
