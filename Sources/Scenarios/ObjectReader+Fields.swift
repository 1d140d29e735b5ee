/// Fields with one value, or a list of them.
extension ObjectReader {
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
}
