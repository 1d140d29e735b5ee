import DifferentialPrivacy
import Foundation
import NumericalCore
import TestSupport
import Testing

/// Samples against exact probabilities; each comparison has a false-positive rate of 10⁻⁶ (see `Goodness`).
@Suite("Mechanisms", .tags(.statistical))
struct MechanismTests {
  private let count = 60_000

  /// Chi-square of samples against probabilities; cells that expect fewer than 20 are pooled.
  private func matches(_ samples: [Int], _ probabilities: [(value: Int, probability: Double)]) -> Bool {
    var counts: [Int: Int] = [:]
    for sample in samples { counts[sample, default: 0] += 1 }
    var observed: [Int] = []
    var expected: [Double] = []
    for (value, probability) in probabilities where probability * Double(samples.count) >= 20 {
      observed.append(counts[value, default: 0])
      expected.append(probability * Double(samples.count))
    }
    let rest = Double(samples.count) - expected.reduce(0, +)
    if rest >= 20 {
      observed.append(samples.count - observed.reduce(0, +))
      expected.append(rest)
    }
    return Goodness.chiSquare(observed: observed, expected: expected)
      < Goodness.chiSquareThreshold(freedom: max(1, observed.count - 1))
  }

  @Test(
    "discrete Laplace noise has the geometric probabilities", arguments: [(1, 1.0), (3, 0.5), (1, 4), (10, 0.25)])
  func discreteLaplace(sensitivity: Int, epsilon: Double) throws {
    let mechanism = try DiscreteLaplaceMechanism(sensitivity: sensitivity, epsilon: epsilon)
    var stream = RandomStream(seed: 1, purpose: .noise)
    let samples = (0..<count).map { _ in mechanism.release(7, from: &stream) - 7 }
    let ratio = epsilon / Double(sensitivity)
    let mass = tanh(ratio / 2)
    #expect(matches(samples, (-400...400).map { ($0, mass * exp(-ratio * Double(abs($0)))) }))
    #expect(
      Goodness.standardErrors(samples.map { Double($0 * $0) }, from: mechanism.variance)
        < Goodness.standardErrorThreshold)
    #expect(mechanism.event == .discreteLaplace(scale: Double(sensitivity) / epsilon, sensitivity: sensitivity))
  }

  @Test("discrete Gaussian noise has the probabilities of its formula", arguments: [0.3, 0.8, 1, 2.5, 12])
  func discreteGaussian(deviation: Double) throws {
    let mechanism = try DiscreteGaussianMechanism(sensitivity: 1, standardDeviation: deviation)
    var stream = RandomStream(seed: 2, purpose: .noise)
    let samples = (0..<count).map { _ in mechanism.release(-3, from: &stream) + 3 }
    let weights = (-200...200).map { ($0, exp(-Double($0 * $0) / (2 * deviation * deviation))) }
    let total = weights.reduce(0) { $0 + $1.1 }
    #expect(matches(samples, weights.map { ($0.0, $0.1 / total) }))
    #expect(mechanism.variance >= deviation * deviation && mechanism.variance < deviation * deviation * (1 + 1e-6))
  }

  @Test("discrete Gaussian noise is as good on the lattice of the simulator")
  func wideDiscreteGaussian() throws {
    let deviation = 1.5 * 0x1p24
    let mechanism = try DiscreteGaussianMechanism(sensitivity: 1 << 24, standardDeviation: deviation)
    var stream = RandomStream(seed: 3, purpose: .noise)
    let samples = (0..<count).map { _ in Double(mechanism.sample(from: &stream)) }
    let distance = Goodness.kolmogorovSmirnov(samples) { 0.5 * erfc(-$0 / deviation / 2.0.squareRoot()) }
    #expect(distance < Goodness.kolmogorovSmirnovThreshold(count: count))
  }

  @Test("rounded noise has the probability of the interval that rounds to each number", arguments: [0.6, 1.0, 4.0])
  func rounded(scale: Double) throws {
    var stream = RandomStream(seed: 9, purpose: .noise)
    let gaussian = try RoundedGaussianMechanism(sensitivity: 2, standardDeviation: scale)
    let laplace = try RoundedLaplaceMechanism(sensitivity: 2, scale: scale)
    func normalBelow(_ x: Double) -> Double { 0.5 * erfc(-x / scale / 2.0.squareRoot()) }
    func laplaceBelow(_ x: Double) -> Double { x < 0 ? 0.5 * exp(x / scale) : 1 - 0.5 * exp(-x / scale) }
    func cells(_ below: (Double) -> Double) -> [(value: Int, probability: Double)] {
      (-100...100).map { ($0, below(Double($0) + 0.5) - below(Double($0) - 0.5)) }
    }
    let normals = (0..<count).map { _ in gaussian.release(5, from: &stream) - 5 }
    #expect(matches(normals, cells(normalBelow)))
    let laplaces = (0..<count).map { _ in laplace.release(5, from: &stream) - 5 }
    #expect(matches(laplaces, cells(laplaceBelow)))
    let exact = cells(laplaceBelow).reduce(0.0) { $0 + Double($1.value * $1.value) * $1.probability }
    #expect(abs(laplace.variance / exact - 1) < 1e-6)
    if scale >= 1 {
      let exactNormal = cells(normalBelow).reduce(0.0) { $0 + Double($1.value * $1.value) * $1.probability }
      #expect(abs(gaussian.variance / exactNormal - 1) < 1e-6)
    }
    #expect(gaussian.event == .gaussian(noiseMultiplier: scale / 2))
    #expect(laplace.event == .laplace(noiseMultiplier: scale / 2))
  }

  static let utilities = [[0, 0, 0], [3, 1, 0, 2], [5, 5, 1], [-4, 7, 2, 2, 0], [9]]

  @Test("the exponential mechanism has its exponential probabilities", arguments: utilities)
  func exponential(utilities: [Int]) throws {
    let mechanism = try ExponentialMechanism(sensitivity: 2, epsilon: 1.5)
    var stream = RandomStream(seed: 4, purpose: .noise)
    let samples = (0..<count).map { _ in mechanism.select(utilities, from: &stream) }
    let weights = utilities.map { exp(1.5 * Double($0) / 4) }
    let total = weights.reduce(0, +)
    #expect(matches(samples, weights.enumerated().map { ($0.offset, $0.element / total) }))
  }

  /// Permute-and-flip's probabilities by trying all orders.
  private func permuteAndFlip(_ utilities: [Int], epsilon: Double, sensitivity: Double) -> [Double] {
    let best = utilities.max() ?? 0
    let coins = utilities.map { exp(epsilon * Double($0 - best) / (2 * sensitivity)) }
    var result = [Double](repeating: 0, count: utilities.count)
    func visit(_ left: [Int], probability: Double) {
      for (position, candidate) in left.enumerated() {
        let drawn = probability / Double(left.count)
        result[candidate] += drawn * coins[candidate]
        var rest = left
        rest.remove(at: position)
        visit(rest, probability: drawn * (1 - coins[candidate]))
      }
    }
    visit(Array(utilities.indices), probability: 1)
    return result
  }

  @Test("permute-and-flip has the probabilities of all its orders, and is never worse", arguments: utilities)
  func permuteAndFlip(utilities: [Int]) throws {
    let mechanism = try PermuteAndFlip(sensitivity: 2, epsilon: 1.5)
    var stream = RandomStream(seed: 5, purpose: .noise)
    let samples = (0..<count).map { _ in mechanism.select(utilities, from: &stream) }
    let exact = permuteAndFlip(utilities, epsilon: 1.5, sensitivity: 2)
    #expect(matches(samples, exact.enumerated().map { ($0.offset, $0.element) }))
    let weights = utilities.map { exp(1.5 * Double($0) / 4) }
    let best = utilities.max() ?? 0
    let exponentialBest =
      zip(utilities, weights).reduce(0) { $0 + ($1.0 == best ? $1.1 : 0) } / weights.reduce(0, +)
    let flipBest = zip(utilities, exact).reduce(0) { $0 + ($1.0 == best ? $1.1 : 0) }
    #expect(flipBest >= exponentialBest - 1e-12)
  }

  @Test("report-noisy-max has the probabilities of its noise", arguments: utilities)
  func reportNoisyMax(utilities: [Int]) throws {
    let mechanism = try ReportNoisyMax(sensitivity: 2, epsilon: 1.5)
    var stream = RandomStream(seed: 6, purpose: .noise)
    let samples = (0..<count).map { _ in mechanism.select(utilities, from: &stream) }
    // P(candidate wins) = Σ over its noisy value v of P(v)·Π P(others are below, or equal and later).
    let ratio = 1.5 / 4
    func below(_ k: Int) -> Double {
      // P(noise ≤ k)
      let r = exp(-ratio)
      return k >= 0 ? 1 - pow(r, Double(k + 1)) / (1 + r) : pow(r, Double(-k)) / (1 + r)
    }
    let exact = utilities.indices.map { candidate in
      (-200...200).reduce(0.0) { sum, noise in
        let value = utilities[candidate] + noise
        let others = utilities.indices.filter { $0 != candidate }.reduce(1.0) { product, other in
          product * below(value - utilities[other] - (other < candidate ? 1 : 0))
        }
        return sum + (below(noise) - below(noise - 1)) * others
      }
    }
    #expect(abs(exact.reduce(0, +) - 1) < 1e-9)
    #expect(matches(samples, exact.enumerated().map { ($0.offset, $0.element) }))
  }

  @Test("selections keep their ε: no neighbour changes a probability by more than e^ε", arguments: [0.3, 2.0])
  func selectionPrivacy(epsilon: Double) {
    let utilities = [3, 1, 0, 2]
    let before = permuteAndFlip(utilities, epsilon: epsilon, sensitivity: 1)
    for change in 0..<81 {
      // Every utility moves by −1, 0 or 1.
      let moved = utilities.enumerated().map { $0.element + change / Int(pow(3.0, Double($0.offset))) % 3 - 1 }
      let after = permuteAndFlip(moved, epsilon: epsilon, sensitivity: 1)
      #expect(zip(before, after).allSatisfy { abs(log($0 / $1)) <= epsilon + 1e-9 })
    }
  }

  @Test("randomised response tells the truth as often as it says", arguments: [(2, 1.0), (5, 0.5), (3, 3)])
  func randomizedResponse(categories: Int, epsilon: Double) throws {
    let mechanism = try RandomizedResponse(categories: categories, epsilon: epsilon)
    var stream = RandomStream(seed: 7, purpose: .noise)
    let samples = (0..<count).map { _ in mechanism.answer(1, from: &stream) }
    let total = exp(epsilon) + Double(categories - 1)
    #expect(matches(samples, (0..<categories).map { ($0, ($0 == 1 ? exp(epsilon) : 1) / total) }))
    #expect(abs(mechanism.truthProbability - exp(epsilon) / total) < 1e-12)
  }

  @Test("the estimate from randomised answers is unbiased, with the stated variance")
  func estimates() throws {
    let mechanism = try RandomizedResponse(categories: 4, epsilon: 1)
    let estimates = (0..<2000).map { trial -> Double in
      var stream = RandomStream(seed: 8, purpose: .noise, round: trial)
      let answers = (0..<100).count { mechanism.answer($0 < 30 ? 2 : $0 % 2, from: &stream) == 2 }
      return mechanism.estimate(answers: answers, of: 100)
    }
    #expect(Goodness.standardErrors(estimates, from: 30) < Goodness.standardErrorThreshold)
    #expect(
      Goodness.standardErrors(
        estimates.map { ($0 - 30) * ($0 - 30) }, from: mechanism.variance(count: 30, of: 100))
        < Goodness.standardErrorThreshold)
  }

  @Test("the secure source gives other noise every time, with the same distribution")
  func secureSource() throws {
    var source = SecureRandomSource()
    let mechanism = try DiscreteLaplaceMechanism(sensitivity: 1, epsilon: 0.01)
    let first = (0..<20).map { _ in mechanism.release(0, from: &source) }
    let second = (0..<20).map { _ in mechanism.release(0, from: &source) }
    #expect(first != second)
    #expect(SecureRandomSource.about != RandomStream.about)
  }

  @Test("refuse parameters without a meaning")
  func refusals() {
    #expect(throws: AccountingError.self) { try DiscreteLaplaceMechanism(sensitivity: 0, epsilon: 1) }
    #expect(throws: AccountingError.self) { try ExponentialMechanism(sensitivity: 1, epsilon: 0) }
    #expect(throws: AccountingError.self) { try PermuteAndFlip(sensitivity: 1, epsilon: .nan) }
    #expect(throws: AccountingError.self) { try RandomizedResponse(categories: 1, epsilon: 1) }
    #expect(throws: AccountingError.self) { try DiscreteGaussianMechanism(sensitivity: 1, standardDeviation: 0) }
  }
}
