/// Objects in objects.
extension ObjectReader {
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
}
