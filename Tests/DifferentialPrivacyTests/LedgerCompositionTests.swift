import DifferentialPrivacy
import Testing

@Suite("Ledgers put together")
struct LedgerCompositionTests {
  private func parts(_ samples: [LedgerSample]) -> [LedgerComposition.Part] {
    samples.enumerated().map { LedgerComposition.Part(place: "ledger \($0.offset + 1)", ledger: $0.element.ledger) }
  }

  private func epsilon(_ samples: LedgerSample...) throws -> EpsilonBracket {
    try LedgerComposition(parts(samples)).epsilon(delta: 1e-5, accountant: PrivacyLossAccountant())
  }

  private func direct(_ adjacency: Adjacency, _ events: [(PrivacyEvent, Int)]) throws -> Double {
    try PrivacyLossAccountant().epsilon(
      of: events.map { RepeatedEvent($0.0, count: $0.1) }, adjacency: adjacency, delta: 1e-5
    ).upper
  }

  private func sampled(_ rate: Double) -> PrivacyEvent {
    .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: 1)
  }

  @Test("cost what their releases cost together")
  func central() throws {
    let together = try epsilon(.central(rounds: 3), .central(rounds: 4, seed: 2, multiplier: 7))
    // μ² = 3/25 + 4/49 (Dong, Roth and Su 2022, corollary 3.3).
    let mu = (3.0 / 25 + 4.0 / 49).squareRoot()
    let one = try direct(.addOrRemove, [(.gaussian(noiseMultiplier: 1 / mu), 1)])
    #expect(abs(together.upper / one - 1) < 1e-6)
    // No ε of both is below that of either alone.
    let alone = try epsilon(.central(rounds: 3))
    #expect(together.lower == alone.lower)
  }

  @Test("cost the client that is in the most expensive tier of each")
  func tiers() throws {
    let (first, second) = (
      LedgerSample.tiered([0.3, 0.05], rounds: 8, seed: 1), LedgerSample.tiered([0.02, 0.4], rounds: 8, seed: 2)
    )
    let together = try epsilon(first, second)
    let worst = try direct(.addOrRemove, [(sampled(0.3), 8), (sampled(0.4), 8)])
    #expect(together.upper == worst)
    // What adding up tier by tier would say is much less.
    let byName = try direct(.addOrRemove, [(sampled(0.05), 8), (sampled(0.4), 8)])
    #expect(worst > 1.2 * byName)
    // Tiers of different noise, where neither costs more for sure: all four pairs are looked at.
    var mixed = LedgerSample.tiered([0.3, 0.05], rounds: 8, seed: 3)
    mixed.entries = mixed.entries.map {
      $0.tier == "a" ? $0 : mixed.entry($0.round, .gaussian(noiseMultiplier: 4), tier: "b", multiplier: 4)
    }
    let pairs = try [
      [(sampled(0.3), 8), (sampled(0.4), 8)], [(.gaussian(noiseMultiplier: 4), 8), (sampled(0.4), 8)],
    ].map { try direct(.addOrRemove, $0) }
    #expect(try epsilon(mixed, second).upper == pairs.max())
    // With what concerns everyone.
    let all = try direct(.addOrRemove, [(.gaussian(noiseMultiplier: 5), 2), (sampled(0.3), 8), (sampled(0.4), 8)])
    #expect(abs(try epsilon(.central(rounds: 2, seed: 9), first, second).upper / all - 1) < 1e-6)
  }

  @Test("cost the client that took part most often in each, whatever its number is there")
  func clients() throws {
    let together = try epsilon(
      .local([[1, 2], [1], [1, 3]], seed: 1), .local([[2, 4], [4]], seed: 2, multiplier: 3))
    let worst = try direct(.replaceOne, [(.gaussian(noiseMultiplier: 5), 3), (.gaussian(noiseMultiplier: 3), 2)])
    #expect(together.upper == worst)
  }

  @Test("cost a client of every tier where one ledger has releases of both kinds")
  func both() throws {
    var sample = LedgerSample.tiered([0.1, 0.2], rounds: 2, seed: 1)
    sample.entries.append(sample.entry(2, client: 3))
    let worst = try direct(.addOrRemove, [(sampled(0.2), 2), (.gaussian(noiseMultiplier: 5), 1)])
    let found = try epsilon(sample)
    #expect(found.upper == worst && found.lower == nil)
    #expect(
      try LedgerEntry.epsilon(
        of: sample.entries, adjacency: .addOrRemove, delta: 1e-5, accountant: PrivacyLossAccountant()) == found)
  }

  @Test("are refused when their noise is not independent")
  func noise() throws {
    func refusal(_ samples: LedgerSample...) throws -> LedgerCompositionError {
      try #require(throws: LedgerCompositionError.self) { try LedgerComposition(parts(samples)) }
    }
    let one = LedgerSample.central(rounds: 2)
    // Twice the noise of the same seed: 2·w₁ − w₂ has none.
    #expect(
      try refusal(one, .central(rounds: 2, multiplier: 10)) == .noiseShared("ledger 1", "ledger 2", .seeded))
    #expect(try refusal(.central(rounds: 2, seed: 3), one, one) == .noiseShared("ledger 2", "ledger 3", .seeded))
    var secure = one
    secure.noise = .secure()
    #expect(try refusal(secure, secure) == .noiseShared("ledger 1", "ledger 2", .secure))
    var again = one
    again.noise = .secure()
    #expect(throws: Never.self) { try LedgerComposition(parts([secure, again, one])) }
    var old = LedgerSample.central(rounds: 2, seed: 8)
    old.noise = nil
    #expect(throws: Never.self) { try LedgerComposition(parts([old])) }
    #expect(try refusal(one, old) == .noiseUnknown("ledger 2"))
    // Keys tell seeds apart, and the same seed is the same key anywhere.
    #expect(Set((0..<1000).map { LedgerOpening.Noise.seeded($0).key }).count == 1000)
    // From Python: hashlib.sha256(b"fedsim noise" + (7).to_bytes(8, "little")).hexdigest()[:32].
    #expect(LedgerOpening.Noise.seeded(7).key == "9c1a5b01238afba8e89cc4d1def99485")
  }

  @Test("are refused when they protect different units or neighbours")
  func kinds() throws {
    var examples = LedgerSample(unit: "example", rounds: 1)
    examples.setSeed(2)
    examples.entries = [examples.entry(1)]
    #expect(throws: LedgerCompositionError.unitsDiffer("ledger 1", "client", "ledger 2", "example")) {
      try LedgerComposition(parts([.central(rounds: 1), examples]))
    }
    #expect(
      throws: LedgerCompositionError.adjacenciesDiffer("ledger 1", .addOrRemove, "ledger 2", .replaceOne)
    ) { try LedgerComposition(parts([.central(rounds: 1), .local([[1]], seed: 2)])) }
  }

  @Test("are refused when there are too many ways to take part in them")
  func tooMany() throws {
    // Twenty tiers of which none costs more than another for sure.
    func sample(_ seed: UInt64) -> LedgerSample {
      var sample = LedgerSample(rounds: 1)
      sample.setSeed(seed)
      let names = (10..<30).map { "t\($0)" }
      sample.tiers = names.map { LedgerOpening.Tier(name: $0, share: 0.05, epsilon: 1) }
      sample.participations = names.map { _ in 1 }
      sample.entries = names.enumerated().map { index, name in
        let multiplier = 1 + Double(index) / 10
        return sample.entry(
          1, .poissonSampledGaussian(samplingRate: 0.01 + Double(index) / 50, noiseMultiplier: multiplier),
          tier: name, multiplier: multiplier)
      }
      return sample
    }
    #expect(throws: LedgerCompositionError.tooManyHistories(400, most: 256)) {
      try LedgerComposition(parts([sample(1), sample(2)]))
    }
  }

  @Test("never cost less than what any client paid", arguments: 0..<20)
  func everyClient(seed: UInt64) throws {
    // Random local ledgers: the worst of all pairs of clients by hand.
    var mixer = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func draw(_ bound: Int) -> Int {
      mixer = mixer &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(mixer >> 33) % bound
    }
    func sample(_ seed: UInt64) -> LedgerSample {
      var sample = LedgerSample(trust: "local", adjacency: .replaceOne, rounds: 6)
      sample.setSeed(seed)
      sample.entries = (1...6).flatMap { round in
        (0..<5).filter { _ in draw(2) == 0 }.map {
          sample.entry(round, .pure(epsilon: [0.1, 0.25][draw(2)]), client: $0)
        }
      }
      sample.participations = [sample.entries.count]
      return sample
    }
    let (first, second) = (sample(1), sample(2))
    func paid(_ sample: LedgerSample, _ client: Int) -> Double {
      sample.entries.filter { $0.client == client }.reduce(0) { sum, entry in
        if case .pure(let epsilon) = entry.event { sum + epsilon } else { sum }
      }
    }
    func most(_ sample: LedgerSample) -> Double { (0..<5).map { paid(sample, $0) }.max() ?? 0 }
    let composed = try LedgerComposition(parts([first, second])).epsilon(delta: 1e-5, accountant: PureAccountant())
    #expect(abs(composed.upper - most(first) - most(second)) < 1e-12)
  }
}
