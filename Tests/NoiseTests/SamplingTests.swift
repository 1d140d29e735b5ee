import DifferentialPrivacy
import Foundation
import Scenarios
import Testing

/// Who takes part in a round, which the amplification in ε rests on. Every unit, client or example, has a coordinate of
/// its own, so that the sums tell who is in them.
@Suite("Sampling, in every accepted guarantee")
struct SamplingTests {
  struct Sample {
    let combination: Combination
    let run: Observation
    /// Whether a unit took part, by round.
    let present: [[Bool]]

    init(_ combination: Combination, seed: Int) throws {
      self.combination = combination
      let isExample = combination.privacy.unit == .example
      var changes: [(path: String, to: JSONValue)] = [
        ("seed", .integer(seed)), ("training.rounds", .integer(rounds)),
        // The model stays where it is, so that no client has learned enough to send nothing.
        ("training.server.learningRate", .number(1e-9)), ("population.dimension", .integer(units)),
        ("population.train", .string(isExample ? "fours" : "ones")),
        ("population.clients", .integer(isExample ? units / 4 : units)),
      ]
      if combination.scenario.training.cohort.sampling != .full {
        changes.append(("training.cohort.expectedSize", .integer(units * 3 / 10)))
      }
      // Rates of their own.
      if combination.privacy.tiers != nil {
        changes.append(("privacy.tiers.careful.epsilon", .number(6)))
        changes.append(("privacy.tiers.relaxed.epsilon", .number(12)))
        if combination.privacy.adaptiveClipping != nil {
          changes.append(("privacy.adaptiveClipping.countNoiseMultiplier", .number(1000)))
        }
      }
      // So little noise that an update stands out in that of all clients.
      if combination.privacy.trust == .local { changes.append(("privacy.noiseMultiplier", .number(0.001))) }
      run = try Laboratory.own().run(combination.with(changes), folder: SamplingTests.folder)
      let isHidden = combination.privacy.trust == .local
      present = (1...rounds).map { [run] round in
        run.kept(round).map { abs($0) > (isHidden ? 0x1p23 : 0) }
      }
    }

    /// What the ledger's events say of sampling.
    var events: Set<PrivacyEvent> { Set(run.ledger.map(\.event)) }

    /// The rates at which units are sampled, one a tier; nil where units are not sampled one by one.
    var rates: [Double]? {
      let rates = Set(
        run.ledger.map { entry -> Double? in
          if case .poissonSampledGaussian(let rate, _) = entry.event { rate } else { nil }
        })
      return rates.contains(nil) ? nil : rates.compactMap { $0 }.sorted()
    }

    /// The share of rounds that each unit took part in.
    var shares: [Double] {
      present[0].indices.map { unit in Double(present.count { $0[unit] }) / Double(present.count) }
    }

    /// Whether a unit took part less its own share, round by round and, within each, unit by unit.
    var deviations: [[Double]] {
      let shares = shares
      return present.map { round in zip(round, shares).map { ($0 ? 1 : 0) - $1 } }
    }
  }

  private static let units = 200
  private static let rounds = 200

  /// Populations with so many units: a client for each, or four in every client.
  private static let folder: URL = {
    for (name, perClient) in [("ones", 1), ("fours", 4)] {
      let lines = (0..<units).map { "1 qid:c\(1000 + $0 / perClient) \($0 + 1):50\n" }
      try? Data(lines.joined().utf8).write(to: WorstClients.folder.appendingPathComponent(name))
    }
    return WorstClients.folder
  }()

  static let samples = Result {
    try Combination.accepted.filter {
      $0.scenario.training.compression == nil && $0.scenario.training.aggregation.rule == .mean
    }.enumerated().map { try Sample($0.element, seed: 4000 + $0.offset) }
  }

  @Test("takes each unit as often as the ledger says")
  func rate() throws {
    try expectNone("units sampled at another rate", of: Self.samples.get(), \.combination) { sample in
      guard let rates = sample.rates else { return false }
      let shares = sample.shares
      // Every unit belongs to one of the tiers, or to the one that opted out.
      let isTiered = sample.combination.privacy.tiers != nil
      var groups = [[Double]](repeating: [], count: rates.count)
      for share in shares where !(isTiered && share == 0) {
        let nearest = rates.indices.min { abs(rates[$0] - share) < abs(rates[$1] - share) } ?? 0
        groups[nearest].append(share)
      }
      return zip(rates, groups).contains { rate, shares in
        let draws = Double(shares.count * Self.rounds)
        let error = (rate * (1 - rate) / max(draws, 1)).squareRoot()
        let mean = shares.reduce(0, +) / Double(shares.count)
        return shares.isEmpty || abs(mean - rate) > Measures.standardErrors * error + 1e-12
      }
    }
  }

  @Test("takes exactly as many as the ledger says, all equally often, where the size is fixed")
  func size() throws {
    try expectNone("cohorts of another size", of: Self.samples.get(), \.combination) { sample in
      sample.events.contains { event in
        guard case .fixedSizeSampledGaussian(let size, let population, _) = event else { return false }
        let rate = Double(size) / Double(population)
        let error = (rate * (1 - rate) / Double(Self.rounds)).squareRoot()
        return population != Self.units || sample.present.contains { $0.count { $0 } != size }
          || sample.shares.contains { abs($0 - rate) > Measures.standardErrors * error }
      }
    }
  }

  @Test("takes everyone where the ledger's event is about everyone, or names each who is taken")
  func everyone() throws {
    try expectNone("units that are left out", of: Self.samples.get(), \.combination) { sample in
      sample.events.contains { event in
        switch event {
        case .gaussian, .pure: break
        default: return false
        }
        return sample.present.enumerated().contains { round, present in
          let named = Set(sample.run.entries(round + 1).compactMap(\.client))
          return present.indices.contains { present[$0] != (named.isEmpty || named.contains($0)) }
        }
      }
    }
  }

  @Test("takes units independently of each other: sizes vary as they must")
  func variance() throws {
    try expectNone("sizes that vary otherwise", of: Self.samples.get(), \.combination) { sample in
      guard let rates = sample.rates, rates.count == 1, let rate = rates.first, rate < 1,
        sample.combination.privacy.tiers == nil
      else { return false }
      let mean = Double(Self.units) * rate
      return Measures.excess(
        ofDeviation: sample.present.map { Double($0.count { $0 }) - mean }, from: (mean * (1 - rate)).squareRoot())
        > 1
    }
  }

  @Test("takes others in every round, and not the same example of every client")
  func independence() throws {
    try expectNone("choices that go together", of: Self.samples.get(), \.combination) { sample in
      let byRound = sample.deviations
      guard byRound.joined().contains(where: { $0 != 0 }) else { return false }
      let byUnit = byRound[0].indices.map { unit in byRound.map { $0[unit] } }
      return [byRound, byUnit].contains { Measures.excess(ofCorrelationAlong: Array($0.joined())) > 1 }
    }
  }
}
