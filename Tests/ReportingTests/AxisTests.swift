import Foundation
import Reporting
import Testing

@Suite("Axes")
struct AxisTests {
  @Test(
    "have round ticks that cover the data", arguments: [(0.0, 1.0), (0.4999, 0.8271), (3, 1_000_000), (-2, 5e-3)])
  func linear(low: Double, high: Double) {
    let axis = LinearAxis(from: low, to: high)
    #expect(axis.ticks.count >= 2 && axis.ticks.count <= 9)
    #expect(axis.position(low) >= -1e-9 && axis.position(high) <= 1 + 1e-9)
    #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 })
    #expect(Set(axis.ticks.map { axis.label($0) }).count == axis.ticks.count)
  }

  @Test("label ticks as they are, also in steps of a quarter", arguments: [0.15, 1.5, 15, 150, 1500])
  func labels(span: Double) {
    let axis = LinearAxis(from: 0, to: span)
    for tick in axis.ticks { #expect(abs((Double(axis.label(tick)) ?? .nan) - tick) < 1e-9 * span) }
  }

  @Test("of a single value still have an axis")
  func degenerate() {
    let axis = LinearAxis(from: 5, to: 5)
    #expect(axis.ticks.count >= 2)
    #expect((0...1).contains(axis.position(5)))
  }

  @Test("of ε put infinity at the end, apart from all that is finite")
  func logarithmic() throws {
    let axis = LogarithmicAxis([0.5, 1, 2, 4, 8, .infinity])
    #expect(axis.ticks == [0.5, 1, 2, 4, 8, .infinity])
    #expect(axis.ticks.map { axis.label($0) } == ["0.5", "1", "2", "4", "8", "∞"])
    let places = axis.ticks.map { axis.position($0) }
    #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
    let broken = try #require(axis.breakPosition)
    #expect(places[4] < broken && broken < places[5] && places[5] < 1)
    // Equal factors are equal distances.
    #expect(abs((places[1] - places[0]) - (places[3] - places[2])) < 1e-12)
    #expect(LogarithmicAxis([1, 2]).breakPosition == nil)
  }

  @Test(
    "of many values fall back to few ticks",
    arguments: [[Double]]([(1...60).map { Double($0) }, [1e-6, 1, 1e6], [3]]))
  func crowded(values: [Double]) {
    let axis = LogarithmicAxis(values)
    let places = axis.ticks.map { axis.position($0) }
    #expect(!places.isEmpty && places.count < 12)
    #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 > 0.06 })
    #expect(values.allSatisfy { (0...1).contains(axis.position($0)) })
  }
}
