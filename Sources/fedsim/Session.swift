import FederationProtocol
import Foundation
import Reporting
import Scenarios

/// What surrounds a command line: where it prints, how it starts workers, and what asks it to stop. Nothing else in this
/// program prints, so that a command line can be carried out in another process than its own.
package struct Session: Sendable {
  /// Takes text as it is: standard output, standard error, and a terminal that shows progress; nil where nobody watches.
  package typealias Writer = @Sendable (String) -> Void

  private let output: Writer
  private let errors: Writer
  let terminal: Writer?
  /// How workers are started.
  let launcher: @Sendable () throws -> any Launcher
  /// Called before what takes long: from then on signals ask it to stop.
  let listenToSignals: @Sendable () -> Void

  package init(
    output: @escaping Writer, errors: @escaping Writer, terminal: Writer? = nil,
    launcher: @escaping @Sendable () throws -> any Launcher, listenToSignals: @escaping @Sendable () -> Void = {}
  ) {
    self.output = output
    self.errors = errors
    self.terminal = terminal
    self.launcher = launcher
    self.listenToSignals = listenToSignals
  }

  /// That of a process of its own.
  static let process = Session(
    // A reader that goes away is no error: what is left is not printed.
    output: { Swift.print($0, terminator: "") }, errors: { writeToStandardError($0) },
    terminal: standardErrorTerminal,
    launcher: workerLauncher, listenToSignals: Interruption.install)

  func print(_ text: String, terminator: String = "\n") { output(text + terminator) }

  func printJSON(_ value: JSONValue) throws {
    print(String(decoding: try value.encoded(pretty: true), as: UTF8.self))
  }

  /// A line that tells how far something is, where somebody watches.
  /// - Parameter quiet: whether the user wants none.
  func progressLine(quiet: Bool) -> ProgressLine {
    guard !quiet, let terminal else { return ProgressLine(on: nil) }
    return ProgressLine(on: terminal)
  }

  /// Says something on standard error that is no result.
  func note(_ text: String) { errors("fedsim: \(text)\n") }

  /// Says that something is odd, though it can be carried out.
  func warn(_ text: String) { note("warning: \(text)") }
}

/// nil where nobody watches standard error.
private var standardErrorTerminal: Session.Writer? {
  guard isatty(STDERR_FILENO) == 1 else { return nil }
  return { writeToStandardError($0) }
}

private func writeToStandardError(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
