import DifferentialPrivacy
import Foundation
import Scenarios
import TestSupport
import Testing

/// Which of several candidates is chosen, against the law that the mechanism has by the ledger's ε and sensitivity.
@Suite("Choices among candidates, for every query that is accepted with central trust")
struct SelectionTests {
  struct Sample {
    let combination: QueryCombination
    /// The candidate of each release.
    let chosen: [Int]
    let utilities: [Int]
    let entries: [[LedgerEntry]]

    init(_ combination: QueryCombination, seed: Int) throws {
      self.combination = combination
      let isQuantile = combination.query.kind == .quantile
      let asked = try Laboratory.own().ask(
        combination.asked(of: QueryPopulations.close, times: times, epsilon: 0.5, seed: seed))
      chosen = asked.result.answers.map { answer in
        let value = answer.lines[0].released ?? -1
        return isQuantile ? [40, 50, 60].firstIndex(of: value) ?? -1 : Int(value)
      }
      let counts = asked.tallies[0][0].bounded.map { Int($0) }
      utilities = isQuantile ? Utilities.quantile(combination.query.quantile, counts) : counts
      entries = (1...times).map { release in asked.result.ledger.filter { $0.round == release } }
    }
  }

  private static let times = 2000

  static let samples = Result {
    try QueryCombination.accepted(.central, .selection).enumerated().map {
      try Sample($0.element, seed: 120 + $0.offset)
    }
  }

  @Test("are as likely as the ledger's ε and sensitivity make them")
  func law() throws {
    try expectNone("choices of another likelihood", of: Self.samples.get(), \.combination) { sample in
      guard sample.entries.allSatisfy({ $0.count == 1 }), let entry = sample.entries[0].first,
        case .pure(let epsilon) = entry.event, let mechanism = sample.combination.query.selections.first
      else { return true }
      let law = SelectionLaw(mechanism, rate: epsilon / (2 * entry.sensitivity)).probabilities(sample.utilities)
      let observed = law.indices.map { candidate in sample.chosen.count { $0 == candidate } }
      return Goodness.chiSquare(observed: observed, expected: law.map { $0 * Double(sample.chosen.count) })
        > Goodness.chiSquareThreshold(freedom: law.count - 1)
    }
  }

  @Test("are made anew in every release")
  func releases() throws {
    try expectNone("choices that releases share", of: Self.samples.get(), \.combination) { sample in
      (0..<3).contains { candidate in
        let hits = sample.chosen.map { $0 == candidate ? 1.0 : 0 }
        let share = hits.reduce(0, +) / Double(hits.count)
        return Measures.excess(ofCorrelationAlong: hits.map { $0 - share }) > 1
      }
    }
  }
}

/// How likely each candidate is.
struct SelectionLaw {
  private let mechanism: Query.Selection
  /// ε/2Δ.
  private let rate: Double

  init(_ mechanism: Query.Selection, rate: Double) {
    self.mechanism = mechanism
    self.rate = rate
  }

  func probabilities(_ utilities: [Int]) -> [Double] {
    let best = utilities.max() ?? 0
    let weights = utilities.map { exp(-rate * Double(best - $0)) }
    switch mechanism {
    case .exponential:
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    case .permuteAndFlip: return flips(weights, left: Array(weights.indices))
    case .reportNoisyMax: return noisyMax(utilities)
    }
  }

  /// The first of a random order whose coin of probability w comes up (McKenna and Sheldon 2020, algorithm 1).
  private func flips(_ weights: [Double], left: [Int]) -> [Double] {
    var law = [Double](repeating: 0, count: weights.count)
    for candidate in left {
      law[candidate] += weights[candidate] / Double(left.count)
      let rest = left.filter { $0 != candidate }
      for (other, probability) in flips(weights, left: rest).enumerated() where !rest.isEmpty {
        law[other] += (1 - weights[candidate]) / Double(left.count) * probability
      }
    }
    return law
  }

  /// Discrete Laplace noise of scale 2Δ/ε on each; the first of equals wins.
  private func noisyMax(_ utilities: [Int]) -> [Double] {
    let ratio = exp(-rate)
    func mass(_ k: Int) -> Double { (1 - ratio) / (1 + ratio) * pow(ratio, Double(abs(k))) }
    func upTo(_ k: Int) -> Double {
      k < 0 ? pow(ratio, Double(-k)) / (1 + ratio) : 1 - pow(ratio, Double(k + 1)) / (1 + ratio)
    }
    let reach = Int(45 / rate)
    return utilities.indices.map { candidate in
      (-reach...reach).reduce(0) { sum, noise in
        let value = utilities[candidate] + noise
        let others = utilities.indices.filter { $0 != candidate }.reduce(1) { product, other in
          product * upTo(value - utilities[other] - (other < candidate ? 1 : 0))
        }
        return sum + mass(noise) * others
      }
    }
  }
}
