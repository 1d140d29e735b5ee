import Coordinator
import Foundation
import Scenarios
import TestSupport
import Testing

extension Tag {
  /// Compares samples with a distribution; the false-positive rate is stated.
  @Tag static var statistical: Self
}

func makeScenario(
  clients: Int = 1000, cohort: String, privacy: String = "\"none\"", rounds: Int = 10, compression: String? = nil
) throws -> Scenario {
  let value = try JSONValue(
    utf8: """
      {"name": "t", "population": {"kind": "synthetic-alpha-beta", "clients": \(clients)},
       "training": {"rounds": \(rounds), "cohort": \(cohort)\(compression.map { ", \"compression\": \($0)" } ?? "")},
       "privacy": \(privacy)}
      """.utf8)
  return try Scenario(value, file: "test")
}

@Suite("Cohorts")
struct CohortSamplerTests {
  private func sampler(_ cohort: String, clients: Int = 1000, seed: UInt64 = 1) throws -> CohortSampler {
    CohortSampler(
      settings: try makeScenario(clients: clients, cohort: cohort).training.cohort, clients: clients, seed: seed)
  }

  @Test(
    "are ascending, without repetition, within the population, and the same when asked again",
    arguments: [
      #"{"expectedSize": 100}"#, #"{"sampling": "fixed-size", "expectedSize": 100}"#, #"{"sampling": "full"}"#,
    ])
  func form(cohort: String) throws {
    let sampler = try sampler(cohort)
    for round in 1...50 {
      let drawn = sampler.cohort(round: round)
      #expect(zip(drawn, drawn.dropFirst()).allSatisfy { $0 < $1 })
      #expect(drawn.allSatisfy { $0 < 1000 })
      #expect(sampler.cohort(round: round) == drawn)
    }
  }

