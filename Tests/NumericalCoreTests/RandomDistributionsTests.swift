import Foundation
import NumericalCore
import TestSupport
import Testing

/// Each comparison has a false-positive rate of 10⁻⁶ (see `Goodness`).
@Suite("Random distributions", .tags(.statistical))
struct RandomDistributionsTests {
  private let count = 200_000

  @Test("normal numbers follow the normal distribution", arguments: [UInt64(1), 2, 3])
  func normal(seed: UInt64) {
    var buffer = [Double](repeating: 0, count: count)
    buffer.withUnsafeMutableBufferPointer { RandomStream(seed: seed, purpose: .noise).fillNormal($0) }
    let distance = Goodness.kolmogorovSmirnov(buffer) { 0.5 * erfc(-$0 / 2.0.squareRoot()) }
    #expect(distance < Goodness.kolmogorovSmirnovThreshold(count: count))
  }

  @Test("a shorter fill is a prefix of a longer one, and each block can be read alone")
  func prefixes() {
    let stream = RandomStream(seed: 9, purpose: .noise, round: 4)
    func fill(_ count: Int) -> [Double] {
      [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
        stream.fillNormal(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      }
    }
    let long = fill(1001)
    for length in [1, 2, 63, 64, 127, 128, 129, 1000] { #expect(fill(length) == Array(long[..<length])) }
    #expect((0..<500).allSatisfy { stream.normal(at: $0) == long[2 * $0] })
  }

  @Test("a single normal number follows the normal distribution")
  func singleNormal() {
    var stream = RandomStream(seed: 3, purpose: .clientProfile)
    let samples = (0..<count).map { _ in stream.nextNormal() }
    let distance = Goodness.kolmogorovSmirnov(samples) { 0.5 * erfc(-$0 / 2.0.squareRoot()) }
    #expect(distance < Goodness.kolmogorovSmirnovThreshold(count: count))
  }

  @Test("Gamma numbers have the mean and variance of their shape", arguments: [0.05, 0.5, 1, 2.5, 30])
  func gamma(shape: Double) {
    var stream = RandomStream(seed: 11, purpose: .clientProfile)
    let samples = (0..<count).map { _ in stream.nextGamma(shape: shape) }
    #expect(Goodness.standardErrors(samples, from: shape) < Goodness.standardErrorThreshold)
    let squares = samples.map { ($0 - shape) * ($0 - shape) }
    #expect(Goodness.standardErrors(squares, from: shape) < Goodness.standardErrorThreshold)
  }

  @Test("Gamma numbers of shape 1 are exponential")
  func exponential() {
    var stream = RandomStream(seed: 12, purpose: .clientProfile)
    let samples = (0..<count).map { _ in stream.nextGamma(shape: 1) }
    let distance = Goodness.kolmogorovSmirnov(samples) { 1 - exp(-$0) }
    #expect(distance < Goodness.kolmogorovSmirnovThreshold(count: count))
  }

  @Test("Beta numbers have the mean and variance of their shapes", arguments: [(0.2, 0.8), (2, 5), (0.01, 0.04)])
  func beta(a: Double, b: Double) {
    var stream = RandomStream(seed: 13, purpose: .clientProfile)
    let samples = (0..<count).map { _ in stream.nextBeta(a, b) }
    let mean = a / (a + b)
    #expect(Goodness.standardErrors(samples, from: mean) < Goodness.standardErrorThreshold)
    let variance = mean * (1 - mean) / (a + b + 1)
    let squares = samples.map { ($0 - mean) * ($0 - mean) }
    #expect(Goodness.standardErrors(squares, from: variance) < Goodness.standardErrorThreshold)
  }

  @Test("geometric gaps have exactly geometric probabilities", arguments: [0.5, 0.1, 0.9])
  func geometric(success: Double) {
    var stream = RandomStream(seed: 14, purpose: .cohort)
    let cells = 12
    var counts = [Int](repeating: 0, count: cells + 1)
    for _ in 0..<count { counts[min(stream.nextGeometric(logFailure: log(1 - success)), cells)] += 1 }
    var expected = (0..<cells).map { Double(count) * success * pow(1 - success, Double($0)) }
    expected.append(Double(count) * pow(1 - success, Double(cells)))
    // Cells too thin for the chi-square approximation are pooled.
    while let last = expected.last, last < 20 {
      expected.removeLast()
      expected[expected.count - 1] += last
      let moved = counts.removeLast()
      counts[counts.count - 1] += moved
    }
    #expect(
      Goodness.chiSquare(observed: counts, expected: expected)
        < Goodness.chiSquareThreshold(freedom: counts.count - 1))
  }

  @Test("a gap that exceeds every population is still a number")
  func longGaps() {
    var stream = RandomStream(seed: 14, purpose: .cohort)
    #expect((0..<1000).allSatisfy { _ in stream.nextGeometric(logFailure: -1e-300) > 1 << 40 })
  }

  @Test("an alias table draws with its weights, zeros never")
  func aliasTable() {
    let weights = [0.5, 0, 3, 1, 0.001, 7, 0, 2]
    let table = AliasTable(weights: weights)
    var stream = RandomStream(seed: 15, purpose: .examples)
    var counts = [Int](repeating: 0, count: weights.count)
    for _ in 0..<count { counts[table.draw(&stream)] += 1 }
    #expect(counts[1] == 0 && counts[6] == 0)
    let total = weights.reduce(0, +)
    let used = weights.indices.filter { weights[$0] > 0 }
    let statistic = Goodness.chiSquare(
      observed: used.map { counts[$0] }, expected: used.map { weights[$0] / total * Double(count) })
    #expect(statistic < Goodness.chiSquareThreshold(freedom: used.count - 1))
  }
}
