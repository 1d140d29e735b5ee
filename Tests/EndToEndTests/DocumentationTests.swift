import Foundation
import Scenarios
import Testing

/// Every command that the documentation shows is run, and every figure it shows is compared.
@Suite("The documentation", .tags(.endToEnd))
struct DocumentationTests {
  static let pages: [String] = {
    let docs = Program.repository.appendingPathComponent("docs").path
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: docs)) ?? []).filter { $0.hasSuffix(".md") }
    return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] + names.sorted().map { "docs/\($0)" }
  }()

  private static let sharedSweep = "scenarios/recommendation"

  /// Where that sweep was made, the first time that a page needs it.
  private static let sharedFolder = Result {
    let folder = try TemporaryFolder()
    let scenario = Program.repository.appendingPathComponent("\(sharedSweep).json5").path
    let outcome = try folder.runProcess("sweep", scenario)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  private func text(_ page: String) throws -> String {
    try String(contentsOf: Program.repository.appendingPathComponent(page), encoding: .utf8)
  }

  /// Fenced blocks with what stands behind the opening fence.
  private func blocks(_ page: String) throws -> [(info: String, body: String)] {
    let parts = try text(page).components(separatedBy: "```")
    return stride(from: 1, to: parts.count, by: 2).map { index in
      let lines = parts[index].split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(lines[0]), lines.count > 1 ? String(lines[1]) : "")
    }
  }

  @Test("shows commands that work, one page in one folder from top to bottom", arguments: pages)
  func commands(page: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("scenarios"),
      withDestinationURL: Program.repository.appendingPathComponent("scenarios"))
    // A sweep that several pages show is made once; the others go on with it, as a reader does.
    if try blocks(page).contains(where: { $0.info == "sh" && $0.body.contains("sweep \(Self.sharedSweep).json5") })
    {
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent("sweeps"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: Self.sharedFolder.get().url.appendingPathComponent("sweeps/recommendation"),
        to: folder.url.appendingPathComponent("sweeps/recommendation"))
    }
    // Stands in for the download that a reader has.
    try MovieLensSample.write(to: folder.url.appendingPathComponent("ml-100k"))
    var output = ""
    for (info, body) in try blocks(page) {
      if let name = info.split(separator: "=").last, info.hasPrefix("json5 file=") {
        try folder.write(String(name), body)
      }
      if info == "text output" {
        for line in body.split(separator: "\n") { #expect(output.contains(line), "\(line)") }
      }
      guard info == "sh" else { continue }
      // The test run itself and CI run these.
      let lines = body.split(separator: "\n").filter { !$0.hasPrefix("swift test") && !$0.hasPrefix(".ci/run") }
      let script = lines.joined(separator: "\n")
        .replacingOccurrences(of: "swift run -c release fedsim-benchmark", with: "\"$FEDSIM-benchmark\"")
        .replacingOccurrences(of: "swift run -c release fedsim", with: "fedsim")
      let outcome = try Program.shell("set -e; fedsim() { \"$FEDSIM\" \"$@\"; }\n\(script)", in: folder.url)
      #expect(outcome.status == 0, "\(script)\n\(outcome.errors)")
      // Pages write a plain space where the program sets a narrow one.
      output = outcome.output.replacingOccurrences(of: "\u{202F}", with: " ")
    }
    // Drawings are those that the commands on the page made.
    for match in try text(page).matches(of: /images\/([a-z-]+)\.svg/) {
      let shown = Program.repository.appendingPathComponent("docs/images/\(match.1).svg")
      let name = String(match.1)
      let attacked = name.hasSuffix("-linkage") ? String(name.dropLast("-linkage".count)) : nil
      let made =
        name.hasPrefix("error-")
        ? "answers/\(name).svg"
        : name.hasSuffix("-tuned")
          ? "tuned/\(name.dropLast("-tuned".count))/curve-auc.svg"
          : attacked.map { "sweeps/\($0)/curve-linkage.svg" } ?? "sweeps/\(name)/curve-auc.svg"
      #expect(try String(contentsOf: shown, encoding: .utf8) == folder.text(made))
    }
  }

  @Test("links to files that exist", arguments: pages)
  func links(page: String) throws {
    let text = try text(page)
    let base = Program.repository.appendingPathComponent(page).deletingLastPathComponent()
    for match in text.matches(of: /\]\(([^)#]+)[^)]*\)/) where !match.1.contains("://") {
      #expect(
        FileManager.default.fileExists(atPath: base.appendingPathComponent(String(match.1)).path), "\(match.1)")
    }
  }

  @Test("shows the quickstart's table as it is")
  func quickstartTable() throws {
    let folder = try TemporaryFolder()
    let scenario = Program.repository.appendingPathComponent("scenarios/quickstart.json5").path
    let readme = try text("README.md")
    let output = try folder.run("run", scenario, "--out", "q").output
    for line in output.split(separator: "\n").prefix(while: { !$0.hasPrefix("speed") }) {
      #expect(readme.contains(line.replacingOccurrences(of: "\u{202F}", with: " ")), "\(line)")
    }
  }

  @Test(
    "lists every key of scenarios and of files of queries with its default",
    arguments: [
      ("docs/scenario-reference.md", Scenario.jsonSchema()), ("docs/queries.md", QueryScenario.jsonSchema()),
    ])
  func reference(page: String, schema: JSONValue) throws {
    let page = try text(page)
    for (path, schema) in leaves(of: schema, path: "") {
      let lines = page.split(separator: "\n").filter { $0.hasPrefix("| `\(path)` |") }
      var wanted: [String] = []
      if case .string(let about)? = schema["description"] { wanted.append("| \(about) |") }
      if let value = schema["default"] {
        let text = String(decoding: try value.encoded(pretty: false), as: UTF8.self)
        wanted.append("| `\(text.replacingOccurrences(of: ",", with: ", "))` |")
      }
      #expect(lines.contains { line in wanted.allSatisfy { line.contains($0) } }, "\(path): \(wanted)")
    }
  }

  /// All keys of a schema that hold a plain value, through alternatives and nested objects.
  private func leaves(of schema: JSONValue, path: String) -> [(String, JSONValue)] {
    var found: [(String, JSONValue)] = []
    if case .array(let alternatives)? = schema["oneOf"] {
      for alternative in alternatives { found += leaves(of: alternative, path: path) }
    }
    if case .object? = schema["additionalProperties"], let one = schema["additionalProperties"] {
      return leaves(of: one, path: path + "NAME.")
    }
    guard case .object(let properties)? = schema["properties"] else { return found }
    for key in properties.keys.sorted() where key != "kind" && key != "$schema" {
      guard let property = properties[key] else { continue }
      let inside = leaves(of: property, path: path + key + ".")
      found += inside.isEmpty ? [(path + key, property)] : inside
    }
    return found
  }
}
