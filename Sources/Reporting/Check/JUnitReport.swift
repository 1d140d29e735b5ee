import Foundation
import Regression

/// The checks in the XML that CI systems read (the JUnit schema as Jenkins, GitLab and GitHub's test reporters take it):
/// one suite, one case a scenario; a difference is a failure, a run that did not come about an error.
package struct JUnitReport {
  private let checks: [ScenarioCheck]

  package init(_ checks: [ScenarioCheck]) { self.checks = checks }

  package var xml: String {
    var failures = 0
    var errors = 0
    var cases = ""
    for check in checks {
      var inner = ""
      switch check.state {
      case .compared(let comparison) where !comparison.passed:
        failures += 1
        let kinds = Set(comparison.findings.map(\.kind.rawValue)).sorted().joined(separator: ",")
        inner = element(
          "failure", ["type": kinds, "message": comparison.findings.first?.message ?? ""],
          text: check.complaints.joined(separator: "\n"))
      case .broken(let message):
        errors += 1
        inner = element("error", ["type": "run", "message": message], text: message)
      case .compared, .updated: break
      }
      cases += element(
        "testcase",
        ["classname": "fedsim.check", "name": check.name, "time": Number.fixed(check.seconds, 3)], inner: inner)
    }
    let time = Number.fixed(checks.reduce(0) { $0 + $1.seconds }, 3)
    let counts: KeyValuePairs = [
      "name": "fedsim check", "tests": "\(checks.count)", "failures": "\(failures)", "errors": "\(errors)",
      "skipped": "0", "time": time,
    ]
    let suite = element("testsuite", counts, inner: cases)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + element(
        "testsuites",
        [
          "name": "fedsim check", "tests": "\(checks.count)", "failures": "\(failures)", "errors": "\(errors)",
          "time": time,
        ], inner: suite) + "\n"
  }
}
