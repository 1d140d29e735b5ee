import Foundation
import Reporting
import Testing

@Suite("Line charts")
struct LineChartTests {
  @Test(
    "have round ticks that cover the data", arguments: [(0.0, 1.0), (0.4999, 0.8271), (3, 1_000_000), (-2, 5e-3)])
  func ticks(low: Double, high: Double) {
    let axis = Axis(from: low, to: high, ticks: 6)
    #expect(axis.ticks.count >= 2 && axis.ticks.count <= 9)
    #expect(axis.position(low) >= -1e-9 && axis.position(high) <= 1 + 1e-9)
    #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 })
    #expect(Set(axis.ticks.map { axis.label($0) }).count == axis.ticks.count)
  }

  @Test("of a single value still have an axis")
  func degenerate() {
    let axis = Axis(from: 5, to: 5, ticks: 6)
    #expect(axis.ticks.count >= 2)
    #expect((0...1).contains(axis.position(5)))
  }

  @Test("move labels apart and keep them inside")
  func labels() {
    let placed = LineChart.spread(
      [(100, "a", 1), (101, "b", 1), (102, "c", 1), (10, "d", 1)], within: 0...110)
    #expect(placed.map(\.text) == ["d", "a", "b", "c"])
    #expect(zip(placed, placed.dropFirst()).allSatisfy { $1.y - $0.y >= 15 - 1e-9 })
    #expect(placed.allSatisfy { (0...110).contains($0.y) })
  }

  @Test("escape what they are given")
  func escaping() throws {
    let chart = LineChart(
      title: "<a & \"b\">", xLabel: "x", yLabel: "y",
      series: [LineChart.Series(name: "<script>", points: [(0, 0), (1, 1)], color: 1)])
    let svg = try #require(chart.svg)
    #expect(svg.contains("&lt;script&gt;") && !svg.contains("<script>"))
    #expect(svg.contains("&lt;a &amp; &quot;b&quot;&gt;"))
  }

  @Test("without data are nothing")
  func empty() {
    #expect(LineChart(title: "t", xLabel: "x", yLabel: "y", series: []).svg == nil)
  }
}
