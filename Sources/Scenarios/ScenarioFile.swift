import Foundation

/// A scenario file on disk: JSON5, read by Foundation, placed in messages by `SourceMap`.
package struct ScenarioFile: Sendable {
  /// The file as the user named it.
  package let name: String
  /// The folder that relative paths inside the scenario start from.
  package let folder: URL
  private let value: JSONValue
  private let map: SourceMap

  /// Reads and parses a file.
  /// - Throws: `ScenarioError` when it is missing, unreadable or not JSON5.
  package init(path: String) throws {
    let url = URL(fileURLWithPath: path)
    name = path
    folder = url.deletingLastPathComponent()
    func failure(_ message: String, line: Int? = nil) -> ScenarioError {
      ScenarioError(file: path, problems: [ScenarioProblem(path: "", message: message, line: line)])
    }
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw failure(exists ? "cannot be read; check that it is a file and that you may read it" : "no such file")
    }
    guard data.count <= 1 << 22 else { throw failure("is \(data.count) bytes; a scenario has at most 4 MiB") }
    guard let text = String(data: data, encoding: .utf8) else { throw failure("is not UTF-8 text") }
    map = SourceMap(text)
    do {
      value = try Self.parse(data)
    } catch {
      let problem = map.problem
      throw failure("is not JSON5: \(problem?.message ?? "a value is malformed")", line: problem?.line)
    }
    if let twice = map.duplicates.first {
      throw ScenarioError(
        file: path,
        problems: [ScenarioProblem(path: twice, message: "is given twice; keep one", line: map.lines[twice])])
    }
  }

  /// The scenario, with overrides from the command line applied first.
  /// - Parameter overrides: dotted paths and the values they get.
  /// - Throws: `ScenarioError` with everything that is wrong.
  package func scenario(overrides: [(path: String, value: JSONValue)] = []) throws -> Scenario {
    if asksQueries {
      let problem = ScenarioProblem(
        path: "queries", message: "makes this a file of queries: ask them with fedsim query",
        line: map.lines["queries"])
      throw ScenarioError(file: name, problems: [problem])
    }
    return try Scenario(changed(by: overrides), file: name, lineOf: lineOf(overrides))
  }

  /// Whether this is a file for `fedsim query`.
  package var asksQueries: Bool { value["queries"] != nil }

  /// The queries, with overrides from the command line applied first.
  /// - Throws: `ScenarioError` with everything that is wrong.
  package func queryScenario(overrides: [(path: String, value: JSONValue)] = []) throws -> QueryScenario {
    try QueryScenario(changed(by: overrides), file: name, lineOf: lineOf(overrides))
  }

  /// Every run of the scenario's sweep, with overrides from the command line applied first.
  /// - Throws: `ScenarioError`, also when the scenario has no sweep section.
  package func sweepPlan(overrides: [(path: String, value: JSONValue)] = []) throws -> SweepPlan {
    let value = changed(by: overrides)
    let lineOf = lineOf(overrides)
    // Only the section itself has to be right: a key that is swept need not be in the scenario.
    guard let sweep = try Sweep.only(value, file: name, lineOf: lineOf) else {
      throw ScenarioError(
        file: name,
        problems: [
          ScenarioProblem(
            path: "sweep", message: "is missing; allowed: an object of paths and lists, \(Sweep.example)", line: nil
          )
        ])
    }
    return try SweepPlan(sweep, of: value.removing("sweep"), file: name, lineOf: lineOf)
  }

  /// What the scenario's tune section asks for, with overrides from the command line applied first.
  /// - Throws: `ScenarioError`, also when the scenario has no such section.
  package func tunePlan(overrides: [(path: String, value: JSONValue)] = []) throws -> TunePlan {
    try TunePlan(
      scenario(overrides: overrides), value: changed(by: overrides), file: name, lineOf: lineOf(overrides))
  }

  private func changed(by overrides: [(path: String, value: JSONValue)]) -> JSONValue {
    var changed = value
    for override in overrides {
      changed = changed.setting(Self.keys(override.path)[...], to: override.value)
    }
    return changed
  }

  /// The keys of a path. Those of the sections of sweeps and searches are paths themselves.
  private static func keys(_ path: String) -> [String] {
    if path.hasPrefix("tune.keys.") { return ["tune", "keys", String(path.dropFirst(10))] }
    if path.hasPrefix("sweep."), !path.hasPrefix("sweep.variants.") { return ["sweep", String(path.dropFirst(6))] }
    return path.split(separator: ".").map(String.init)
  }

  /// The line of a path; values from the command line have none.
  private func lineOf(_ overrides: [(path: String, value: JSONValue)]) -> (String) -> Int? {
    let overridden = overrides.map(\.path)
    let lines = map.lines
    return { path in
      overridden.contains { path == $0 || path.hasPrefix($0 + ".") } ? nil : lines[path]
    }
  }

  /// Reads the value of a `--set path=value`: JSON5 where it parses, otherwise a text.
  package static func overrideValue(_ text: String) -> JSONValue {
    (try? parse(Data(text.utf8))) ?? .string(text)
  }

  private static func parse(_ data: Data) throws -> JSONValue {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    return try decoder.decode(JSONValue.self, from: data)
  }
}