  @Test(
    "of Poisson sampling take each client with probability q, independently", .tags(.statistical),
    arguments: [10, 100, 900])
  func poisson(expected: Int) throws {
    let (clients, rounds) = (1000, 2000)
    let q = Double(expected) / Double(clients)
    let sampler = try sampler("{\"expectedSize\": \(expected)}")
    var taken = [Int](repeating: 0, count: clients)
    var both = 0
    var sizes: [Double] = []
    for round in 1...rounds {
      let drawn = sampler.cohort(round: round)
      for client in drawn { taken[Int(client)] += 1 }
      // Neighbours are where dependence would show first, because gaps are drawn.
      let members = Set(drawn)
      both += (0..<clients - 1).count { members.contains(UInt32($0)) && members.contains(UInt32($0 + 1)) }
      sizes.append(Double(drawn.count))
    }
    let variance = Double(rounds) * q * (1 - q)
    let statistic = taken.reduce(0.0) { sum, count in
      let difference = Double(count) - Double(rounds) * q
      return sum + difference * difference / variance
    }
    #expect(statistic < Goodness.chiSquareThreshold(freedom: clients))
    #expect(statistic > Double(clients) - 5 * (2 * Double(clients)).squareRoot())
    // The size is binomial: a size drawn first would not have this variance.
    #expect(Goodness.standardErrors(sizes, from: Double(expected)) < Goodness.standardErrorThreshold)
    let squares = sizes.map { ($0 - Double(expected)) * ($0 - Double(expected)) }
    #expect(
      Goodness.standardErrors(squares, from: Double(clients) * q * (1 - q)) < Goodness.standardErrorThreshold)
    let pairs = Double(rounds * (clients - 1))
    // Overlapping pairs are dependent; three times the independent variance bounds theirs.
    let pairVariance = 3 * pairs * q * q
    #expect(abs(Double(both) - pairs * q * q) < Goodness.standardErrorThreshold * pairVariance.squareRoot())
  }

  @Test(
    "of tiers take each client with the probability of its tier, and those who opted out never", .tags(.statistical)
  )
  func tiers() throws {
    let privacy = """
      {"delta": 1e-5, "tiers": {"a": {"share": 0.5, "epsilon": 1}, "b": {"share": 0.3, "epsilon": 8}, "c": {"share": 0.2}}}
      """
    let scenario = try makeScenario(cohort: #"{"expectedSize": 100}"#, privacy: privacy)
    let tiers = try #require(scenario.privacy?.tiers)
    let rates = [0.05, 0.25, 0]
    let sampler = CohortSampler(
      settings: scenario.training.cohort, clients: 1000, seed: 1, tiers: (tiers, rates))
    let own = (0..<1000).map { tiers.index(ofClient: $0, seed: 1) }
    let rounds = 2000
    var taken = [Int](repeating: 0, count: 1000)
    for round in 1...rounds { for client in sampler.cohort(round: round) { taken[Int(client)] += 1 } }
    for tier in 0..<3 {
      let members = own.indices.filter { own[$0] == tier }
      // Six deviations of a binomial share of 1 000 clients.
      #expect(abs(Double(members.count) - 1000 * tiers.tiers[tier].share) < 6 * 16)
      if rates[tier] == 0 {
        #expect(members.allSatisfy { taken[$0] == 0 })
        continue
      }
      let expected = Double(rounds) * rates[tier]
      let statistic = members.reduce(0.0) { sum, client in
        let difference = Double(taken[client]) - expected
        return sum + difference * difference / (expected * (1 - rates[tier]))
      }
      #expect(statistic < Goodness.chiSquareThreshold(freedom: members.count))
    }
  }

  @Test("from the system's source are others each time they are drawn, at the same rates", .tags(.statistical))
  func secure() throws {
    let privacy = """
      {"delta": 1e-5, "tiers": {"a": {"share": 0.5, "epsilon": 1}, "b": {"share": 0.3, "epsilon": 8}, "c": {"share": 0.2}}}
      """
    let scenario = try makeScenario(cohort: #"{"expectedSize": 100}"#, privacy: privacy)
    let tiers = try #require(scenario.privacy?.tiers)
    let rates = [0.05, 0.25, 0]
    let sampler = CohortSampler(
      settings: scenario.training.cohort, clients: 1000, seed: 1, source: .secure, tiers: (tiers, rates))
    #expect(sampler.cohort(round: 1) != sampler.cohort(round: 1))
    var taken = [Int](repeating: 0, count: 3)
    let rounds = 500
    for _ in 1...rounds {
      for client in sampler.cohort(round: 1) { taken[tiers.index(ofClient: Int(client), seed: 1)] += 1 }
    }
    for tier in 0..<3 {
      let members = (0..<1000).count { tiers.index(ofClient: $0, seed: 1) == tier }
      let draws = Double(members * rounds)
      // Six deviations of a binomial count: a false positive in less than one of 10⁸ runs.
      #expect(
        abs(Double(taken[tier]) - draws * rates[tier]) <= 6 * (draws * rates[tier] * (1 - rates[tier])).squareRoot()
      )
    }
    let fixed = CohortSampler(
      settings: try makeScenario(cohort: #"{"sampling": "fixed-size", "expectedSize": 50}"#).training.cohort,
      clients: 1000, seed: 1, source: .secure)
    #expect(fixed.cohort(round: 1).count == 50)
    #expect(fixed.cohort(round: 1) != fixed.cohort(round: 1))
  }

  @Test("of fixed size have exactly that size, every client equally often", .tags(.statistical))
  func fixedSize() throws {
    let sampler = try sampler(#"{"sampling": "fixed-size", "expectedSize": 50}"#)
    var taken = [Int](repeating: 0, count: 1000)
    for round in 1...2000 {
      let drawn = sampler.cohort(round: round)
      #expect(drawn.count == 50)
      for client in drawn { taken[Int(client)] += 1 }
    }
    let variance = 2000 * 0.05 * 0.95
    let statistic = taken.reduce(0.0) { $0 + (Double($1) - 100) * (Double($1) - 100) / variance }
    #expect(statistic < Goodness.chiSquareThreshold(freedom: 1000))
  }

  @Test("of full participation are everyone")
  func full() throws {
    #expect(try sampler(#"{"sampling": "full"}"#).cohort(round: 3) == Array(0..<1000))
    #expect(try sampler(#"{"expectedSize": 1000}"#).cohort(round: 3) == Array(0..<1000))
  }

  @Test("of another round or seed are others")
  func keys() throws {
    let first = try sampler(#"{"expectedSize": 100}"#)
    #expect(first.cohort(round: 1) != first.cohort(round: 2))
    #expect(try sampler(#"{"expectedSize": 100}"#, seed: 2).cohort(round: 1) != first.cohort(round: 1))
  }

  @Test("of ten out of a hundred million clients cost nothing that grows with the population")
  func hugePopulations() throws {
    let sampler = try sampler(#"{"expectedSize": 10}"#, clients: 100_000_000)
    let clock = ContinuousClock()
    let time = clock.measure { for round in 1...1000 { _ = sampler.cohort(round: round) } }
    // A coin for each client would take minutes; the bound is loose because machines are noisy.
    #expect(time < .seconds(10))
  }
}
