/// A chart as SVG. Colours come from `ChartStyle`, which the page has once; a drawing that stands alone brings it along.
extension LineChart {
  /// The drawing, or nil when there is nothing to draw.
  /// - Parameter standalone: for a file of its own instead of a page.
  package func svg(_ layout: ChartLayout, standalone: Bool = false) -> String? {
    ChartDrawing(self, layout)?.svg(standalone: standalone)
  }
}

/// One chart being drawn in one layout.
private struct ChartDrawing {
  private let chart: LineChart
  private let layout: ChartLayout
  private let xAxis: any Axis
  private let yAxis: any Axis
  private let names: [Name]
  private let right: Double

  /// A line's name and where it would stand.
  private struct Name {
    let text: String
    let y: Double
    let style: String
    /// Nil for reference lines, which have no marker.
    let marker: Int?
  }

  init?(_ chart: LineChart, _ layout: ChartLayout) {
    guard let axes = chart.axes else { return nil }
    self.chart = chart
    self.layout = layout
    (xAxis, yAxis) = axes
    var names: [Name] = []
    func add(_ name: String, _ y: Double, _ style: String, marker: Int?) {
      let value = axes.y.label(y, extraDigits: 1)
      // A value of many digits leaves little room, and may leave none.
      let room = max(2, layout.longestName - value.count - 1)
      let text = name.count > room ? "\(name.prefix(room - 1))…" : name
      names.append(Name(text: "\(text) \(value)", y: y, style: style, marker: marker))
    }
    for (index, reference) in chart.references.enumerated() {
      add(reference.name, reference.y, "reference r\(index % 4 + 1)", marker: nil)
    }
    for one in chart.series {
      if let last = one.points.last, !one.name.isEmpty {
        add(one.name, last.y, "series s\(one.style)", marker: one.marked ? one.style : 0)
      }
    }
    self.names = names
    right = layout.plotRight(names: names.map(\.text))
  }

  private var bottom: Double { ChartLayout.top + layout.plotHeight }
  private func x(_ value: Double) -> Double {
    ChartLayout.left + (right - ChartLayout.left) * xAxis.position(value)
  }
  private func y(_ value: Double) -> Double { ChartLayout.top + layout.plotHeight * (1 - yAxis.position(value)) }

  func svg(standalone: Bool) -> String {
    let height = layout.height(names: names.count)
    return element(
      "svg",
      [
        "viewBox": "0 0 \(Int(layout.width)) \(at(height))", "role": "img", "aria-label": chart.title,
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart \(layout.rawValue)",
      ],
      inner: (standalone ? element("style", inner: ChartStyle.standalone) : "") + frame + lines + legend)
  }

  private var frame: String {
    var body = label("title", chart.yLabel, x: 4, y: 14, anchor: "start")
    for tick in yAxis.ticks {
      body += line("grid", ChartLayout.left, y(tick), right, y(tick))
      body += label("tick", yAxis.label(tick), x: ChartLayout.left - 8, y: y(tick) + 4, anchor: "end")
    }
    // A phone has room for fewer ticks: leave out those that would run into the one before.
    var end = -Double.infinity
    for tick in xAxis.ticks {
      let text = xAxis.label(tick)
      let half = ChartLayout.textWidth(text) / 2
      body += line("axis", x(tick), bottom, x(tick), bottom + 5)
      let center = min(x(tick), layout.width - half)
      guard center - half > end + 4 else { continue }
      end = center + half
      body += label("tick", text, x: center, y: bottom + 19, anchor: "middle")
    }
    body += line("axis", ChartLayout.left, bottom, right, bottom)
    if let broken = (xAxis as? LogarithmicAxis)?.breakPosition {
      let at = ChartLayout.left + (right - ChartLayout.left) * broken
      for offset in [-3.0, 3] { body += line("axis", at + offset - 3, bottom + 5, at + offset + 3, bottom - 5) }
    }
    body += label(
      "title", chart.xLabel, x: (ChartLayout.left + right) / 2, y: bottom + 38, anchor: "middle")
    if chart.showsDiagonal { body += line("reference r1", x(0), y(0), x(1), y(1)) }
    return body
  }

  private var lines: String {
    var body = ""
    for (index, reference) in chart.references.enumerated() {
      body += line("reference r\(index % 4 + 1)", ChartLayout.left, y(reference.y), right, y(reference.y))
    }
    for one in chart.series { body += band(one) }
    for one in chart.series { body += curve(one) }
    return body
  }

