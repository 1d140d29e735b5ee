/// A chart of lines over one axis: what is drawn, without how.
package struct LineChart {
  /// One line.
  package struct Series {
    package let name: String
    package let points: [Point]
    /// From 1; colour, marker and dashes follow from it, so that no line is told apart by colour alone.
    package let style: Int
    /// Whether points get a marker.
    package let marked: Bool
    /// Whether a line goes through the points, which then are in its order; otherwise they stand alone.
    package let joined: Bool

    package init(name: String, points: [Point], style: Int = 1, marked: Bool = false, joined: Bool = true) {
      self.joined = joined
      self.name = name
      self.points = points
      self.style = style
      self.marked = marked
    }

    /// A line that is broken where there is no value: one piece at least, of which only the last has the name.
    package static func withGaps(
      name: String, points: [Point?], style: Int = 1, marked: Bool = false
    ) -> [Series] {
      let pieces = points.split { $0 == nil }.map { $0.compactMap { $0 } }
      if pieces.isEmpty { return [Series(name: name, points: [Point](), style: style, marked: marked)] }
      return pieces.enumerated().map { index, piece in
        Series(name: index + 1 == pieces.count ? name : "", points: piece, style: style, marked: marked)
      }
    }

    /// A line without intervals or words.
    package init(name: String, points: [(x: Double, y: Double)], style: Int = 1, marked: Bool = false) {
      self.init(
        name: name, points: points.map { Point(x: $0.x, y: $0.y, bounds: nil, tip: nil) }, style: style,
        marked: marked)
    }
  }

  /// One value, perhaps with its confidence interval and what is said when a reader points at it.
  package struct Point: Equatable {
    package let x: Double
    package let y: Double
    package let bounds: ClosedRange<Double>?
    package let tip: String?

    package init(x: Double, y: Double, bounds: ClosedRange<Double>? = nil, tip: String? = nil) {
      self.x = x
      self.y = y
      self.bounds = bounds
      self.tip = tip
    }
  }

  /// A horizontal line across the plot.
  package struct Reference {
    package let name: String
    package let y: Double

    package init(name: String, y: Double) {
      self.name = name
      self.y = y
    }
  }

  /// How an axis runs.
  package enum Scale {
    case linear
    case logarithmic
  }

  package let title: String
  package let xLabel: String
  package let yLabel: String
  package var scale = Scale.linear
  /// How the vertical axis runs.
  package var yScale = Scale.linear
  package var series: [Series]
  package var references: [Reference] = []
  /// A line y = x between 0 and 1, for calibration plots.
  package var showsDiagonal = false

  package init(
    title: String, xLabel: String, yLabel: String, scale: Scale = .linear, yScale: Scale = .linear,
    series: [Series], references: [Reference] = [], showsDiagonal: Bool = false
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.scale = scale
    self.yScale = yScale
    self.series = series
    self.references = references
    self.showsDiagonal = showsDiagonal
  }

  /// The axes that hold everything, or nil when there is nothing to draw.
  var axes: (x: any Axis, y: any Axis)? {
    let points = series.flatMap(\.points)
    let xs = points.map(\.x)
    let finite = xs.filter(\.isFinite)
    let ys = points.flatMap { [$0.bounds?.lowerBound ?? $0.y, $0.y, $0.bounds?.upperBound ?? $0.y] }
    guard let lowY = (ys + references.map(\.y)).min(), let highY = (ys + references.map(\.y)).max(), !xs.isEmpty
    else { return nil }
    let y: any Axis =
      yScale == .logarithmic
      ? LogarithmicAxis(ys + references.map(\.y))
      : LinearAxis(from: showsDiagonal ? 0 : lowY, to: showsDiagonal ? 1 : highY)
    if scale == .logarithmic { return (LogarithmicAxis(xs), y) }
    return (LinearAxis(from: showsDiagonal ? 0 : finite.min() ?? 0, to: showsDiagonal ? 1 : finite.max() ?? 1), y)
  }
}
