import Foundation

/// A small line chart as SVG. Colours come from the page's style sheet, so that it follows light and dark.
struct LineChart {
  struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Index of the colour in the page's palette, from 1.
    let color: Int
    var showsMarkers = false
  }

  /// A horizontal line across the plot.
  struct Reference {
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

  private static let width = 680.0
  private static let height = 340.0
  private static let left = 64.0
  private static let right = 150.0
  private static let top = 16.0
  private static let bottom = 48.0

  /// The chart, or nil when there is nothing to draw.
  var svg: String? {
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

    var body = ""
    for tick in yAxis.ticks {
      body +=
        "<line class=\"grid\" x1=\"\(at(Self.left))\" x2=\"\(at(Self.left + plotWidth))\" y1=\"\(at(y(tick)))\" y2=\"\(at(y(tick)))\"/>"
      body +=
        "<text class=\"tick\" text-anchor=\"end\" x=\"\(at(Self.left - 8))\" y=\"\(at(y(tick) + 4))\">\(yAxis.label(tick))</text>"
    }
    for tick in xAxis.ticks {
      body +=
        "<text class=\"tick\" text-anchor=\"middle\" x=\"\(at(x(tick)))\" y=\"\(at(Self.top + plotHeight + 18))\">\(xAxis.label(tick))</text>"
    }
    body +=
      "<line class=\"axis\" x1=\"\(at(Self.left))\" x2=\"\(at(Self.left + plotWidth))\" y1=\"\(at(Self.top + plotHeight))\" y2=\"\(at(Self.top + plotHeight))\"/>"
    body +=
      "<text class=\"label\" text-anchor=\"middle\" x=\"\(at(Self.left + plotWidth / 2))\" y=\"\(at(Self.height - 8))\">\(xLabel.escapedForHTML)</text>"
    body +=
      "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 \(at(Self.top + plotHeight / 2))) rotate(-90)\">\(yLabel.escapedForHTML)</text>"
    if showsDiagonal {
      body +=
        "<line class=\"reference\" x1=\"\(at(x(0)))\" y1=\"\(at(y(0)))\" x2=\"\(at(x(1)))\" y2=\"\(at(y(1)))\"/>"
    }

    var labels: [(y: Double, text: String, color: Int)] = []
    for reference in references {
      body +=
        "<line class=\"reference c\(reference.color)\" x1=\"\(at(Self.left))\" x2=\"\(at(Self.left + plotWidth))\" y1=\"\(at(y(reference.y)))\" y2=\"\(at(y(reference.y)))\"/>"
      labels.append(
        (y(reference.y), "\(reference.name) \(yAxis.label(reference.y, extraDigits: 1))", reference.color))
    }
    for one in series {
      let path = one.points.map { "\(at(x($0.x))),\(at(y($0.y)))" }.joined(separator: " ")
      body += "<polyline class=\"series c\(one.color)\" points=\"\(path)\"/>"
      for point in one.points where one.showsMarkers || one.points.count <= 60 {
        body +=
          "<circle class=\"c\(one.color)\" cx=\"\(at(x(point.x)))\" cy=\"\(at(y(point.y)))\" r=\"3\"><title>\(xLabel.escapedForHTML) \(Number.significant(point.x, 5)): \(Number.significant(point.y, 5))</title></circle>"
      }
      if let last = one.points.last {
        labels.append((y(last.y), "\(one.name) \(yAxis.label(last.y, extraDigits: 1))", one.color))
      }
    }
    for label in Self.spread(labels, within: Self.top...(Self.top + plotHeight)) {
      body +=
        "<text class=\"name c\(label.color)\" x=\"\(at(Self.left + plotWidth + 8))\" y=\"\(at(label.y + 4))\">\(label.text.escapedForHTML)</text>"
    }
    return
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(title.escapedForHTML)\" xmlns=\"http://www.w3.org/2000/svg\">\(body)</svg>"
  }

  /// Moves labels apart so that none covers another, keeping their order.
  static func spread(
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

/// A linear axis with round ticks.
struct Axis {
  let ticks: [Double]
  private let low: Double
  private let high: Double
  private let step: Double

  init(from minimum: Double, to maximum: Double, ticks wanted: Int) {
    let span = maximum > minimum ? maximum - minimum : max(abs(minimum) * 0.1, 1e-3)
    let rough = span / Double(wanted)
    let power = pow(10, (log10(rough)).rounded(.down))
    let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
    self.step = step
    let first = (minimum / step + 1e-9).rounded(.down)
    let last = ((minimum + span) / step - 1e-9).rounded(.up)
    low = first * step
    high = last * step
    ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// Where a value lies between the ends, 0 to 1.
  func position(_ value: Double) -> Double { (value - low) / (high - low) }

  /// A value with as many decimals as the ticks need.
  func label(_ value: Double, extraDigits: Int = 0) -> String {
    let decimals = max(0, Int((-log10(step) + 1e-9).rounded(.up))) + (step * 10 == 2.5 || step == 2.5 ? 1 : 0)
    return Number.fixed(value, decimals + extraDigits)
  }
}

extension String {
  /// The text with the characters that HTML gives a meaning replaced.
  var escapedForHTML: String {
    replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}
