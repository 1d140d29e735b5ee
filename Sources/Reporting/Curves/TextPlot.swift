/// A chart in plain characters, for terminals and CI logs.
package struct TextPlot {
  private let chart: LineChart
  private static let width = 60
  private static let height = 14
  private static let markers: [Character] = ["o", "x", "+", "*", "#", "@", "%", "&"]
  private static let rules: [Character] = ["-", "=", ".", "~"]

  package init(_ chart: LineChart) { self.chart = chart }

  /// The lines of the plot, or none when there is nothing to draw.
  package var lines: [String] {
    guard let axes = chart.axes else { return [] }
    let blank = [Character](repeating: " ", count: Self.width)
    var cells = [[Character]](repeating: blank, count: Self.height)
    func row(_ value: Double) -> Int {
      let place = (1 - axes.y.position(value)) * Double(Self.height - 1)
      return max(0, min(Self.height - 1, Int(place.rounded())))
    }
    func column(_ value: Double) -> Int { Int((axes.x.position(value) * Double(Self.width - 1)).rounded()) }

    var legend: [String] = []
    for (index, reference) in chart.references.enumerated() {
      let rule = Self.rules[index % Self.rules.count]
      for column in blank.indices where cells[row(reference.y)][column] == " " {
        cells[row(reference.y)][column] = rule
      }
      legend.append("\(rule)\(rule)\(rule) \(reference.name) \(axes.y.label(reference.y, extraDigits: 1))")
    }
    // Later curves do not hide earlier ones.
    // The pieces of a broken line come before the one with its name.
    var named = 0
    let marked = chart.series.map { one in
      let marker = Self.markers[named % Self.markers.count]
      named += one.name.isEmpty ? 0 : 1
      return (one, marker)
    }
    for (one, marker) in marked.reversed() {
      for point in one.points { cells[row(point.y)][column(point.x)] = marker }
    }
    legend += marked.filter { !$0.0.name.isEmpty }.map { "\($0.1)   \($0.0.name)" }

    // A tick's label stands at the row its value falls on.
    var labels = [Int: String]()
    for tick in axes.y.ticks where (0...1).contains(axes.y.position(tick)) {
      labels[row(tick)] = axes.y.label(tick)
    }
    let margin = labels.values.map(\.count).max() ?? 0
    var lines = [chart.yLabel]
    for (index, line) in cells.enumerated() {
      lines.append((labels[index] ?? "").leftPadded(to: margin) + " |" + String(line).trimmedAtEnd)
    }
    lines.append(String(repeating: " ", count: margin) + " +" + String(repeating: "-", count: Self.width))
    var below = [Character](repeating: " ", count: Self.width + 8)
    var end = -1
    for tick in axes.x.ticks {
      let text = Array(axes.x.label(tick))
      let start = max(0, column(tick) - text.count / 2)
      guard start > end else { continue }
      for (offset, character) in text.enumerated() { below[start + offset] = character }
      end = start + text.count
    }
    lines.append(String(repeating: " ", count: margin + 2) + String(below).trimmedAtEnd + "  " + chart.xLabel)
    return lines + legend.map { String(repeating: " ", count: margin + 2) + $0 }
  }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
