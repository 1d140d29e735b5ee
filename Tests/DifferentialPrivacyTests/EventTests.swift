import DifferentialPrivacy
import Foundation
import TestSupport
import Testing

/// Events against figures of dp-accounting 0.6.0, which rounds losses up: its ε is an upper bound, and a near one.
@Suite("Sampled and local events", .tags(.conformance))
struct EventTests {
  private func check(_ event: PrivacyEvent, _ adjacency: Adjacency, row: ReferenceTable.Row) throws {
    let events = [RepeatedEvent(event, count: row.integer("rounds"))]
    let (delta, reference) = (row.number("delta"), row.number("epsilon"))
    let found = try PrivacyLossAccountant().epsilon(of: events, adjacency: adjacency, delta: delta)
    let lower = try #require(found.lower)
    #expect(lower <= reference && found.upper >= reference * 0.998)
    #expect(found.upper <= reference * 1.002)
    #expect(found.upper - lower <= 0.005 * found.upper)
    // What proves less is no better.
    let renyi = try RenyiAccountant().epsilon(of: events, adjacency: adjacency, delta: delta).upper
    #expect(renyi >= lower)
  }

  static let replaced = ReferenceTable("replace_one_reference", in: .module).rows

  @Test("Poisson sampling when a unit is replaced", arguments: replaced)
  func replaceOne(row: ReferenceTable.Row) throws {
    // Noise over the clipping norm C is twice that over 2C, the distance between a unit and its replacement.
    let multiplier = row.number("noise_over_clipping_norm") / 2
    let rate = row.number("sampling_rate")
    try check(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier), .replaceOne, row: row)
  }

  static let laplace = ReferenceTable("sampled_laplace_reference", in: .module).rows

  @Test("Laplace noise on a Poisson sample", arguments: laplace)
  func sampledLaplace(row: ReferenceTable.Row) throws {
    let event = PrivacyEvent.poissonSampledLaplace(
      samplingRate: row.number("sampling_rate"), noiseMultiplier: row.number("noise_multiplier"))
    try check(event, .addOrRemove, row: row)
  }

  static let responses = ReferenceTable("randomized_response_reference", in: .module).rows

  @Test("randomised response under both adjacencies", arguments: responses)
  func randomizedResponse(row: ReferenceTable.Row) throws {
    let adjacency = try #require(Adjacency(rawValue: row.text("adjacency")))
    let event = PrivacyEvent.randomizedResponse(
      epsilon: row.number("epsilon_of_one"), categories: row.integer("categories"))
    try check(event, adjacency, row: row)
  }

  static let concentratedRows = ReferenceTable("concentrated_reference", in: .module).rows

  @Test("mechanisms of which only ρ is known", arguments: concentratedRows)
  func concentrated(row: ReferenceTable.Row) throws {
    let events = [RepeatedEvent(.concentrated(rho: row.number("rho")), count: row.integer("rounds"))]
    for kind in [AccountantKind.rdp, .zcdp] {
      let found = try kind.accountant.epsilon(of: events, adjacency: .addOrRemove, delta: row.number("delta"))
      #expect(found.lower == nil)
      #expect(abs(found.upper / row.number("epsilon") - 1) < 0.001)
    }
  }

  static let fixedSizeRows = ReferenceTable("fixed_size_reference", in: .module).rows

  @Test(
    "fixed-size sampling has the ε of the pair that dominates it, far below other proofs", arguments: fixedSizeRows)
  func fixedSize(row: ReferenceTable.Row) throws {
    let (sample, population) = (row.integer("sample"), row.integer("population"))
    let multiplier = row.number("noise_multiplier")
    let (rounds, delta) = (row.integer("rounds"), row.number("delta"))
    let events = [
      RepeatedEvent(
        .fixedSizeSampledGaussian(sample: sample, population: population, noiseMultiplier: multiplier),
        count: rounds)
    ]
    let found = try PrivacyLossAccountant().epsilon(of: events, adjacency: .replaceOne, delta: delta)
    #expect(found.upper >= row.number("epsilon_low") && found.upper <= row.number("epsilon_high") * 1.001)
    // From below it is Poisson sampling at the same distance: one dataset that has this pair exists.
    let rate = Double(sample) / Double(population)
    let poisson = try PrivacyLossAccountant().epsilon(
      of: [RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier), count: rounds)],
      adjacency: .addOrRemove, delta: delta)
    let lower = try #require(found.lower)
    #expect(lower == poisson.lower && found.upper >= poisson.upper * 0.999)
    let renyi = try RenyiAccountant().epsilon(of: events, adjacency: .replaceOne, delta: delta).upper
    #expect(renyi >= found.upper && renyi <= row.number("epsilon_rdp"))
  }

  @Test("one round of fixed-size sampling costs what one of Poisson sampling does")
  func oneRound() throws {
    for (sample, multiplier, delta) in [(1, 0.5, 1e-3), (20, 1.0, 1e-5), (99, 4, 1e-8)] {
      let fixed = PrivacyEvent.fixedSizeSampledGaussian(
        sample: sample, population: 100, noiseMultiplier: multiplier)
      let found = try PrivacyLossAccountant().epsilon(
        of: [RepeatedEvent(fixed, count: 1)], adjacency: .replaceOne, delta: delta)
      let poisson = PrivacyEvent.poissonSampledGaussian(
        samplingRate: Double(sample) / 100, noiseMultiplier: multiplier)
      let other = try PrivacyLossAccountant().epsilon(
        of: [RepeatedEvent(poisson, count: 1)], adjacency: .addOrRemove, delta: delta)
      #expect(found.upper >= (try #require(other.lower)) && found.upper <= other.upper * 1.001)
    }
  }

  /// The exact δ of one release, by summing over a fine grid.
  private func exactDelta(
    _ epsilon: Double, _ density: (Double) -> Double, _ place: Double, rate: Double, from: Double, to: Double
  ) -> Double {
    let count = 2_000_000
    let step = (to - from) / Double(count)
    return (0..<count).reduce(0.0) { sum, i in
      let x = from + (Double(i) + 0.5) * step
      let middle = (1 - rate) * density(x)
      let p = middle + rate * density(x - place)
      let q = middle + rate * density(x + place)
      return sum + max(p - exp(epsilon) * q, 0) * step
    }
  }

  @Test("one release about a replaced unit has the δ of its two mixtures", arguments: [(0.3, 1.0), (0.02, 0.4)])
  func replacedOnce(rate: Double, multiplier: Double) throws {
    let gaussian = PrivacyEvent.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
    let laplace = PrivacyEvent.poissonSampledLaplace(samplingRate: rate, noiseMultiplier: multiplier)
    for (event, density) in [
      (
        gaussian,
        { (x: Double) in exp(-x * x / (2 * multiplier * multiplier)) / (multiplier * (2 * Double.pi).squareRoot()) }
      ),
      (laplace, { (x: Double) in exp(-abs(x) / multiplier) / (2 * multiplier) }),
    ] {
      for epsilon in [0, 0.05, 0.3] {
        let exact = exactDelta(epsilon, density, 0.5, rate: rate, from: -40 * multiplier, to: 40 * multiplier)
        let found = try PrivacyLossAccountant().delta(
          of: [RepeatedEvent(event, count: 1)], adjacency: .replaceOne, epsilon: epsilon)
        let lower = try #require(found.lower)
        #expect(lower <= exact * 1.0001 + 1e-12 && found.upper >= exact * 0.9999)
        #expect(found.upper - lower <= 0.01 * exact + 1e-12)
      }
    }
  }

  @Test("sampling with rate 1 is no sampling, under either adjacency", arguments: Adjacency.allCases)
  func rateOne(adjacency: Adjacency) throws {
    let pairs: [(PrivacyEvent, PrivacyEvent)] = [
      (.poissonSampledGaussian(samplingRate: 1, noiseMultiplier: 3), .gaussian(noiseMultiplier: 3)),
      (.poissonSampledLaplace(samplingRate: 1, noiseMultiplier: 3), .laplace(noiseMultiplier: 3)),
    ]
    for (sampled, plain) in pairs {
      for kind in AccountantKind.allCases where kind != .pure || plain.name == "laplace" {
        #expect(
          try kind.accountant.epsilon(of: [RepeatedEvent(sampled, count: 9)], adjacency: adjacency, delta: 1e-5)
            == kind.accountant.epsilon(of: [RepeatedEvent(plain, count: 9)], adjacency: adjacency, delta: 1e-5))
      }
    }
    // Nearly all units are nearly everyone.
    let nearly = PrivacyEvent.poissonSampledGaussian(samplingRate: 1 - 1e-9, noiseMultiplier: 3)
    let close = try PrivacyLossAccountant().epsilon(
      of: [RepeatedEvent(nearly, count: 9)], adjacency: adjacency, delta: 1e-5)
    let whole = try PrivacyLossAccountant().epsilon(
      of: [RepeatedEvent(.gaussian(noiseMultiplier: 3), count: 9)], adjacency: adjacency, delta: 1e-5)
    #expect(abs(close.upper / whole.upper - 1) < 0.003)
  }

  @Test("pure ε of sampled Laplace noise and of a uniform answer bounds every outcome's ratio")
  func pureEpsilon() throws {
    func pure(_ event: PrivacyEvent, _ adjacency: Adjacency) throws -> Double {
      try PureAccountant().epsilon(of: [RepeatedEvent(event, count: 1)], adjacency: adjacency, delta: 0.1).upper
    }
    let laplace = PrivacyEvent.poissonSampledLaplace(samplingRate: 0.2, noiseMultiplier: 0.5)
    #expect(abs(try pure(laplace, .addOrRemove) - log(0.8 + 0.2 * exp(2))) < 1e-12)
    #expect(abs(try pure(laplace, .replaceOne) - log((0.8 + 0.2 * exp(1)) / (0.8 + 0.2 * exp(-1)))) < 1e-12)
    // Three answers, the truth with e^1.5/(e^1.5 + 2).
    let response = PrivacyEvent.randomizedResponse(epsilon: 1.5, categories: 3)
    let truth = exp(1.5) / (exp(1.5) + 2)
    let expected = max(log(3 * truth), log(1 / (3 * (1 - truth) / 2)))
    #expect(abs(try pure(response, .addOrRemove) - expected) < 1e-12)
  }
}

