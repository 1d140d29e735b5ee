import Foundation
import Regression

/// The checks as Markdown, for the summary of a CI job.
package struct CheckSummary {
  private let checks: [ScenarioCheck]
  private static let plotWidth = 40

  package init(_ checks: [ScenarioCheck]) { self.checks = checks }

  package var markdown: String {
    var lines = ["## fedsim check: \(checks.verdict)", ""]
    lines += ["| scenario | result | checked | seconds |", "|---|---|---|---:|"]
    for check in checks {
      lines.append(
        "| \(cell(check.name)) | \(check.isFine ? "ok" : "**failed**") | \(kinds(check)) | \(Number.fixed(check.seconds, 1)) |"
      )
    }
    for check in checks where !check.isFine {
      lines += ["", "### \(cell(check.name))", ""] + check.complaints.map { "- \(cell($0))" }
    }
    let plot = self.plot
    if !plot.isEmpty {
      lines +=
        ["", "Metrics within what is allowed, from `[` to `]`; `|` is the baseline:", "", "```text"] + plot + [
          "```"
        ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func kinds(_ check: ScenarioCheck) -> String {
    if case .compared(let comparison) = check.state { comparison.kindsInWords } else { "–" }
  }

  private func cell(_ text: String) -> String {
    text.replacingOccurrences(of: "|", with: "\\|").replacingOccurrences(of: "\n", with: " ")
  }

  /// One line a metric: the allowed interval in the middle third, the baseline and the value where they lie.
  private var plot: [String] {
    let gauges = checks.flatMap { check in check.gauges.map { (name: "\(check.name) \($0.title)", gauge: $0) } }
    let width = gauges.map(\.name.count).max() ?? 0
    return gauges.map { name, gauge in
      let span = max(gauge.allowed.upperBound - gauge.allowed.lowerBound, 1e-12)
      func column(_ value: Double) -> Int {
        let place = (value - gauge.allowed.lowerBound) / span + 1
        return Int((max(0, min(place / 3, 1)) * Double(Self.plotWidth - 1)).rounded())
      }
      var line = [Character](repeating: " ", count: Self.plotWidth)
      for place in column(gauge.allowed.lowerBound)...column(gauge.allowed.upperBound) { line[place] = "-" }
      line[column(gauge.allowed.lowerBound)] = "["
      line[column(gauge.allowed.upperBound)] = "]"
      line[column(gauge.baseline)] = "|"
      line[column(gauge.value)] = "o"
      return "\(name.padded(to: width))  \(String(line))  \(Number.fixed(gauge.value, 4))"
    }
  }
}
