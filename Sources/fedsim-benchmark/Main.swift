import Foundation
import KernelSelection

/// Measures the kernels, the privacy core and the program, beside the machine's own limits.
@main
enum Main {
  private static let usage = """
    usage: fedsim-benchmark [--only TEXT] [--repetitions N] [--out FILE] [--compare FILE] [--plots DIR]
                            [--json] [FOLDER]
      --only TEXT       only cases with this in their name
      --repetitions N   after one to warm up; default: 5
      --out FILE        write the figures as JSON
      --compare FILE    show how each figure moved against an earlier file
      --plots DIR       draw cost against clients and against d as SVG
      --json            print the figures as JSON instead of a table
      FOLDER            reference tables of the accountants: Tests/DifferentialPrivacyTests/Resources

    """

  /// What the command line asks for.
  private struct Options {
    var only: String?
    var repetitions = 5
    var out: String?
    var compare: String?
    var plots: String?
    var json = false
    var folder: String?

    /// nil when the command line is wrong.
    init?(_ arguments: [String]) {
      var rest = arguments[...]
      while let argument = rest.popFirst() {
        switch argument {
        case "--json": json = true
        case "--only", "--out", "--compare", "--plots", "--repetitions":
          guard let value = rest.popFirst() else { return nil }
          switch argument {
          case "--only": only = value
          case "--out": out = value
          case "--compare": compare = value
          case "--plots": plots = value
          default:
            guard let number = Int(value), number >= 1 else { return nil }
            repetitions = number
          }
        default:
          guard !argument.hasPrefix("-"), folder == nil else { return nil }
          folder = argument
        }
      }
    }
  }

  static func main() {
    guard let options = Options(Array(CommandLine.arguments.dropFirst())) else { end(usage, status: 2) }
    do {
      let earlier = try options.compare.map { try ResultFile(contentsOf: $0) }
      // What is there is replaced where it is such a file; anything else is somebody's.
      if let out = options.out, FileManager.default.fileExists(atPath: out) { _ = try ResultFile(contentsOf: out) }
      let results = try measure(options)
      guard !results.isEmpty else {
        end("--only: no case has \"\(options.only ?? "")\" in its name\n", status: 2)
      }
      let file = ResultFile(vectorWidth: VectorWidth.inUse.rawValue, cases: results)
      if let out = options.out { try file.json().write(to: URL(fileURLWithPath: out), options: .atomic) }
      if let plots = options.plots { for plot in Plot.allCases { try plot.write(results, to: plots) } }
      if options.json { print(String(decoding: try file.json(), as: UTF8.self)) }
      if !options.json, let earlier { for line in file.changes(since: earlier) { print(line) } }
    } catch { end("\(error)\n", status: 3) }
  }

  /// Runs the cases asked for and prints each line when it is there.
  private static func measure(_ options: Options) throws -> [Measurement] {
    let privacy = PrivacyCases(repetitions: options.repetitions)
    let program = try ProgramCases(repetitions: options.repetitions)
    defer { program.cleanUp() }
    let cases =
      KernelCases(repetitions: options.repetitions).cases + privacy.samplers
      + (try options.folder.map(privacy.accounting) ?? []) + program.cases
    return try cases.filter { options.only.map($0.name.contains) ?? true }.map { one in
      let result = try one.measure()
      if !options.json { print(result.text) }
      return result
    }
  }

  private static func end(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data(message.utf8))
    exit(status)
  }
}