/// Settings at the edges of what scenarios take.
@Suite("Brackets at the edges")
struct EdgeTests {
  /// What is composed, how often, at which δ, and how wide the bracket may be.
  static let settings: [(PrivacyEvent, Int, Double, Double)] = [
    (.poissonSampledGaussian(samplingRate: 1e-5, noiseMultiplier: 0.7), 100_000, 1e-9, 0.003),
    (.poissonSampledGaussian(samplingRate: 1.74e-6, noiseMultiplier: 0.6), 382_901, 2.3e-8, 0.02),
    (.poissonSampledGaussian(samplingRate: 0.03, noiseMultiplier: 0.7), 10_000_000, 1e-7, 0.005),
    (.poissonSampledGaussian(samplingRate: 1e-3, noiseMultiplier: 0.5), 10_000_000, 1e-12, 0.005),
    (.poissonSampledGaussian(samplingRate: 0.3, noiseMultiplier: 20), 10_000_000, 1e-5, 0.005),
    (.poissonSampledGaussian(samplingRate: 1e-4, noiseMultiplier: 0.2), 1_000_000, 1e-9, 0.005),
    (.poissonSampledGaussian(samplingRate: 0.01, noiseMultiplier: 0.001), 100_000, 1e-5, 0.005),
  ]

  @Test("are narrow, and composed in stages give what is composed at once", arguments: settings)
  func narrow(event: PrivacyEvent, rounds: Int, delta: Double, width: Double) throws {
    let events = [RepeatedEvent(event, count: rounds)]
    let found = try PrivacyLossAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: delta)
    let lower = try #require(found.lower)
    #expect(lower <= found.upper && found.upper - lower <= width * found.upper)
  }

  /// 0.096059 is what losses split between the points of one lattice of 10⁻⁶ give, tilted and composed at once by numpy
  /// 2.4; on 4·10⁻⁶ and 2·10⁻⁶ it is 0.096067 and 0.096061.
  @Test("rare large losses leave ε within a quarter of a per cent of the true one")
  func heavyTail() throws {
    let event = PrivacyEvent.poissonSampledGaussian(samplingRate: 1e-5, noiseMultiplier: 0.7)
    let found = try PrivacyLossAccountant().epsilon(
      of: [RepeatedEvent(event, count: 100_000)], adjacency: .addOrRemove, delta: 1e-9)
    let lower = try #require(found.lower)
    #expect(lower <= 0.096056 && found.upper >= 0.096056)
    #expect(lower >= 0.096056 * 0.9975 && found.upper <= 0.096056 * 1.0025)
  }
}
