import FederationProtocol
import NumericalCore
import Recommender
import Testing

@Suite("Counters over held-out clients")
struct AdditiveCountsTests {
  /// As many random counters of a kind as it has.
  private func random(_ count: Int, seed: UInt64) -> [Int64] {
    var stream = RandomStream(seed: seed, purpose: .examples)
    return (0..<count).map { _ in Int64(stream.nextInteger(below: 1000)) }
  }

  private func check<Counts: AdditiveCounts>(_ type: Counts.Type, _ length: Int, wrong: [Int]) throws {
    let all = try (0..<3).map { try #require(Counts(values: random(length, seed: UInt64($0)))) }
    for (seed, counts) in all.enumerated() { #expect(counts.values == random(length, seed: UInt64(seed))) }
    // In any order, and coordinate by coordinate.
    var (forwards, backwards) = (all[0], all[2])
    forwards.add(all[1])
    forwards.add(all[2])
    backwards.add(all[0])
    backwards.add(all[1])
    #expect(forwards == backwards)
    #expect(forwards.values == (0..<length).map { j in all.reduce(0) { $0 + $1.values[j] } })
    for other in wrong { #expect(Counts(values: random(other, seed: 9)) == nil, "\(other) of \(length)") }
  }

  @Test("come back from their numbers, add up in any order, and refuse another number of them")
  func everyKind() throws {
    let scores = EvaluationCounts().values.count
    try check(EvaluationCounts.self, scores, wrong: [0, scores - 1, scores + 1])
    let bins = OctaveHistogram.bins
    try check(SizeCounts.self, bins, wrong: [0, bins - 1, bins + 1, bins + 3])
    try check(UpdateCounts.self, bins + 3, wrong: [0, 2, 3, bins, bins + 2, bins + 4])
    try check(LinkageCounts.self, 5, wrong: [0, 4, 6])
    try check(FeatureCounts.self, 12, wrong: [0, 1])
    try check(CellCounts.self, 7, wrong: [])
  }

  @Test("have each a kind of their own")
  func kinds() {
    let kinds: [CountKind] = [
      EvaluationCounts.kind, CellCounts.kind, SizeCounts.kind, UpdateCounts.kind, LinkageCounts.kind,
      FeatureCounts.kind,
    ]
    #expect(Set(kinds) == Set(CountKind.allCases) && kinds.count == CountKind.allCases.count)
  }
}
