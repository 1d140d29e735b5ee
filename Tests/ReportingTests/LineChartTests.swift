import Foundation
import NumericalCore
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Charts")
struct LineChartTests {
  /// A text in a drawing, with the box that it takes up.
  struct Label {
    let text: String
    let left: Double
    let right: Double
    let baseline: Double

    func overlaps(_ other: Label) -> Bool {
      // Letters of 12 points reach about 9 above and 3 below the baseline.
      left < other.right && other.left < right && abs(baseline - other.baseline) < 12
    }
  }

  private func attribute(_ name: String, _ tag: Substring) -> String? {
    guard let start = tag.range(of: " \(name)=\"")?.upperBound, let end = tag[start...].firstIndex(of: "\"") else {
      return nil
    }
    return String(tag[start..<end])
  }

  private func labels(_ svg: String) -> [Label] {
    svg.matches(of: /<text[^>]*>([^<]*)<\/text>/).map { match in
      let tag = svg[match.range]
      let x = Double(attribute("x", tag) ?? "") ?? .nan
      // Narrower than the layout's own estimate, so that the two do not agree by construction.
      let width = Double(match.1.count) * 6
      let left =
        switch attribute("text-anchor", tag) {
        case "middle": x - width / 2
        case "end": x - width
        default: x
        }
      return Label(
        text: String(match.1), left: left, right: left + width, baseline: Double(attribute("y", tag) ?? "") ?? .nan)
    }
  }

