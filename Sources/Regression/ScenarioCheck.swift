/// How the check of one scenario went.
package struct ScenarioCheck: Sendable {
  /// The result.
  package enum State: Sendable {
    /// Held against the baseline, whatever came out.
    case compared(Comparison)
    /// The baseline was written; the lines say what changed in it.
    case updated([String])
    /// The run could not be carried out, or a file could not be used.
    case broken(String)
  }

  /// The scenario's name, which is its file's without the ending.
  package let name: String
  /// The scenario's file as the user would write it.
  package let file: String
  package let state: State
  package let seconds: Double
  /// The metrics with what is allowed for them, where they are checked.
  package let gauges: [Gauge]

  /// A metric, where it is and where it has to be.
  package struct Gauge: Sendable {
    package let title: String
    package let baseline: Double
    package let value: Double
    package let allowed: ClosedRange<Double>

    package init(title: String, baseline: Double, value: Double, allowed: ClosedRange<Double>) {
      self.title = title
      self.baseline = baseline
      self.value = value
      self.allowed = allowed
    }
  }

  package init(name: String, file: String, state: State, seconds: Double, gauges: [Gauge] = []) {
    self.name = name
    self.file = file
    self.state = state
    self.seconds = seconds
    self.gauges = gauges
  }

  /// Whether everything is as it should be.
  package var isFine: Bool {
    switch state {
    case .compared(let comparison): comparison.passed
    case .updated: true
    case .broken: false
    }
  }

  /// What is wrong, a line each, with the likely causes; empty when nothing is.
  package var complaints: [String] {
    switch state {
    case .compared(let comparison):
      comparison.findings.map { "\($0.kind.rawValue): \($0.message)" }
        + comparison.causes.map { "likely cause: \($0)" }
    case .updated: []
    case .broken(let message): [message]
    }
  }
}
