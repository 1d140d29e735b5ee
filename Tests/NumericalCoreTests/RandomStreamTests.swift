import NumericalCore
import TestSupport
import Testing

@Suite("Random streams")
struct RandomStreamTests {
  private func words(
    _ seed: UInt64, _ purpose: RandomPurpose, round: Int = 0, client: Int = 0, count: Int = 16
  ) -> [UInt32] {
    var stream = RandomStream(seed: seed, purpose: purpose, round: round, client: client)
    return (0..<count).map { _ in stream.nextWord() }
  }

  @Test("are a function of seed, purpose, round and client, and of each of them")
  func keys() {
    let first = words(1, .noise, round: 2, client: 3)
    #expect(first == words(1, .noise, round: 2, client: 3))
    let others = [
      words(2, .noise, round: 2, client: 3), words(1, .cohort, round: 2, client: 3),
      words(1, .noise, round: 3, client: 3), words(1, .noise, round: 2, client: 4),
      words(1 << 40, .noise, round: 2, client: 3),
    ]
    for other in others { #expect(Set(first).isDisjoint(with: other)) }
  }

  @Test("of clients whose numbers have more than 32 bits are streams of their own")
  func longNumbers() {
    let long = 1 << 62 | 7 << 40 | 3
    let first = words(1, .tier, round: 2, client: long)
    #expect(first == words(1, .tier, round: 2, client: long))
    // Neither the lower nor the upper half decides alone, and none is what it is cut to.
    for other in [
      words(1, .tier, round: 2, client: 3), words(1, .tier, round: 2, client: long + 1),
      words(1, .tier, round: 2, client: long + 1 << 32), words(1, .tier, round: 3, client: long),
      words(2, .tier, round: 2, client: long), words(1, .fate, round: 2, client: long),
      words(1, .tier, round: 2, client: 0), words(1, .tier, round: 2, client: 1 << 32),
    ] { #expect(Set(first).isDisjoint(with: other)) }
  }

  @Test("draw evenly over clients with long numbers", .tags(.statistical))
  func longNumbersAreEven() {
    var counts = [Int](repeating: 0, count: 50)
    for client in 0..<50_000 {
      var stream = RandomStream(seed: 3, purpose: .tier, client: 1 << 61 | client << 13)
      counts[stream.nextInteger(below: 50)] += 1
    }
    let expected = [Double](repeating: 1000, count: 50)
    #expect(Goodness.chiSquare(observed: counts, expected: expected) < Goodness.chiSquareThreshold(freedom: 49))
  }

  @Test("of different purposes have different keys")
  func purposes() {
    let firsts = RandomPurpose.allCases.map { words(7, $0) }
    #expect(Set(firsts).count == RandomPurpose.allCases.count)
    #expect(Set(RandomPurpose.allCases.map(\.rawValue)).count == RandomPurpose.allCases.count)
  }

  @Test("never reach the ends of the unit interval")
  func openInterval() {
    #expect(openUniform(0) == 0x1p-53)
    #expect(openUniform(.max) == 1 - 0x1p-53)
  }

  @Test("draw integers uniformly, also where 2³² is not a multiple", .tags(.statistical), arguments: [3, 10, 1000])
  func integers(bound: Int) {
    var stream = RandomStream(seed: 5, purpose: .examples)
    var counts = [Int](repeating: 0, count: bound)
    let draws = 200_000
    for _ in 0..<draws { counts[stream.nextInteger(below: bound)] += 1 }
    let expected = [Double](repeating: Double(draws) / Double(bound), count: bound)
    #expect(
      Goodness.chiSquare(observed: counts, expected: expected) < Goodness.chiSquareThreshold(freedom: bound - 1))
  }

  @Test("accept the whole range of bounds")
  func extremeBounds() {
    var stream = RandomStream(seed: 5, purpose: .examples)
    #expect(stream.nextInteger(below: 1) == 0)
    #expect((0..<100).allSatisfy { _ in (0..<1 << 32).contains(stream.nextInteger(below: 1 << 32)) })
  }
}