  /// Checks what a reader would see: every mark is in the frame, every label too, and none covers another.
  private func check(_ chart: LineChart, _ layout: ChartLayout) throws {
    let svg = try #require(chart.svg(layout))
    let box = try #require(attribute("viewBox", svg[...])).split(separator: " ").compactMap { Double($0) }
    try #require(box.count == 4)
    let points = chart.series.flatMap(\.points)
    let marks = svg.matches(of: /<circle class="target"[^>]*>/).map { svg[$0.range] }
    #expect(marks.count == points.count)
    for mark in marks {
      let (x, y) = (
        try #require(Double(attribute("cx", mark) ?? "")), try #require(Double(attribute("cy", mark) ?? ""))
      )
      #expect(x >= 40 && x <= box[2] && y >= 20 && y <= box[3] - 30, "\(mark)")
    }
    let labels = labels(svg)
    #expect(
      labels.allSatisfy { $0.left >= 0 && $0.right <= box[2] && $0.baseline >= 9 && $0.baseline <= box[3] - 2 })
    for (index, label) in labels.enumerated() {
      for other in labels[..<index] where label.overlaps(other) {
        Issue.record("\(layout): \"\(label.text)\" covers \"\(other.text)\"")
      }
    }
    #expect(svg.matches(of: /<polyline/).count == chart.series.count)
  }

  @Test("draw every point, keep labels apart and inside, whatever the data", arguments: 0..<60)
  func structure(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, purpose: .examples)
    let epsilons = [0.01, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 8, 16, 100, 1000].filter { _ in stream.nextUniform() < 0.6
    }
    let xs = (epsilons.isEmpty ? [1] : epsilons) + (stream.nextUniform() < 0.7 ? [.infinity] : [])
    let spread = [1e-4, 0.05, 1, 300][stream.nextInteger(below: 4)]
    let middle = 0.7 + stream.nextNormal() * spread
    let series = (1...1 + stream.nextInteger(below: 6)).map { index in
      LineChart.Series(
        name: "curve \(index)" + String(repeating: " of a long name", count: stream.nextInteger(below: 4)),
        points: xs.map { x in
          let y = middle + spread * stream.nextNormal()
          return LineChart.Point(x: x, y: y, bounds: y - spread...y + spread)
        }, style: index, marked: true)
    }
    let names = ["best reachable", "central, no privacy", "each client alone", "popularity"]
    let references = names.prefix(stream.nextInteger(below: 5)).map {
      LineChart.Reference(name: $0, y: middle + spread * stream.nextNormal())
    }
    let chart = LineChart(
      title: "t", xLabel: "ε", yLabel: "AUC", scale: .logarithmic, series: series, references: references)
    for layout in ChartLayout.allCases { try check(chart, layout) }
  }

  @Test("of rounds do the same on a linear axis", arguments: [1, 7, 100, 1_000_000])
  func rounds(last: Int) throws {
    let chart = LineChart(
      title: "t", xLabel: "round", yLabel: "log loss",
      series: [
        LineChart.Series(
          name: "model",
          points: stride(from: 0, through: Double(last), by: Double(last) / 5).map { ($0, 1 / ($0 + 1)) })
      ], references: [LineChart.Reference(name: "best reachable", y: 0)])
    for layout in ChartLayout.allCases { try check(chart, layout) }
  }

  @Test("are broken where there is no value, and named once")
  func gaps() throws {
    let points: [LineChart.Point?] = [
      .init(x: 0, y: 1), .init(x: 1, y: 2), nil, .init(x: 3, y: 1), .init(x: 4, y: 3), nil,
    ]
    let chart = LineChart(
      title: "t", xLabel: "x", yLabel: "y", series: LineChart.Series.withGaps(name: "broken", points: points))
    for layout in ChartLayout.allCases { try check(chart, layout) }
    let svg = try #require(chart.svg(.wide))
    #expect(
      svg.components(separatedBy: "<polyline").count == 3 && svg.components(separatedBy: ">broken").count == 2)
    #expect(TextPlot(chart).lines.filter { $0.contains("broken") }.count == 1)
    // Nothing at all is an empty chart.
    let empty = LineChart.Series.withGaps(name: "none", points: [nil, nil])
    #expect(empty.count == 1 && LineChart(title: "t", xLabel: "x", yLabel: "y", series: empty).svg(.wide) == nil)
  }

  @Test("escape what they are given")
  func escaping() throws {
    let chart = LineChart(
      title: "<a & \"b\">", xLabel: "x", yLabel: "y",
      series: [LineChart.Series(name: "<script>", points: [(0, 0), (1, 1)])])
    let svg = try #require(chart.svg(.wide))
    #expect(svg.contains("&lt;script&gt;") && !svg.contains("<script>"))
    #expect(svg.contains("&lt;a &amp; &quot;b&quot;&gt;"))
  }

  @Test("by themselves bring their style along, in a page they do not")
  func standalone() throws {
    let chart = LineChart(
      title: "t", xLabel: "x", yLabel: "y", series: [LineChart.Series(name: "a", points: [(0, 0)])])
    let alone = try #require(chart.svg(.wide, standalone: true))
    #expect(alone.contains("<style>") && alone.contains("prefers-color-scheme:dark"))
    #expect(try #require(chart.svg(.wide)).contains("<style>") == false)
    // Well-formed: every element that is opened is closed.
    #expect(XMLParser(data: Data(alone.utf8)).parse())
  }

  @Test("without data are nothing")
  func empty() {
    #expect(LineChart(title: "t", xLabel: "x", yLabel: "y", series: []).svg(.wide) == nil)
    #expect(TextPlot(LineChart(title: "t", xLabel: "x", yLabel: "y", series: [])).lines.isEmpty)
  }

  @Test("move names apart and keep them inside")
  func names() {
    let placed = ChartLayout.spread([100, 101, 102, 10], within: 0...110)
    #expect(placed == [78, 94, 110, 10])
    #expect(ChartLayout.spread([5, 5], within: 0...110) == [5, 21])
  }

  @Test("as text show every curve and every line, and nothing that is not plain")
  func textPlot() {
    let chart = LineChart(
      title: "t", xLabel: "ε", yLabel: "AUC", scale: .logarithmic,
      series: [
        LineChart.Series(name: "first", points: [(0.5, 0.6), (1, 0.7), (.infinity, 0.8)], marked: true),
        LineChart.Series(name: "second", points: [(0.5, 0.5), (1, 0.55), (.infinity, 0.9)], marked: true),
      ], references: [LineChart.Reference(name: "popularity", y: 0.52)])
    let lines = TextPlot(chart).lines
    let plot = lines.dropFirst().prefix(14).joined()
    #expect(plot.count { $0 == "o" } == 3 && plot.count { $0 == "x" } == 3 && plot.contains("---------"))
    #expect(lines.allSatisfy { line in line.allSatisfy { $0.isASCII || $0 == "ε" || $0 == "∞" } })
    #expect(lines.allSatisfy { $0.count < 80 && $0.last != " " })
    #expect(lines.contains { $0.contains("o   first") } && lines.contains { $0.contains("--- popularity 0.520") })
  }
}
