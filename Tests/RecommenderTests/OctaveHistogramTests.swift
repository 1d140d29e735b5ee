import NumericalCore
import Recommender
import Testing

@Suite("Histograms of sizes and norms")
struct OctaveHistogramTests {
  private func drawn(_ count: Int) -> (values: [Double], histogram: OctaveHistogram) {
    var stream = RandomStream(seed: 3, purpose: .examples)
    let values = (0..<count).map { _ in stream.nextLogNormal(median: 40, spread: 1) }
    var histogram = OctaveHistogram()
    for value in values { histogram.record(Float(value)) }
    return (values.sorted(), histogram)
  }

  @Test("know quantiles to within a bin")
  func quantiles() throws {
    let (values, histogram) = drawn(5000)
    for share in [0.01, 0.1, 0.5, 0.9, 0.99] {
      let exact = values[Int(share * 5000) - 1]
      #expect(abs(try #require(histogram.quantile(share)) / exact - 1) < 0.05)
    }
    #expect(OctaveHistogram().quantile(0.5) == nil)
  }

  @Test("cut into ten groups that hold everything once, about as much each")
  func groups() {
    let (values, histogram) = drawn(5000)
    let groups = histogram.groups(10)
    #expect(groups.count == 10)
    #expect(zip(groups, groups.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    #expect(
      groups.allSatisfy { group in histogram.count(in: group) == values.count { group.contains(Double(Float($0))) }
      })
    #expect(groups.reduce(0) { $0 + histogram.count(in: $1) } == 5000)
    #expect(groups.allSatisfy { abs(histogram.count(in: $0) - 500) < 200 })
  }

  @Test("of equal numbers are one group, and add up in any order")
  func degenerate() {
    var (a, b) = (OctaveHistogram(), OctaveHistogram())
    for _ in 0..<9 { a.record(40) }
    b.record(0)
    b.record(.infinity)
    #expect(a.groups(10).count == 1)
    var (ab, ba) = (a, b)
    ab.add(b)
    ba.add(a)
    #expect(ab == ba && ab.counts.reduce(0, +) == 11)
    #expect(OctaveHistogram(counts: ab.counts) == ab)
    #expect(OctaveHistogram(counts: ab.counts.dropLast()) == nil)
  }
}
