import Curves
import NumericalCore
import Recommender
import Testing

@Suite("Paired differences")
struct PairedDifferenceTests {
  /// What a seed does to every curve, large against what the curves differ by.
  private func luck(_ seed: UInt64) -> Double {
    var stream = RandomStream(seed: seed, purpose: .examples)
    return 0.05 * stream.nextNormal()
  }

  @Test("find a small difference that the spread of each curve hides")
  func sharper() throws {
    let seeds: [UInt64] = [1, 2, 3, 4, 5]
    let a = Sample.curve("a", epsilons: [1, 2], seeds: seeds) { epsilon, seed in
      0.7 + self.luck(seed) + 0.002 * epsilon
    }
    let b = Sample.curve("b", epsilons: [1, 2], seeds: seeds) { epsilon, seed in
      0.7 + self.luck(seed) + 0.001 * Double(seed % 2)
    }
    let differences = PairedDifference.between(a, b, metric: .auc)
    #expect(differences.map(\.position) == [1, 2])
    #expect(differences.allSatisfy { $0.isReal })
    // Side by side the intervals of the two curves overlap.
    let first = try #require(a.points[1].interval(.auc)?.bounds)
    let second = try #require(b.points[1].interval(.auc)?.bounds)
    #expect(first.overlaps(second))
  }

  @Test("of the same runs are none, and the other way round change their sign")
  func symmetry() {
    let a = Sample.curve("a", epsilons: [1]) { _, seed in 0.7 + self.luck(seed) }
    let b = Sample.curve("b", epsilons: [1]) { _, seed in 0.6 + 2 * self.luck(seed) }
    #expect(PairedDifference.between(a, a, metric: .auc).allSatisfy { !$0.isReal && $0.interval.mean == 0 })
    #expect(
      PairedDifference.between(a, b, metric: .auc)[0].interval.mean
        == -PairedDifference.between(b, a, metric: .auc)[0].interval.mean)
  }

  @Test("use only places and seeds that both curves have")
  func common() {
    let a = Sample.curve("a", epsilons: [1, 2, .infinity], seeds: [1, 2, 3]) { _, _ in 0.7 }
    let b = Sample.curve("b", epsilons: [2, 4, .infinity], seeds: [3, 4]) { _, _ in 0.6 }
    let differences = PairedDifference.between(a, b, metric: .auc)
    #expect(differences.map(\.position) == [2, .infinity])
    // One common seed says nothing about spread.
    #expect(differences.allSatisfy { $0.interval.count == 1 && $0.interval.bounds == nil && !$0.isReal })
    #expect(PairedDifference.between(a, b, metric: .ndcgAt10).isEmpty)
  }

  @Test("call a difference real by chance in 5 of 100 cases", .tags(.statistical))
  func falseAlarms() {
    let trials = 2000
    var alarms = 0
    for trial in 0..<trials {
      var stream = RandomStream(seed: 5, purpose: .examples, client: trial)
      let noise = (0..<10).map { _ in stream.nextNormal() }
      let a = Sample.curve("a", epsilons: [1], seeds: [0, 1, 2, 3, 4]) { _, seed in noise[Int(seed)] }
      let b = Sample.curve("b", epsilons: [1], seeds: [0, 1, 2, 3, 4]) { _, seed in noise[Int(seed) + 5] }
      alarms += PairedDifference.between(a, b, metric: .auc)[0].isReal ? 1 : 0
    }
    // The seed is fixed. Over other seeds this fails once in 10⁶.
    let deviation = (0.05 * 0.95 / Double(trials)).squareRoot()
    #expect(abs(Double(alarms) / Double(trials) - 0.05) < 4.9 * deviation)
  }
}
