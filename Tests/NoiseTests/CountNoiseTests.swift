import DifferentialPrivacy
import Scenarios
import Testing

@Suite("The noise on the count of updates within the norm, in every accepted guarantee with adaptive clipping")
struct CountNoiseTests {
  struct Sample {
    let combination: Combination
    let run: Observation
    let noise: [Double]

    init(_ combination: Combination, seed: Int) throws {
      self.combination = combination
      // Many rounds in which the norm hardly moves.
      run = try Laboratory.own().run(
        combination.with(
          ("seed", .integer(seed)), ("training.rounds", .integer(rounds + 1)),
          ("privacy.adaptiveClipping.learningRate", .number(1e-4))), on: .plus)
      noise = CountNoise(run)?.noises ?? []
    }
  }

  private static let rounds = 500

  static let samples = Result {
    try Combination.central.filter {
      $0.privacy.adaptiveClipping != nil && $0.scenario.training.compression == nil
        && $0.scenario.training.aggregation.rule == .mean
    }.enumerated().map { try Sample($0.element, seed: 3000 + $0.offset) }
  }

  /// What one unit moves Σ ±1 by: the shift tests find it between neighbouring populations.
  static func sensitivity(_ privacy: Privacy) -> Double {
    switch privacy.adjacency {
    case .addOrRemove: 1
    case .replaceOne: 2
    }
  }

  @Test("deviates as the ledger says, against what one unit moves the count by")
  func deviation() throws {
    try expectNone("count noise of another deviation", of: Self.samples.get(), \.combination) { sample in
      let multipliers = Set(sample.run.ledger.map(\.countNoiseMultiplier))
      guard multipliers.count == 1, let multiplier = multipliers.first ?? nil else { return true }
      let deviation = multiplier * Self.sensitivity(sample.combination.privacy)
      // Rounding to whole numbers adds a variance of 1/12.
      return Measures.excess(
        ofDeviation: sample.noise, from: (deviation * deviation + 1.0 / 12).squareRoot()) > 1
    }
  }

  @Test("is whole, and new in every round")
  func rounds() throws {
    try expectNone("count noise that rounds share", of: Self.samples.get(), \.combination) { sample in
      sample.noise.contains { abs($0 - $0.rounded()) > 1e-6 }
        || Measures.excess(ofCorrelationAlong: sample.noise) > 1
    }
  }

  @Test("and that on the sum cost together what the ledger says")
  func together() throws {
    try expectNone("events that are not made of both", of: Self.samples.get(), \.combination) { sample in
      sample.run.ledger.contains { !LedgerAgreement.holds($0) }
    }
  }
}
