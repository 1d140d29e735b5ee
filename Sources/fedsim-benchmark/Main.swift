import Foundation
import KernelSelection

/// Measures the kernels, the privacy core and the program, beside the machine's own limits.
@main
enum Main {
  private static let usage = """
    usage: fedsim-benchmark [--only TEXT] [--repetitions N] [--out FILE] [--compare FILE] [--json] [FOLDER]
      --only TEXT       only cases with this in their name
      --repetitions N   after one to warm up; default: 5
      --out FILE        write the figures as JSON
      --compare FILE    show how each figure moved against an earlier file
      --json            print the figures as JSON instead of a table
      FOLDER            reference tables of the accountants: Tests/DifferentialPrivacyTests/Resources

    """

  /// What the command line asks for.
  private struct Options {
    var only: String?
    var repetitions = 5
    var out: String?
    var compare: String?
    var json = false
    var folder: String?

    /// nil when the command line is wrong.
    init?(_ arguments: [String]) {
      var rest = arguments[...]
      while let argument = rest.popFirst() {
        switch argument {
        case "--json": json = true
        case "--only", "--out", "--compare", "--repetitions":
          guard let value = rest.popFirst() else { return nil }
          switch argument {
          case "--only": only = value
          case "--out": out = value
          case "--compare": compare = value
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
      let results = try measure(options)
      guard !results.isEmpty else {
        end("--only: no case has \"\(options.only ?? "")\" in its name\n", status: 2)
      }
      let file = ResultFile(vectorWidth: VectorWidth.inUse.rawValue, cases: results)
      if let out = options.out { try file.json().write(to: URL(fileURLWithPath: out), options: .atomic) }
      if options.json { print(String(decoding: try file.json(), as: UTF8.self)) }
      if !options.json, let earlier { for line in file.changes(since: earlier) { print(line) } }
    } catch { end("\(error)\n", status: 3) }
  }

  /// Runs the cases asked for and prints each line when it is there.
  private static func measure(_ options: Options) throws -> [Measurement] {
    var results: [Measurement] = []
    func keep(_ measured: [Measurement]) {
      for result in measured where options.only.map(result.name.contains) ?? true {
        results.append(result)
        if !options.json { print(result.text) }
      }
    }
    // The machine's limits and the kernels belong together and take seconds; they are measured as one.
    let kernels = KernelCases(repetitions: options.repetitions)
    if options.only.map({ "machine kernel".contains($0) || $0.contains("kernel") || $0.contains("machine") })
      ?? true
    {
      keep(kernels.all())
    }
    let privacy = PrivacyCases(repetitions: options.repetitions)
    if options.only.map({ "rounded Gaussian exact discrete Laplace samples".contains($0) }) ?? true {
      keep(privacy.samplers())
    }
    if let folder = options.folder { keep(try privacy.accounting(folder)) }
    let program = try ProgramCases(repetitions: options.repetitions)
    defer { program.cleanUp() }
    for (name, measure) in program.cases where options.only.map(name.contains) ?? true { keep([try measure()]) }
    return results
  }

  private static func end(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data(message.utf8))
    exit(status)
  }
}
