import Recommender
import Testing

@Suite("Linkage counters")
struct LinkageCountsTests {
  @Test("add up to the rates, over workers too")
  func rates() throws {
    var first = LinkageCounts()
    first.record(rows: 1, isInTable: true, told: 0.5)
    first.record(rows: 4, isInTable: true, told: 0)
    // Left out of the table: whatever rows fit are not its own.
    first.record(rows: 3, isInTable: false, told: 0.25)
    var second = LinkageCounts()
    second.record(rows: 2, isInTable: true, told: 1)
    second.add(first)
    let rates = try #require(LinkageCounts(values: second.values)?.rates(candidates: 7, bound: 0.75))
    #expect(
      rates
        == LinkageRates(
          candidates: 7, linked: (1 + 0.25 + 0.5) / 4, singledOut: 1 / 4, told: 1.75 / 4, bound: 0.75))
    var noTable = LinkageCounts()
    noTable.record(rows: nil, isInTable: false, told: 0.5)
    let none = try #require(noTable.rates(candidates: 2, bound: nil))
    #expect(none.linked == nil && none.singledOut == nil && none.told == 0.5)
    #expect(LinkageCounts().rates(candidates: 2, bound: nil) == nil && LinkageCounts(values: [1, 2]) == nil)
  }
}