  /// The confidence intervals: a band over finite places, and a bar where a point stands alone.
  private func band(_ one: LineChart.Series) -> String {
    let inBand = one.joined ? one.points.filter { $0.bounds != nil && $0.x.isFinite } : []
    var body = ""
    if inBand.count > 1 {
      let upper = inBand.map { "\(at(x($0.x))),\(at(y($0.bounds?.upperBound ?? $0.y)))" }
      let lower = inBand.reversed().map { "\(at(x($0.x))),\(at(y($0.bounds?.lowerBound ?? $0.y)))" }
      // Many bands over each other would hide the lines.
      let style = chart.series.count > 2 ? "faint band" : "band"
      body += element(
        "polygon", ["class": "\(style) s\(one.style)", "points": (upper + lower).joined(separator: " ")])
    }
    for point in one.points where inBand.count < 2 || !point.x.isFinite {
      guard let bounds = point.bounds else { continue }
      let (low, high) = (y(bounds.lowerBound), y(bounds.upperBound))
      body += line("bar s\(one.style)", x(point.x), low, x(point.x), high)
      for end in [low, high] { body += line("bar s\(one.style)", x(point.x) - 4, end, x(point.x) + 4, end) }
    }
    return body
  }

  private func curve(_ one: LineChart.Series) -> String {
    let finite = one.points.filter(\.x.isFinite)
    let path = finite.map { "\(at(x($0.x))),\(at(y($0.y)))" }.joined(separator: " ")
    var body = one.joined ? element("polyline", ["class": "series s\(one.style)", "points": path]) : ""
    if one.joined, let last = finite.last, let open = one.points.last, !open.x.isFinite {
      body += line("series beyond s\(one.style)", x(last.x), y(last.y), x(open.x), y(open.y))
    }
    for point in one.points where one.marked || one.points.count <= 60 {
      let tip =
        point.tip
        ?? "\(chart.xLabel) \(Number.significant(point.x, 5)): \(chart.yLabel) \(Number.significant(point.y, 5))"
      // An invisible disc, large enough for a finger, takes the pointer.
      let target = element("circle", ["class": "target", "cx": at(x(point.x)), "cy": at(y(point.y)), "r": "11"])
      body += element(
        "g", ["class": "point", "data-tip": tip],
        inner: element("title", text: tip)
          + marker(one.marked ? one.style : 0, style: one.style, x: x(point.x), y: y(point.y)) + target)
    }
    return body
  }

  private var legend: String {
    var body = ""
    let range = ChartLayout.top + 4...bottom
    let first = bottom + ChartLayout.bottom + 6
    let places =
      layout == .wide
      ? ChartLayout.spread(names.map { y($0.y) }, within: range)
      : names.indices.map { first + Double($0) * ChartLayout.nameHeight }
    for (name, place) in zip(names, places) {
      let start = layout == .wide ? right + 8 : ChartLayout.left - 44
      if layout == .wide, abs(place - y(name.y)) > 2 {
        // A name that was moved keeps a thread to its line.
        body += line("thread", right, y(name.y), start, place)
      }
      body += line(name.style, start, place, start + 20, place)
      if let style = name.marker { body += marker(style, style: style, x: start + 10, y: place) }
      body += label("name", name.text, x: start + ChartLayout.swatch, y: place + 4, anchor: "start")
    }
    return body
  }

  // MARK: Marks

  /// A disc, square, triangle, diamond, … by style; a small disc for style 0.
  private func marker(_ shape: Int, style: Int, x: Double, y: Double) -> String {
    func polygon(_ corners: [(Double, Double)]) -> String {
      let points = corners.map { "\(at(x + $0.0)),\(at(y + $0.1))" }.joined(separator: " ")
      return element("polygon", ["class": "mark s\(style)", "points": points])
    }
    switch shape {
    case 0: return element("circle", ["class": "mark s\(max(style, 1))", "cx": at(x), "cy": at(y), "r": "2.5"])
    case 2: return polygon([(-4, -4), (4, -4), (4, 4), (-4, 4)])
    case 3: return polygon([(0, -5), (4.6, 3.4), (-4.6, 3.4)])
    case 4: return polygon([(0, -5.4), (5.4, 0), (0, 5.4), (-5.4, 0)])
    case 5: return polygon([(0, 5), (4.6, -3.4), (-4.6, -3.4)])
    case 6: return polygon([(-5, 0), (-2, -5), (2, -5), (5, 0), (2, 5), (-2, 5)])
    default: return element("circle", ["class": "mark s\(style)", "cx": at(x), "cy": at(y), "r": "4"])
    }
  }

  private func at(_ value: Double) -> String { Number.fixed(value, 1) }

  private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    element("line", ["class": style, "x1": at(x1), "y1": at(y1), "x2": at(x2), "y2": at(y2)])
  }

  private func label(_ style: String, _ text: String, x: Double, y: Double, anchor: String) -> String {
    element("text", ["class": style, "text-anchor": anchor, "x": at(x), "y": at(y)], text: text)
  }
}
