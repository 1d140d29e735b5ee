import Coordinator
import Curves
import DifferentialPrivacy
import Foundation
import Regression
import Reporting
import ResultFiles
import Scenarios

/// The program: finds the command, runs it, and turns what went wrong into a message and an exit status.
@main
package enum Main {
  static let commands: [Command] = [
    runCommand, sweepCommand, tuneCommand, queryCommand, compareCommand, checkCommand, validateCommand,
    schemaCommand,
    generateCommand,
    importCommand, accountCommand, calibrateCommand, auditTrailCommand, workerCommand,
  ]

  package static func main() {
    // A worker or a pager that goes away must be an error of a write, not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    exit(status(of: Array(CommandLine.arguments.dropFirst()), in: .process))
  }

  /// Runs a command line, and says what went wrong.
  /// - Returns: 0 fine, 2 the command line or a file is wrong, 3 the run failed, 130 or 143 stopped by a signal.
  package static func status(of words: [String], in session: Session) -> Int32 {
    do {
      guard let name = words.first, name != "help", name != "--help", name != "-h" else {
        session.print(help, terminator: "")
        return words.isEmpty ? 2 : 0
      }
      if name == "--version" {
        session.print("fedsim \(Version.current)")
        return 0
      }
      guard let command = commands.first(where: { $0.name == name }) else {
        let names = commands.filter { !$0.isInternal }.map(\.name)
        let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        throw UsageError(description: "unknown command \"\(name)\"\(hint)\n\(help)")
      }
      if words.contains("--help") || words.contains("-h") {
        session.print(command.help, terminator: "")
        return 0
      }
      return try command.run(Arguments(Array(words.dropFirst()), for: command), session)
    } catch {
      let text = "\(error)"
      session.note(text.hasSuffix("\n") ? String(text.dropLast()) : text)
      return status(of: error)
    }
  }

  private static func status(of error: any Error) -> Int32 {
    switch error {
    case is UsageError, is ScenarioError, is AccountingError, is BaselineError, is CurveFileError: 2
    case let error as FileFailure: error.kind == .failure ? 3 : 2
    case let error as RunFailure: error.status
    default: 3
    }
  }

  private static var help: String {
    var text = "fedsim \(Version.current): federated learning with differential privacy, simulated\n\ncommands:\n"
    for command in commands where !command.isInternal {
      let sentence = command.about.prefix { $0 != "\n" }
      text += "  " + command.name + String(repeating: " ", count: 12 - command.name.count) + sentence + "\n"
    }
    return text + "\nfedsim COMMAND --help tells a command's options.\n"
  }
}
