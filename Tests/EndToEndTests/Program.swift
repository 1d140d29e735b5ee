import FederationProtocol
import Foundation
import Scenarios
import Synchronization
import TestSupport
import Testing
import Worker
import fedsim

extension Tag {
  /// Runs the program.
  @Tag static var endToEnd: Self
}

/// The program: a command line within this process, or the built `fedsim`, which lies beside the test bundle.
enum Program {
  static let executable = builtProgram("fedsim")

  /// The repository's root.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What a finished command left.
  struct Outcome: Sendable {
    let status: Int32
    let output: String
    let errors: String

    func json() throws -> JSONValue { try JSONValue(utf8: output.utf8) }
  }

  /// Runs a command line to its end, in this process: its workers are threads. Where that cannot be, in its own.
  static func run(_ arguments: [String], in folder: URL) throws -> Outcome {
    try onThread(in: folder) { outcome(of: arguments) } ?? runProcess(arguments, in: folder)
  }

  private static func outcome(of arguments: [String]) -> Outcome {
    let output = Mutex("")
    let errors = Mutex("")
    let session = Session(
      output: { text in output.withLock { $0 += text } }, errors: { text in errors.withLock { $0 += text } },
      launcher: { ThreadLauncher { try WorkerLoop.run($0) } })
    let status = Main.status(of: arguments, in: session)
    return Outcome(status: status, output: output.withLock { $0 }, errors: errors.withLock { $0 })
  }

  /// Runs a command line to its end in a process of its own: for what is about processes.
  static func runProcess(_ arguments: [String], in folder: URL) throws -> Outcome {
    try Running(executable, arguments, in: folder).wait()
  }

  /// Runs a shell script in which `$FEDSIM` is the program.
  static func shell(_ script: String, in folder: URL) throws -> Outcome {
    try Running(URL(fileURLWithPath: "/bin/sh"), ["-c", script], in: folder).wait()
  }

  /// A command that is still running.
  final class Running {
    private let process = Process()
    private let output: URL
    private let errors: URL
    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Output goes to files beside the working folder, so that no pipe can fill up.
    init(_ executable: URL, _ arguments: [String], in folder: URL) throws {
      let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      output = base.appendingPathExtension("out")
      errors = base.appendingPathExtension("err")
      for file in [output, errors] { try Data().write(to: file) }
      process.executableURL = executable
      process.arguments = arguments
      process.currentDirectoryURL = folder
      process.environment = ProcessInfo.processInfo.environment.merging(
        ["FEDSIM": Program.executable.path], uniquingKeysWith: { $1 })
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    func wait() throws -> Outcome {
      process.waitUntilExit()
      defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
      return Outcome(
        status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The processes that this one started, by the kernel's table.
    func children() -> [Int32] { Program.processes().filter { $0.parent == pid }.map(\.pid) }
  }

  /// All processes, with their parents and state letters.
  static func processes() -> [(pid: Int32, parent: Int32, state: Character)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { name in
      guard let pid = Int32(name), let line = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
        let end = line.lastIndex(of: ")")
      else { return nil }
      let fields = line[line.index(after: end)...].split(separator: " ")
      guard fields.count > 1, let parent = Int32(fields[1]), let state = fields[0].first else { return nil }
      return (pid, parent, state)
    }
  }

  /// Whether this system has the kernel's table of processes as files.
  static let hasProcessTable = FileManager.default.fileExists(atPath: "/proc/self/stat")

  /// Whether a process exists and is not a zombie.
  static func isAlive(_ pid: Int32) -> Bool { processes().contains { $0.pid == pid && $0.state != "Z" } }
}

/// An empty folder that is removed with its owner.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("fedsim-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
  }

  func json(_ name: String) throws -> JSONValue { try JSONValue(utf8: text(name).utf8) }

  /// The lines of a ledger that are releases.
  func releases(_ name: String) throws -> [JSONValue] {
    try text(name).split(separator: "\n").map { try JSONValue(utf8: $0.utf8) }.filter { $0["mechanism"] != nil }
  }

  /// Everything in the folder, hidden files too.
  func contents(_ name: String = ".") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.appendingPathComponent(name).path).sorted()
  }

  func run(_ arguments: String...) throws -> Program.Outcome { try Program.run(arguments, in: url) }

  func runProcess(_ arguments: String...) throws -> Program.Outcome {
    try Program.runProcess(arguments, in: url)
  }
}

extension JSONValue {
  /// A member of a member of …, or nil.
  func at(_ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(Optional(self)) { $0?[String($1)] }
  }
}
