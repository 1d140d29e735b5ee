import Coordinator
import DifferentialPrivacy
import Foundation
import Releases
import Scenarios
import Testing

/// Where the lower end of ε is one for what was done.
@Suite("A round")
struct AttainmentTests {
  private func entry(
    population: String = #"{"kind": "files", "train": "t", "heldOut": "h", "clients": 1000, "dimension": 40}"#,
    training: String = #""cohort": {"expectedSize": 100}"#,
    privacy: String = #""noiseMultiplier": 2, "delta": 1e-5"#, rest: String = ""
  ) throws -> LedgerEntry {
    let text = """
      {"name": "t", "population": \(population), "training": {"rounds": 50, \(training)}, "privacy": {\(privacy)}\(rest)}
      """
    let scenario = try Scenario(JSONValue(utf8: text.utf8), file: "test")
    let plan = try PrivacyPlan(
      try #require(scenario.privacy), training: scenario.training, clients: 1000, dimension: scenario.dimension,
      seed: 1, faults: scenario.faults, longestContribution: scenario.longestContribution)
    return try plan.guarantee(on: scenario.lattice).entries(
      round: 1, Guarantee.Participants(contacted: [5, 5], sent: [3], summed: [5, 5]))[0]
  }

  private static let market = #"{"kind": "market", "clients": 1000}"#
  private static let local = #""trust": "local", "adjacency": "replace-one", "noiseMultiplier": 9, "delta": 1e-5"#
  private static let laplace = local + #", "mechanism": "laplace""#

  @Test("attains its event where a unit can move the sum as far as the ledger says")
  func attained() throws {
    let full = #""cohort": {"sampling": "full"}"#
    #expect(try entry().isAttained)
    #expect(try entry(training: full).isAttained)
    #expect(
      try entry(training: full, privacy: #""noiseMultiplier": 2, "delta": 1e-5, "adjacency": "replace-one""#)
        .isAttained)
    #expect(
      try entry(
        training: #""cohort": {"sampling": "fixed-size", "expectedSize": 100}"#,
        privacy: #""noiseMultiplier": 2, "delta": 1e-5, "adjacency": "replace-one", "accountant": "rdp""#
      ).isAttained)
    let examples =
      #""unit": "example", "exampleSampling": {"rate": 0.1, "expectedExamples": 10}, "noiseMultiplier": 2, "delta": 1e-5"#
    #expect(try entry(training: full + #", "client": {"algorithm": "fedsgd"}"#, privacy: examples).isAttained)
    #expect(try entry(privacy: Self.local).isAttained)
    // Who is lost is seen by everyone, and has no entry.
    #expect(try entry(privacy: Self.local, rest: #", "faults": {"dropout": {"beforeTraining": 0.5}}"#).isAttained)
    #expect(try entry(training: #""cohort": {"expectedSize": 100}, "personalisation": {}"#).isAttained)
    #expect(try entry(population: Self.market).isAttained)
    let largest = #""cohort": {"expectedSize": 100}, "compression": {"sparsification": "top-k", "share": 0.1}"#
    #expect(try entry(training: largest).isAttained)
    #expect(
      try entry(
        training: largest.replacingOccurrences(of: #""top-k", "share": 0.1"#, with: #""random", "share": 1"#)
      ).isAttained)
    let workers = #", "faults": {"workers": {"crash": 0.1}}"#
    #expect(try entry(rest: workers).isAttained)
    let tiers = #""tiers": {"a": {"share": 0.5, "epsilon": 4}, "b": {"share": 0.5, "epsilon": 4}}, "delta": 1e-5"#
    #expect(try entry(privacy: tiers).isAttained)
  }

  @Test(
    "does not attain its event where chance, rounding or the data keep a unit from it",
    arguments: [
      #""aggregation": {"rule": "median", "groups": 3}"#,
      #""aggregation": {"rule": "trimmed-mean", "groups": 9}"#,
      #""compression": {"bits": 2, "range": 0.1}"#,
      #""compression": {"sparsification": "random", "share": 0.1}"#,
    ])
  func notByTraining(section: String) throws {
    #expect(!(try entry(training: #""cohort": {"expectedSize": 100}, "# + section).isAttained))
  }

  @Test(
    "does not attain its event where updates are lost or changed by chance",
    arguments: [
      #""dropout": {"beforeTraining": 0.5}"#, #""dropout": {"afterTraining": 0.1}"#,
      #""stragglers": {"medianSeconds": 1, "deadlineSeconds": 5}"#, #""clients": {"corrupted": 0.1}"#,
      #""clients": {"byzantine": 0.1}"#, #""clients": {"flippedLabels": 0.1}"#,
    ])
  func notByFaults(faults: String) throws {
    #expect(!(try entry(rest: #", "faults": {\#(faults)}"#).isAttained))
  }

  @Test("does not attain its event with Laplace noise, with a rounded count, or with a norm out of reach")
  func notByMechanism() throws {
    #expect(!(try entry(privacy: Self.laplace).isAttained))
    let adaptive = #""noiseMultiplier": 2, "delta": 1e-5, "adaptiveClipping": {"countNoiseMultiplier": 10}"#
    #expect(!(try entry(privacy: adaptive).isAttained))
    // Six features of one each and one gradient: √26 at most, where all but the bias fall together.
    let oneGradient = #""cohort": {"expectedSize": 100}, "client": {"algorithm": "fedsgd"}"#
    func privacy(_ norm: Double) -> String { #""noiseMultiplier": 2, "delta": 1e-5, "clippingNorm": \#(norm)"# }
    #expect(try entry(population: Self.market, training: oneGradient, privacy: privacy(5)).isAttained)
    #expect(!(try entry(population: Self.market, training: oneGradient, privacy: privacy(5.2)).isAttained))
    // The features of files can be of any size.
    #expect(try entry(training: oneGradient, privacy: privacy(1e6)).isAttained)
    let tinySteps = #""cohort": {"expectedSize": 100}, "client": {"learningRate": 1e-6}, "personalisation": {}"#
    #expect(!(try entry(population: Self.market, training: tinySteps).isAttained))
  }
}
