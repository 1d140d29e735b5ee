/// Reads one object of a scenario field by field, and at the same time knows what it read.
///
/// The same calls serve three ends, so they cannot drift apart: the typed values, the resolved scenario with all
/// defaults filled in, and the JSON Schema that editors use. A wrong value is noted as a problem and the field's
/// default is returned, so that one pass finds everything that is wrong.
final class ObjectReader {
  /// What all readers of one file share.
  final class Session {
    var problems: [ScenarioProblem] = []
    /// True when only the schema is wanted: every variant is visited and nothing is a problem.
    let describing: Bool
    let lineOf: (String) -> Int?

    init(describing: Bool, lineOf: @escaping (String) -> Int? = { _ in nil }) {
      self.describing = describing
      self.lineOf = lineOf
    }
  }

  /// Something that has to hold for a key to mean anything. A key that would do nothing is refused, and does not
  /// show up in the resolved scenario.
  struct Condition {
    let holds: Bool
    /// Completes "it only has a meaning with …".
    let meaning: String
  }

  let session: Session
  let path: [String]
  let members: [String: JSONValue]
  var resolved: [String: JSONValue] = [:]
  var properties: [String: JSONValue] = [:]
  private(set) var requiredKeys: [String] = []

  init(_ members: [String: JSONValue], path: [String], session: Session) {
    self.members = members
    self.path = path
    self.session = session
  }

  /// Notes that the value of `key` is wrong.
  func problem(_ key: String, _ message: String) {
    let full = (path + [key]).joined(separator: ".")
    // What is missing is placed at the object it is missing from.
    let place = has(key) || key.contains(".") ? full : path.joined(separator: ".")
    session.problems.append(ScenarioProblem(path: full, message: message, line: session.lineOf(place)))
  }

  /// Notes that `key` names something that is not there, with the nearest name that is.
  /// - Parameter listed: what is allowed, as the message says it; nil: all names.
  func problem(_ key: String, unknown name: String, among names: [String], listed: String? = nil) {
    let hint = nearestName(to: name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    problem(key, "found \"\(name)\"; allowed: \(listed ?? names.joined(separator: ", "))\(hint)")
  }

  /// Whether the file gives `key` at all.
  func has(_ key: String) -> Bool { members[key] != nil }

  /// Notes every key that no field asked for, with the nearest one that exists.
  func rejectUnknownKeys(except alreadyReported: [String] = []) {
    let known = properties.keys.sorted()
    for key in members.keys.sorted() where properties[key] == nil && !alreadyReported.contains(key) {
      let hint = nearestName(to: key, among: known).map { "did you mean \($0)? " } ?? ""
      problem(key, "unknown key; \(hint)allowed here: \(known.joined(separator: ", "))")
    }
  }

  /// The JSON Schema of the object as far as it has been read.
  func schema(about: String) -> JSONValue {
    .object([
      "type": .string("object"), "description": .string(about), "properties": .object(properties),
      "required": .array(requiredKeys.map(JSONValue.string)), "additionalProperties": .bool(false),
    ])
  }

  // MARK: Parts

  /// The value of a key that has no default: nil where the file does not give it.
  func onlyIfGiven<Value>(_ key: String, _ value: Value) -> Value? {
    properties[key]?.removeDefault()
    if has(key) || session.describing { return value }
    resolved[key] = nil
    return nil
  }

  func note(_ key: String, _ schema: JSONValue, required: Bool) {
    properties[key] = schema
    if required { requiredKeys.append(key) }
  }

  func field<Value>(
    _ key: String, _ schema: [String: JSONValue], _ about: String, when condition: Condition? = nil,
    fallback: Value?, placeholder: Value,
    allowed: String, suggestions: [String] = [], encode: (Value) -> JSONValue, decode: (JSONValue) -> Value?
  ) -> Value {
    var described = schema
    described["description"] = .string(about)
    if let fallback { described["default"] = encode(fallback) }
    note(key, .object(described), required: fallback == nil)
    if let condition, !condition.holds, !session.describing {
      if let found = members[key] {
        problem(key, "found \(found.inWords); it only has a meaning with \(condition.meaning): leave it out")
      }
      return fallback ?? placeholder
    }
    guard let found = members[key] else {
      if fallback == nil && !session.describing { problem(key, "is missing; allowed: \(allowed)") }
      let value = fallback ?? placeholder
      resolved[key] = encode(value)
      return value
    }
    guard let value = decode(found) else {
      var hint = ""
      if case .string(let text) = found, let near = nearestName(to: text, among: suggestions) {
        hint = "; did you mean \"\(near)\"?"
      }
      problem(key, "found \(found.inWords); allowed: \(allowed)\(hint)")
      return fallback ?? placeholder
    }
    resolved[key] = encode(value)
    return value
  }
}

extension JSONValue {
  fileprivate mutating func removeDefault() {
    if case .object(var members) = self {
      members["default"] = nil
      self = .object(members)
    }
  }
}
