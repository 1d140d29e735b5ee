import Foundation

/// A small line chart as SVG. Colours come from the page's style sheet, so that it follows light and dark.
package struct LineChart {
  package struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Index of the colour in the page's palette, from 1.
    let color: Int
    var showsMarkers = false

    package init(name: String, points: [(x: Double, y: Double)], color: Int, showsMarkers: Bool = false) {
      self.name = name
      self.points = points
      self.color = color
      self.showsMarkers = showsMarkers
    }
  }

  /// A horizontal line across the plot.
  package struct Reference {
    let name: String
    let y: Double
    let color: Int
  }

  let title: String
  let xLabel: String
  let yLabel: String
  var series: [Series]
  var references: [Reference] = []
  /// A dotted line y = x, for calibration plots.
  var showsDiagonal = false

  package init(
    title: String, xLabel: String, yLabel: String, series: [Series], references: [Reference] = [],
    showsDiagonal: Bool = false
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.references = references
    self.showsDiagonal = showsDiagonal
  }

  private static let width = 680.0
  private static let height = 340.0
  private static let left = 64.0
  private static let right = 150.0
  private static let top = 16.0
  private static let bottom = 48.0

  /// The chart, or nil when there is nothing to draw.
  package var svg: String? {
    let points = series.flatMap(\.points)
    guard let minX = points.map(\.x).min(), let maxX = points.map(\.x).max() else { return nil }
    let ys = points.map(\.y) + references.map(\.y)
    guard let minY = ys.min(), let maxY = ys.max() else { return nil }
    let xAxis = Axis(from: showsDiagonal ? 0 : minX, to: showsDiagonal ? 1 : maxX, ticks: 6)
    let yAxis = Axis(from: showsDiagonal ? 0 : minY, to: showsDiagonal ? 1 : maxY, ticks: 6)
    let plotWidth = Self.width - Self.left - Self.right
    let plotHeight = Self.height - Self.top - Self.bottom
    func x(_ value: Double) -> Double { Self.left + plotWidth * xAxis.position(value) }
    func y(_ value: Double) -> Double { Self.top + plotHeight * (1 - yAxis.position(value)) }
    func at(_ value: Double) -> String { Number.fixed(value, 1) }

    let (plotRight, plotBottom) = (Self.left + plotWidth, Self.top + plotHeight)
    func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
      element("line", ["class": style, "x1": at(x1), "y1": at(y1), "x2": at(x2), "y2": at(y2)])
    }
    func label(_ style: String, _ text: String, x: Double, y: Double, anchor: String) -> String {
      element("text", ["class": style, "text-anchor": anchor, "x": at(x), "y": at(y)], text: text)
    }

    var body = ""
    for tick in yAxis.ticks {
      body += line("grid", Self.left, y(tick), plotRight, y(tick))
      body += label("tick", yAxis.label(tick), x: Self.left - 8, y: y(tick) + 4, anchor: "end")
    }
    for tick in xAxis.ticks {
      body += label("tick", xAxis.label(tick), x: x(tick), y: plotBottom + 18, anchor: "middle")
    }
    body += line("axis", Self.left, plotBottom, plotRight, plotBottom)
    body += label("label", xLabel, x: Self.left + plotWidth / 2, y: Self.height - 8, anchor: "middle")
    let rotation = "translate(14 \(at(Self.top + plotHeight / 2))) rotate(-90)"
    body += element("text", ["class": "label", "text-anchor": "middle", "transform": rotation], text: yLabel)
    if showsDiagonal { body += line("reference", x(0), y(0), x(1), y(1)) }

    var names: [(y: Double, text: String, color: Int)] = []
    func name(_ name: String, at value: Double, _ color: Int) {
      names.append((y(value), "\(name) \(yAxis.label(value, extraDigits: 1))", color))
    }
    for reference in references {
      body += line("reference c\(reference.color)", Self.left, y(reference.y), plotRight, y(reference.y))
      name(reference.name, at: reference.y, reference.color)
    }
    for one in series {
      let path = one.points.map { "\(at(x($0.x))),\(at(y($0.y)))" }.joined(separator: " ")
      body += element("polyline", ["class": "series c\(one.color)", "points": path])
      for point in one.points where one.showsMarkers || one.points.count <= 60 {
        let hover = "\(xLabel) \(Number.significant(point.x, 5)): \(Number.significant(point.y, 5))"
        body += element(
          "circle", ["class": "c\(one.color)", "cx": at(x(point.x)), "cy": at(y(point.y)), "r": "3"],
          inner: element("title", text: hover))
      }
      if let last = one.points.last { name(one.name, at: last.y, one.color) }
    }
    for placed in Self.spread(names, within: Self.top...plotBottom) {
      body += label("name c\(placed.color)", placed.text, x: plotRight + 8, y: placed.y + 4, anchor: "start")
    }
    return element(
      "svg",
      [
        "viewBox": "0 0 \(Int(Self.width)) \(Int(Self.height))", "role": "img", "aria-label": title,
        "xmlns": "http://www.w3.org/2000/svg",
      ], inner: body)
  }

  /// Moves labels apart so that none covers another, keeping their order.
  package static func spread(
    _ labels: [(y: Double, text: String, color: Int)], within range: ClosedRange<Double>
  ) -> [(y: Double, text: String, color: Int)] {
    let gap = 15.0
    var placed = labels.sorted { ($0.y, $0.text) < ($1.y, $1.text) }
    for index in placed.indices.dropFirst() {
      placed[index].y = max(placed[index].y, placed[index - 1].y + gap)
    }
    var limit = range.upperBound
    for index in placed.indices.reversed() {
      placed[index].y = min(placed[index].y, limit)
      limit = placed[index].y - gap
    }
    return placed
  }
}
