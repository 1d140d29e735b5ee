/// Whole files, of whatever kind.
extension ObjectReader {
  /// Reads a parsed file.
  /// - Parameters:
  ///   - value: the file, with overrides applied.
  ///   - file: its name, for messages.
  ///   - lineOf: the line of a dotted path, where one is known.
  ///   - read: nil where something that everything else needs is missing, which is a problem by then.
  /// - Throws: `ScenarioError` with everything that is wrong.
  static func read<Value>(
    _ value: JSONValue, file: String, lineOf: @escaping (String) -> Int?, _ read: (ObjectReader) -> Value?
  ) throws -> Value {
    guard case .object(let members) = value else {
      let problem = ScenarioProblem(path: "", message: "found \(value.inWords); allowed: an object", line: 1)
      throw ScenarioError(file: file, problems: [problem])
    }
    let session = Session(describing: false, lineOf: lineOf)
    guard let found = read(ObjectReader(members, path: [], session: session)), session.problems.isEmpty else {
      throw ScenarioError(file: file, problems: session.problems)
    }
    return found
  }

  /// The JSON Schema (draft 2020-12) of a kind of file, made by the code that reads it.
  static func jsonSchema<Value>(title: String, about: String, _ read: (ObjectReader) -> Value?) -> JSONValue {
    let reader = ObjectReader([:], path: [], session: Session(describing: true))
    _ = read(reader)
    return reader.schema(about: about)
      .setting(["$schema"], to: .string("https://json-schema.org/draft/2020-12/schema"))
      .setting(["title"], to: .string(title))
  }
}
