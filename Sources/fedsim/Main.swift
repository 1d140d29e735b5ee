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
enum Main {
  static let commands: [Command] = [
    runCommand, sweepCommand, queryCommand, compareCommand, checkCommand, validateCommand, schemaCommand,
    generateCommand,
    importCommand, accountCommand, calibrateCommand, auditTrailCommand, workerCommand,
  ]

  static func main() {
    // A worker or a pager that goes away must be an error of a write, not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    exit(status(of: Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs a command line.
  /// - Returns: 0 fine, 2 the command line or a file is wrong, 3 the run failed, 130 or 143 stopped by a signal.
  static func status(of words: [String]) -> Int32 {
    do {
      guard let name = words.first, name != "help", name != "--help", name != "-h" else {
        print(help, terminator: "")
        return words.isEmpty ? 2 : 0
      }
      if name == "--version" {
        print("fedsim \(Version.current)")
        return 0
      }
      guard let command = commands.first(where: { $0.name == name }) else {
        let names = commands.filter { !$0.isInternal }.map(\.name)
        let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        throw UsageError(description: "unknown command \"\(name)\"\(hint)\n\(help)")
      }
      if words.contains("--help") || words.contains("-h") {
        print(command.help, terminator: "")
        return 0
      }
      return try command.run(Arguments(Array(words.dropFirst()), for: command))
    } catch let error as UsageError {
      return report(error.description, status: 2)
    } catch let error as ScenarioError {
      return report(error.description, status: 2)
    } catch let error as AccountingError {
      return report(error.description, status: 2)
    } catch let error as BaselineError {
      return report(error.description, status: 2)
    } catch let error as CurveFileError {
      return report(error.description, status: 2)
    } catch let error as FileFailure {
      return report(error.description, status: error.kind == .failure ? 3 : 2)
    } catch let error as RunFailure {
      return report(error.description, status: error.status)
    } catch {
      return report("\(error)", status: 3)
    }
  }

  private static func report(_ message: String, status: Int32) -> Int32 {
    var text = message
    if !text.hasSuffix("\n") { text += "\n" }
    FileHandle.standardError.write(Data(("fedsim: " + text).utf8))
    return status
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
