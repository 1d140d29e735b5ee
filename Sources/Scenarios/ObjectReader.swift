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
  private let path: [String]
  private let members: [String: JSONValue]
  private(set) var resolved: [String: JSONValue] = [:]
  private(set) var properties: [String: JSONValue] = [:]
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

  // MARK: Fields

  func integer(
    _ key: String, _ range: ClosedRange<Int>, default fallback: Int? = nil, when condition: Condition? = nil,
    _ about: String
  ) -> Int {
    let schema: [String: JSONValue] = [
      "type": .string("integer"), "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
    ]
    return field(
      key, schema, about, when: condition, fallback: fallback, placeholder: range.lowerBound,
      allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      encode: JSONValue.integer
    ) { value in
      guard case .integer(let number) = value, range.contains(number) else { return nil }
      return number
    }
  }

  func number(
    _ key: String, _ range: ClosedRange<Double>, default fallback: Double? = nil,
    when condition: Condition? = nil, _ about: String
  ) -> Double {
    let schema: [String: JSONValue] = [
      "type": .string("number"), "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
    ]
    return field(
      key, schema, about, when: condition, fallback: fallback, placeholder: range.lowerBound,
      allowed: "a number from \(range.lowerBound) to \(range.upperBound)", encode: JSONValue.number
    ) { value in
      guard let number = value.asDouble, range.contains(number) else { return nil }
      return number
    }
  }

  func optionalNumber(_ key: String, _ range: ClosedRange<Double>, _ about: String) -> Double? {
    onlyIfGiven(key, number(key, range, default: range.lowerBound, about))
  }

  func optionalInteger(_ key: String, _ range: ClosedRange<Int>, _ about: String) -> Int? {
    onlyIfGiven(key, integer(key, range, default: range.lowerBound, about))
  }

  func bool(
    _ key: String, default fallback: Bool, when condition: Condition? = nil, _ about: String
  ) -> Bool {
    field(
      key, ["type": .string("boolean")], about, when: condition, fallback: fallback, placeholder: false,
      allowed: "true or false", encode: JSONValue.bool
    ) { value in
      if case .bool(let flag) = value { flag } else { nil }
    }
  }

  func string(
    _ key: String, default fallback: String? = nil, when condition: Condition? = nil, _ about: String
  ) -> String {
    field(
      key, ["type": .string("string"), "minLength": .integer(1)], about, when: condition, fallback: fallback,
      placeholder: "",
      allowed: "a text that is not empty", encode: JSONValue.string
    ) { value in
      if case .string(let text) = value, !text.isEmpty { text } else { nil }
    }
  }

  func strings(_ key: String, default fallback: [String], _ about: String) -> [String] {
    let schema: [String: JSONValue] = [
      "type": .string("array"), "items": .object(["type": .string("string")]), "minItems": .integer(1),
    ]
    return field(
      key, schema, about, fallback: fallback, placeholder: fallback, allowed: "a list of texts",
      encode: { .array($0.map(JSONValue.string)) }
    ) { value in
      guard case .array(let values) = value, !values.isEmpty else { return nil }
      let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
      return texts.count == values.count ? texts : nil
    }
  }

  /// A list of texts, or nil when there is none.
  func optionalStrings(_ key: String, _ about: String) -> [String]? {
    onlyIfGiven(key, strings(key, default: [], about))
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type, default fallback: Choice, when condition: Condition? = nil,
    _ about: String
  ) -> Choice where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    let schema: [String: JSONValue] = ["enum": .array(names.map(JSONValue.string))]
    return field(
      key, schema, about, when: condition, fallback: fallback, placeholder: fallback,
      allowed: "one of " + names.map { "\"\($0)\"" }.joined(separator: ", "), suggestions: names,
      encode: { .string($0.rawValue) }
    ) { value in
      if case .string(let name) = value { Choice(rawValue: name) } else { nil }
    }
  }

  /// What names in a list under `key` stand for; those that stand for nothing are problems.
  func choices<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ names: [String], _ type: Choice.Type
  ) -> [Choice] where Choice.RawValue == String {
    names.compactMap { name in
      if let choice = Choice(rawValue: name) { return choice }
      problem(key, unknown: name, among: Choice.allCases.map(\.rawValue))
      return nil
    }
  }

  /// A text that is allowed and has no meaning here.
  func ignored(_ key: String, _ about: String) {
    note(key, .object(["type": .string("string"), "description": .string(about)]), required: false)
  }

  /// The value of `key` as it stands, for a part of the file that someone else reads. It is not resolved.
  func raw(_ key: String, _ schema: JSONValue) -> JSONValue? {
    note(key, schema, required: false)
    return members[key]
  }

  /// Notes a value that was read by hand as it stands.
  func keep(_ key: String, _ value: JSONValue) { resolved[key] = value }

  // MARK: Objects

  /// An object under `key`. A missing one that is not required is read as empty, so its defaults apply.
  func object<Value>(
    _ key: String, required: Bool = false, _ about: String, _ read: (ObjectReader) -> Value
  ) -> Value {
    var inside: [String: JSONValue] = [:]
    switch members[key] {
    case .object(let found): inside = found
    case nil: if required && !session.describing { problem(key, "is missing; allowed: an object (\(about))") }
    case .some(let other): problem(key, "found \(other.inWords); allowed: an object (\(about))")
    }
    let reader = ObjectReader(inside, path: path + [key], session: session)
    let value = read(reader)
    // One message a missing object is enough; without this every required key in it would be reported too.
    if members[key] != nil { reader.rejectUnknownKeys() }
    resolved[key] = .object(reader.resolved)
    note(key, reader.schema(about: about), required: required)
    return value
  }

  /// An object under `key`, or nil when there is none.
  func optionalObject<Value>(_ key: String, _ about: String, _ read: (ObjectReader) -> Value) -> Value? {
    guard has(key) || session.describing else {
      note(key, .object([:]), required: false)
      return nil
    }
    return object(key, about, read)
  }

  /// An object under `key` whose members are objects with names of the user's choice, in the order of the names; nil
  /// when there is none.
  func namedObjects<Value>(
    _ key: String, _ about: String, _ read: ([(name: String, reader: ObjectReader)]) -> Value
  ) -> Value? {
    var inside: [String: JSONValue] = session.describing ? ["name": .object([:])] : [:]
    switch members[key] {
    case nil where !session.describing:
      note(key, .object([:]), required: false)
      return nil
    case nil: break
    case .object(let found) where !found.isEmpty: inside = found
    case .some(let other):
      problem(key, "found \(other.inWords); allowed: an object with at least one named object (\(about))")
    }
    var readers: [(name: String, reader: ObjectReader)] = []
    for name in inside.keys.sorted() {
      guard case .object(let members)? = inside[name] else {
        problem("\(key).\(name)", "found \(inside[name]?.inWords ?? ""); allowed: an object")
        continue
      }
      readers.append((name, ObjectReader(members, path: path + [key, name], session: session)))
    }
    let value = read(readers)
    for (_, reader) in readers where !session.describing { reader.rejectUnknownKeys() }
    resolved[key] = .object(
      Dictionary(uniqueKeysWithValues: readers.map { ($0.name, .object($0.reader.resolved)) }))
    let one = readers.first?.reader.schema(about: about) ?? .object([:])
    note(
      key,
      .object([
        "type": .string("object"), "description": .string(about), "additionalProperties": one,
        "minProperties": .integer(1),
      ]), required: false)
    return value
  }

  /// An object under `key`, or the text "none".
  func objectOrNone<Value>(_ key: String, _ about: String, _ read: (ObjectReader) -> Value) -> Value? {
    if members[key] == .string("none") {
      resolved[key] = .string("none")
      note(key, .object(["const": .string("none")]), required: true)
      return nil
    }
    var isObject = session.describing
    if case .object? = members[key] { isObject = true }
    guard isObject else {
      let found = members[key].map { "found \($0.inWords)" } ?? "is missing"
      problem(key, "\(found); allowed: an object (\(about)) or \"none\"")
      note(key, .object([:]), required: true)
      return nil
    }
    let value = object(key, required: true, about, read)
    if let schema = properties[key] {
      properties[key] = .object([
        "description": .string(about),
        "oneOf": .array([schema, .object(["const": .string("none")])]),
      ])
    }
    return value
  }

  /// One of several kinds of object under `key`, told apart by its member `kind`.
  func variant<Value>(
    _ key: String, _ about: String, _ cases: [(kind: String, read: (ObjectReader) -> Value)]
  ) -> Value? {
    let kinds = cases.map(\.kind)
    let session = self.session
    func readCase(_ index: Int, _ inside: [String: JSONValue]) -> (Value, ObjectReader) {
      let reader = ObjectReader(inside, path: path + [key], session: session)
      reader.note("kind", .object(["const": .string(kinds[index])]), required: true)
      reader.resolved["kind"] = .string(kinds[index])
      return (cases[index].read(reader), reader)
    }
    if session.describing {
      let read = cases.indices.map { readCase($0, [:]) }
      let schemas = read.map { $0.1.schema(about: about) }
      note(key, .object(["description": .string(about), "oneOf": .array(schemas)]), required: true)
      return read.first?.0
    }
    note(key, .object([:]), required: true)
    guard case .object(let inside)? = members[key] else {
      let found = members[key].map { "found \($0.inWords)" } ?? "is missing"
      problem(key, "\(found); allowed: an object (\(about))")
      return nil
    }
    guard case .string(let kind)? = inside["kind"], let index = kinds.firstIndex(of: kind) else {
      let allowed = "allowed: one of " + kinds.map { "\"\($0)\"" }.joined(separator: ", ")
      var found = "is missing"
      var hint = ""
      if let given = inside["kind"] {
        found = "found \(given.inWords)"
        if case .string(let name) = given, let near = nearestName(to: name, among: kinds) {
          hint = "; did you mean \"\(near)\"?"
        }
      }
      problem(key + ".kind", "\(found); \(allowed)\(hint)")
      return nil
    }
    let (value, reader) = readCase(index, inside)
    reader.rejectUnknownKeys()
    resolved[key] = .object(reader.resolved)
    return value
  }

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
  private func onlyIfGiven<Value>(_ key: String, _ value: Value) -> Value? {
    properties[key]?.removeDefault()
    if has(key) || session.describing { return value }
    resolved[key] = nil
    return nil
  }

  private func note(_ key: String, _ schema: JSONValue, required: Bool) {
    properties[key] = schema
    if required { requiredKeys.append(key) }
  }

  private func field<Value>(
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
