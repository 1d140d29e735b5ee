import DifferentialPrivacy
import TestSupport
import Testing

@Suite("Accountants")
struct AccountantTests {
  static let divergences = ReferenceTable("renyi_divergence", in: .module).rows

  @Test("Rényi divergences are those of 50-digit quadrature", .tags(.conformance), arguments: divergences)
  func renyiDivergence(row: ReferenceTable.Row) {
    let divergence = PoissonSampledGaussianDivergence(
      rate: row.number("sampling_rate"), multiplier: row.number("noise_multiplier"))
    let found = divergence.divergence(order: row.number("order"))
    let expected = row.number("divergence")
    #expect(found >= expected && found <= expected * (1 + 1e-9))
  }

  @Test("nothing done costs nothing", arguments: AccountantKind.allCases)
  func nothing(kind: AccountantKind) throws {
    let none = [RepeatedEvent(.gaussian(noiseMultiplier: 1), count: 0)]
    for events in [[], none] {
      #expect(
        try kind.accountant.epsilon(of: events, adjacency: .addOrRemove, delta: 1e-5)
          == EpsilonBracket(lower: 0, upper: 0))
    }
  }

  @Test("a Gaussian on everyone has the ε of the closed form", .tags(.conformance))
  func gaussian() throws {
    // Balle and Wang 2018: δ(ε) = Φ(1/2σ − εσ) − e^ε·Φ(−1/2σ − εσ), solved with 50 digits for σ = 1, δ = 10⁻⁵.
    let events = [RepeatedEvent(.gaussian(noiseMultiplier: 1), count: 1)]
    let bracket = try PrivacyLossAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: 1e-5)
    let exact = 4.377178085680122
    #expect(try #require(bracket.lower) <= exact && exact <= bracket.upper)
    #expect(bracket.upper < exact * (1 + 1e-6))
    // Four Gaussians of multiplier 2 are one of multiplier 1, in any grouping.
    for parts in [[4], [1, 3], [2, 1, 1]] {
      let split = parts.map { RepeatedEvent(.gaussian(noiseMultiplier: 2), count: $0) }
      #expect(try PrivacyLossAccountant().epsilon(of: split, adjacency: .replaceOne, delta: 1e-5) == bracket)
    }
  }

  /// The accountants that know amplification by sampling.
  static let sampling = [AccountantKind.pld, .rdp]

  @Test("more rounds, more sampling, less noise and a smaller δ never cost less", arguments: sampling)
  func monotone(kind: AccountantKind) throws {
    func epsilon(_ rate: Double = 0.01, _ multiplier: Double = 1, _ rounds: Int = 300, _ delta: Double = 1e-6)
      throws -> Double
    {
      let event = PrivacyEvent.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
      return try kind.accountant.epsilon(
        of: [RepeatedEvent(event, count: rounds)], adjacency: .addOrRemove, delta: delta
      ).upper
    }
    let base = try epsilon()
    #expect(try epsilon(0.012) > base)
    #expect(try epsilon(0.01, 0.95) > base)
    #expect(try epsilon(0.01, 1, 330) > base)
    #expect(try epsilon(0.01, 1, 300, 5e-7) > base)
  }

  @Test("sampling with rate 1 is no sampling", arguments: [AccountantKind.pld, .rdp, .zcdp])
  func rateOne(kind: AccountantKind) throws {
    let sampled = [RepeatedEvent(.poissonSampledGaussian(samplingRate: 1, noiseMultiplier: 3), count: 20)]
    let plain = [RepeatedEvent(.gaussian(noiseMultiplier: 3), count: 20)]
    #expect(
      try kind.accountant.epsilon(of: sampled, adjacency: .addOrRemove, delta: 1e-5)
        == kind.accountant.epsilon(of: plain, adjacency: .addOrRemove, delta: 1e-5))
  }

  @Test("refuse by name what they cannot prove")
  func refusals() {
    func once(_ event: PrivacyEvent) -> [RepeatedEvent] { [RepeatedEvent(event, count: 1)] }
    let poisson = once(.poissonSampledGaussian(samplingRate: 0.1, noiseMultiplier: 1))
    let fixed = once(.fixedSizeSampledGaussian(sample: 1, population: 10, noiseMultiplier: 1))
    for (events, adjacency, kinds) in [
      (poisson, Adjacency.replaceOne, [AccountantKind.zcdp, .pure]), (fixed, .addOrRemove, AccountantKind.allCases),
      (poisson, .addOrRemove, [.zcdp, .pure]), (fixed, .replaceOne, [.zcdp, .pure]),
      (once(.gaussian(noiseMultiplier: 1)), .addOrRemove, [.pure]),
      (once(.discreteGaussian(standardDeviation: 1, sensitivity: 1)), .addOrRemove, [.pure]),
      (once(.concentrated(rho: 1)), .addOrRemove, [.pld, .pure]),
    ] {
      for kind in kinds {
        #expect(
          throws: AccountingError.unproved(event: events[0].event.name, adjacency: adjacency, accountant: kind)
        ) {
          try kind.accountant.epsilon(of: events, adjacency: adjacency, delta: 1e-5)
        }
        #expect(
          throws: AccountingError.unproved(event: events[0].event.name, adjacency: adjacency, accountant: kind)
        ) {
          try kind.accountant.delta(of: events, adjacency: adjacency, epsilon: 1)
        }
      }
    }
  }

  @Test("refuse numbers without a meaning", arguments: AccountantKind.allCases)
  func invalid(kind: AccountantKind) {
    let good = PrivacyEvent.gaussian(noiseMultiplier: 1)
    for delta in [0, 1, -1, .nan, 2] {
      #expect(throws: AccountingError.self) {
        try kind.accountant.epsilon(of: [RepeatedEvent(good, count: 1)], adjacency: .addOrRemove, delta: delta)
      }
    }
    let bad: [PrivacyEvent] = [
      .gaussian(noiseMultiplier: 0), .gaussian(noiseMultiplier: .nan), .gaussian(noiseMultiplier: .infinity),
      .poissonSampledGaussian(samplingRate: 0, noiseMultiplier: 1),
      .poissonSampledGaussian(samplingRate: 1.5, noiseMultiplier: 1),
      .poissonSampledGaussian(samplingRate: .nan, noiseMultiplier: 1),
      .fixedSizeSampledGaussian(sample: 11, population: 10, noiseMultiplier: 1),
      .laplace(noiseMultiplier: -1), .discreteGaussian(standardDeviation: 1, sensitivity: 0),
      .discreteLaplace(scale: .nan, sensitivity: 1), .randomizedResponse(epsilon: 1, categories: 1),
      .pure(epsilon: 0), .concentrated(rho: 0), .concentrated(rho: .infinity),
      .poissonSampledLaplace(samplingRate: 0, noiseMultiplier: 1),
      .poissonSampledLaplace(samplingRate: 0.1, noiseMultiplier: .nan),
    ]
    for event in bad {
      #expect(throws: AccountingError.self) {
        try kind.accountant.epsilon(of: [RepeatedEvent(event, count: 1)], adjacency: .addOrRemove, delta: 0.1)
      }
    }
  }

  @Test("an unreachable target is refused instead of searched for forever")
  func unreachable() {
    #expect(throws: AccountingError.self) {
      try Calibration.noiseMultiplier(
        epsilon: 1e-9, delta: 1e-12, adjacency: .addOrRemove, accountant: RenyiAccountant()
      ) { [RepeatedEvent(.gaussian(noiseMultiplier: $0), count: 1_000_000)] }
    }
  }
}
