import Curves
import Foundation
import NumericalCore
import Recommender
import Testing

@Suite("Against a line, a curve")
struct StandingTests {
  private let epsilons: [Double] = [0.5, 1, 2, 4, 8, .infinity]

  private func standing(
    seeds: [UInt64] = [1, 2, 3], line: Double = 0.7, noise: Double = 0.001, auc: (Double) -> Double
  ) -> Standing? {
    let curve = Sample.curve(epsilons: epsilons, seeds: seeds, lines: [.popularity: line]) { epsilon, seed in
      auc(epsilon) + noise * (Double(seed) - 2)
    }
    return curve.reference(.popularity).flatMap { Standing(curve, against: $0, metric: .auc) }
  }

  @Test("stands where paired tests of all its places put it")
  func places() {
    #expect(standing { _ in 0.8 } == .alwaysBetter)
    #expect(standing { _ in 0.6 } == .alwaysWorse)
    #expect(standing { _ in 0.7 } == .neverClearlyBetter)
    #expect(standing { $0 <= 1 ? 0.6 : 0.8 } == .worseUpTo(1, betterFrom: 2))
    #expect(standing { $0.isFinite ? 0.6 : 0.8 } == .worseUpTo(8, betterFrom: .infinity))
    #expect(standing { $0 <= 1 ? 0.6 : $0 == 2 ? 0.7 : 0.8 } == .unclearUpTo(2, betterFrom: 4))
    #expect(standing { $0 == 2 ? 0.8 : 0.7 } == .betterOnlyAt([2]))
    #expect(standing { $0 == 1 || $0 > 4 ? 0.8 : 0.6 } == .betterOnlyAt([1, 8, .infinity]))
    // The same means from seeds far apart.
    #expect(standing(noise: 0.2) { _ in 0.8 } == .neverClearlyBetter)
  }

  @Test("cannot be told from one seed, nor from seeds that the line has not")
  func seeds() throws {
    #expect(standing(seeds: [3]) { _ in 0.8 } == .cannotBeTold(seeds: 1))
    let curve = Sample.curve(epsilons: epsilons, seeds: [1, 2, 3]) { _, _ in 0.8 }
    func line(_ seeds: [UInt64]) -> CurveReference {
      CurveReference(
        kind: .popularity, values: seeds.map { SeedValues(seed: $0, values: MetricValues([.auc: 0.5])) })
    }
    #expect(Standing(curve, against: line([4, 5, 6]), metric: .auc) == .cannotBeTold(seeds: 0))
    #expect(Standing(curve, against: line([3, 4, 5]), metric: .auc) == .cannotBeTold(seeds: 1))
    #expect(Standing(curve, against: line([1, 2, 3]), metric: .ndcgAt10) == nil)
    // One place with one seed is enough: nothing is said of it, so nothing of all.
    let short = Sample.curve(epsilons: [16], seeds: [1]) { _, _ in 0.8 }
    let mixed = Curve(
      name: "c", settings: [:], scenario: .null, points: curve.points + short.points, references: [])
    #expect(Standing(mixed, against: line([1, 2, 3]), metric: .auc) == .cannotBeTold(seeds: 1))
  }

  @Test("is said to be clearly anything without reason in at most 5 of 100 cases", .tags(.statistical))
  func falseAlarms() throws {
    let trials = 2000
    var alarms = 0
    for trial in 0..<trials {
      var stream = RandomStream(seed: 8, purpose: .examples, client: trial)
      let curve = Sample.curve(epsilons: epsilons, seeds: [1, 2, 3, 4, 5], lines: [.popularity: 0.5]) { _, _ in
        0.5 + 0.01 * stream.nextNormal()
      }
      let reference = try #require(curve.reference(.popularity))
      let standing = try #require(Standing(curve, against: reference, metric: .auc))
      // Worse places alone are no claim of their own.
      alarms += standing == .neverClearlyBetter ? 0 : 1
    }
    // The seed is fixed. Over other seeds this fails less than once in 10⁴: half of the tests' 5 % is for better.
    #expect(Double(alarms) / Double(trials) < 0.025 + 3.7 * (0.025 * 0.975 / Double(trials)).squareRoot())
  }

  @Test("quantiles of Student's distribution far out are those of its closed forms")
  func farQuantiles() {
    // With one degree of freedom it is Cauchy's: t = tan(π(p − ½)). Intervals ask for it through their bounds.
    let pair = Interval([0, 2])
    for tests in [1, 2, 8, 50, 200] {
      let probability = 1 - 0.025 / Double(tests)
      let t = tan(Double.pi * (probability - 0.5))
      // Mean and standard error are 1 and 1, so that a mean of t·(1 ± δ) is just told, or just not.
      #expect(pair.error == 1)
      #expect(Interval([t * 1.000001 - 1, t * 1.000001 + 1]).excludesZero(amongTests: tests))
      #expect(!Interval([t * 0.999999 - 1, t * 0.999999 + 1]).excludesZero(amongTests: tests))
    }
  }
}
