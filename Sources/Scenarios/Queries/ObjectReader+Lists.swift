/// Lists and objects of texts with names of the user's choice.
extension ObjectReader {
  /// An object of lists of texts, in the order of the names; empty when there is none.
  func namedLists(_ key: String, _ about: String) -> [(name: String, values: [String])] {
    let list = JSONValue.object([
      "type": .string("array"), "items": .object(["type": .string("string")]), "minItems": .integer(1),
    ])
    return namedMembers(key, about, each: list, of: "lists of texts").compactMap { name, value in
      guard case .array(let values) = value, !values.isEmpty else {
        problem("\(key).\(name)", "found \(value.inWords); allowed: a list of texts")
        return nil
      }
      let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
      guard texts.count == values.count, Set(texts).count == texts.count else {
        problem(
          "\(key).\(name)", "holds something that is no text, or one text twice; allowed: a list of different texts"
        )
        return nil
      }
      return (name, texts)
    }
  }

  /// An object of texts; empty when there is none.
  func namedTexts(_ key: String, _ about: String) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in namedMembers(key, about, each: .object(["type": .string("string")]), of: "texts") {
      guard case .string(let text) = value else {
        problem("\(key).\(name)", "found \(value.inWords); allowed: a text")
        continue
      }
      texts[name] = text
    }
    return texts
  }

  /// The members of an object, in the order of their names; none when there is none.
  private func namedMembers(
    _ key: String, _ about: String, each: JSONValue, of what: String
  ) -> [(name: String, value: JSONValue)] {
    let schema = JSONValue.object([
      "type": .string("object"), "description": .string(about), "additionalProperties": each,
    ])
    guard let found = raw(key, schema) else { return [] }
    keep(key, found)
    guard case .object(let members) = found else {
      problem(key, "found \(found.inWords); allowed: an object of \(what)")
      return []
    }
    return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// A number, or a list of numbers.
  func numbers(_ key: String, _ range: ClosedRange<Double>, _ about: String) -> [Double] {
    let one = JSONValue.object([
      "type": .string("number"), "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
    ])
    let schema = JSONValue.object([
      "description": .string(about),
      "oneOf": .array([one, .object(["type": .string("array"), "items": one, "minItems": .integer(1)])]),
    ])
    let allowed = "a number from \(range.lowerBound) to \(range.upperBound), or a list of such numbers"
    guard let found = raw(key, schema) else {
      if !session.describing { problem(key, "is missing; allowed: \(allowed)") }
      return [range.lowerBound]
    }
    keep(key, found)
    var values = [found]
    if case .array(let list) = found { values = list }
    let numbers = values.compactMap { $0.asDouble.flatMap { range.contains($0) ? $0 : nil } }
    guard numbers.count == values.count, !numbers.isEmpty, numbers.count <= 100 else {
      problem(key, "found \(found.inWords); allowed: \(allowed)")
      return [range.lowerBound]
    }
    return numbers
  }
}
