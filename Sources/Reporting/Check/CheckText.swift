import Foundation
import Regression

/// The checks for a terminal: one line a scenario, and under it what is wrong.
package struct CheckText {
  private let checks: [ScenarioCheck]

  package init(_ checks: [ScenarioCheck]) { self.checks = checks }

  package var lines: [String] {
    let width = checks.map(\.name.count).max() ?? 0
    var lines: [String] = []
    for check in checks {
      let (verdict, about) = words(check)
      lines.append(
        "\(verdict.padded(to: 7))  \(check.name.padded(to: width))  \(Number.fixed(check.seconds, 1).leftPadded(to: 5)) s  \(about)"
      )
      lines += check.complaints.map { "         " + $0 }
      if case .updated(let changes) = check.state { lines += changes.map { "         " + $0 } }
    }
    return lines + ["", checks.verdict]
  }

  private func words(_ check: ScenarioCheck) -> (verdict: String, about: String) {
    switch check.state {
    case .compared(let comparison): (comparison.passed ? "ok" : "FAILED", comparison.kindsInWords)
    case .updated(let changes): ("updated", changes.isEmpty ? "nothing changed" : "")
    case .broken: ("BROKEN", "")
    }
  }

  /// Annotations that GitHub shows beside the scenario's file.
  package var annotations: [String] {
    checks.filter { !$0.isFine }.map { check in
      let title = "fedsim check: \(check.name)"
      return
        "::error file=\(property(check.file)),line=1,title=\(property(title))::\(data(check.complaints.joined(separator: "\n")))"
    }
  }

  /// GitHub's escapes for the text of a workflow command.
  private func data(_ text: String) -> String {
    text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "\r", with: "%0D")
      .replacingOccurrences(of: "\n", with: "%0A")
  }

  /// And for its properties.
  private func property(_ text: String) -> String {
    data(text).replacingOccurrences(of: ":", with: "%3A").replacingOccurrences(of: ",", with: "%2C")
  }
}

extension [ScenarioCheck] {
  /// How all went, in a few words.
  var verdict: String {
    let failed = count { !$0.isFine }
    return failed == 0 ? "all \(count) fine" : "\(failed) of \(count) failed"
  }
}

extension Comparison {
  /// What was checked, in words.
  var kindsInWords: String { kinds.map(\.rawValue).joined(separator: ", ") }
}
