/// One thing wrong with a scenario, placed as exactly as the file allows.
package struct ScenarioProblem: Sendable, Equatable {
  /// Dotted path inside the scenario, empty for the file as a whole.
  package let path: String
  /// What was found, what is allowed, and the remedy.
  package let message: String
  /// The line in the file, from 1; nil for values that came from the command line or are missing.
  package let line: Int?
}

/// Why a scenario cannot be used. Its description is the full message for the person who wrote it.
package struct ScenarioError: Error, Equatable, CustomStringConvertible {
  /// The file as the user named it.
  package let file: String
  /// Everything found wrong, in the order of the reader.
  package let problems: [ScenarioProblem]

  package var description: String {
    problems.map { problem in
      var text = file
      if let line = problem.line { text += ":\(line)" }
      if !problem.path.isEmpty { text += ": \(problem.path)" }
      return text + ": \(problem.message)"
    }.joined(separator: "\n")
  }
}
