import DifferentialPrivacy
import Foundation
import NumericalCore
import TestSupport
import Testing

@Suite("Gaussian noise on the lattice")
struct GaussianLatticeNoiseTests {
  private func noise(_ deviation: Double, count: Int, seed: UInt64 = 1) -> [Double] {
    var normal = [Double](repeating: 0, count: count)
    normal.withUnsafeMutableBufferPointer { RandomStream(seed: seed, purpose: .noise).fillNormal($0) }
    var sums = [Double](repeating: 0, count: count)
    normal.withUnsafeBufferPointer { normal in
      sums.withUnsafeMutableBufferPointer {
        GaussianLatticeNoise(standardDeviation: deviation).add(normal: normal, to: $0)
      }
    }
    return sums
  }

  @Test(
    "is whole, and each whole number has the Gaussian's probability of rounding to it", .tags(.statistical),
    arguments: [0.4, 1, 3.3])
  func distribution(deviation: Double) {
    let count = 200_000
    let samples = noise(deviation, count: count)
    #expect(samples.allSatisfy { $0 == $0.rounded() })
    let reach = Int((3 * deviation).rounded(.up))
    var observed = [Int](repeating: 0, count: 2 * reach + 1)
    for sample in samples { observed[max(0, min(2 * reach, Int(sample) + reach))] += 1 }
    func below(_ x: Double) -> Double { 0.5 * erfc(-x / deviation / 2.0.squareRoot()) }
    let expected = (-reach...reach).map { k -> Double in
      let from = k == -reach ? 0 : below(Double(k) - 0.5)
      let to = k == reach ? 1 : below(Double(k) + 0.5)
      return Double(count) * (to - from)
    }
    #expect(
      Goodness.chiSquare(observed: observed, expected: expected)
        < Goodness.chiSquareThreshold(freedom: 2 * reach))
  }

  @Test("has the deviation asked for, far above one step too", .tags(.statistical))
  func deviation() {
    let deviation = 1.511 * 0x1p24
    let samples = noise(deviation, count: 100_000)
    #expect(Goodness.standardErrors(samples, from: 0) < Goodness.standardErrorThreshold)
    #expect(
      Goodness.standardErrors(samples.map { $0 * $0 }, from: deviation * deviation)
        < Goodness.standardErrorThreshold)
  }

  @Test("adds to what is there")
  func addition() {
    var sums: [Double] = [0x1p50, -3, 0]
    let normal: [Double] = [1, -0.5, 0.26]
    normal.withUnsafeBufferPointer { normal in
      sums.withUnsafeMutableBufferPointer {
        GaussianLatticeNoise(standardDeviation: 10).add(normal: normal, to: $0)
      }
    }
    #expect(sums == [0x1p50 + 10, -8, 3])
  }
}
