import AggregationSchemes
import NumericalCore
import Testing

@Suite("Sums over groups")
struct RobustSumTests {
  private func sums(_ groups: Int, _ dimension: Int, seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed, purpose: .examples)
    return (0..<groups).map { _ in (0..<dimension).map { _ in (1000 * stream.nextNormal()).rounded() } }
  }

  private func kept(_ groups: [[Double]], trimmed: Int) -> [Double] {
    RobustSum.kept(groups.flatMap { $0 }, groups: groups.count, trimmed: trimmed)
  }

  @Test("of one group are its own, and trimming leaves out the ends of each coordinate")
  func definition() {
    #expect(kept([[1, 2]], trimmed: 0) == [1, 2])
    let groups: [[Double]] = [[1, -9], [5, 0], [2, 7], [100, 1], [3, 2]]
    #expect(kept(groups, trimmed: 0) == [111, 1])
    #expect(kept(groups, trimmed: 1) == [10, 3])
    #expect(kept(groups, trimmed: 2) == [3, 1])
  }

  /// The privacy argument: what one client can move is no longer than its own update.
  @Test("move no farther than one group's sums do", arguments: 0..<40)
  func sensitivity(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .noise)
    let groups = 3 + stream.nextInteger(below: 9)
    let trimmed = stream.nextInteger(below: (groups - 1) / 2 + 1)
    let before = sums(groups, 30, seed: seed)
    var after = before
    let changed = stream.nextInteger(below: groups)
    // Small steps and large ones, which change the order of the groups.
    let size = [1.0, 300, 100_000][stream.nextInteger(below: 3)]
    for j in 0..<30 { after[changed][j] += (size * stream.nextNormal()).rounded() }
    func length(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    let moved = length(kept(before, trimmed: trimmed), kept(after, trimmed: trimmed))
    #expect(moved <= length(before[changed], after[changed]) * (1 + 1e-12))
    // With the last group's update as the whole change, the bound is met somewhere: it is not loose.
    #expect(
      length(kept(before, trimmed: 0), kept(after, trimmed: 0))
        == length(before[changed], after[changed]))
  }

  @Test("ignore attackers in fewer groups than are trimmed")
  func robustness() {
    var groups = sums(9, 5, seed: 3)
    for group in 0..<3 { groups[group] = [Double](repeating: 1e12, count: 5) }
    #expect(kept(groups, trimmed: 3).allSatisfy { abs($0) < 1e5 })
    #expect(kept(groups, trimmed: 2).allSatisfy { $0 > 1e11 })
  }
}
