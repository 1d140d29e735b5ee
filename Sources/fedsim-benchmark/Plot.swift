import Foundation
import Reporting

/// The plots that cases make together.
enum Plot: String, Codable, CaseIterable {
  case population
  case dimension

  private var title: String {
    switch self {
    case .population: "A round costs its cohort, not its population"
    case .dimension: "A round against the length of the model"
    }
  }

  private var xLabel: String {
    switch self {
    case .population: "log₁₀ of the clients of the population; cohorts of 1000"
    case .dimension: "log₂ of the hashed features; 20 examples a client, cohorts of 1000"
    }
  }

  /// Both run over powers.
  private func position(_ x: Double) -> Double { self == .population ? log10(x) : log2(x) }

  /// Writes the drawing as `NAME.svg` into a folder, with least and most as bounds; nothing when no case was measured.
  func write(_ measured: [Measurement], to folder: String) throws {
    let points = measured.compactMap { result -> LineChart.Point? in
      guard let point = result.plot, point.plot == self else { return nil }
      return LineChart.Point(
        x: position(point.x), y: result.median / 1000, bounds: result.least / 1000...result.most / 1000, tip: nil)
    }
    let chart = LineChart(
      title: title, xLabel: xLabel, yLabel: "ms a round",
      series: [LineChart.Series(name: "one worker", points: points, marked: true)],
      references: [LineChart.Reference(name: "nothing", y: 0)])
    guard let drawing = chart.svg(.wide, standalone: true) else { return }
    let url = URL(fileURLWithPath: folder)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try Data(drawing.utf8).write(to: url.appendingPathComponent("\(rawValue).svg"), options: .atomic)
  }
}
