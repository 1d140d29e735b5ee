import Foundation

/// A JSON value: what a scenario file holds before it is understood, and what results are written as.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The value of one member, or nil when this is not an object or has no such member.
  package subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { return members[key] }
    return nil
  }

  /// A number, or null where there is none.
  package static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }

  /// A whole number, or null where there is none.
  package static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

  /// A text, or null.
  package static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

  /// The value, when it is a whole number.
  package var asInteger: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The value as a double, when it is a number.
  package var asDouble: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value as it would be typed, for messages: short, on one line.
  package var inWords: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(60))\""
    case .array(let values): "a list of \(values.count)"
    case .object: "an object"
    }
  }

  /// A copy in which the member at `path` holds `value`; objects on the way are made where they are missing.
  package func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue {
    guard let key = path.first else { return value }
    var members: [String: JSONValue] = [:]
    if case .object(let existing) = self { members = existing }
    members[key] = (members[key] ?? .object([:])).setting(path.dropFirst(), to: value)
    return .object(members)
  }

  /// The member at a dotted path, or nil.
  package func member(at path: String) -> JSONValue? {
    path.split(separator: ".").reduce(Optional(self)) { $0?[String($1)] }
  }

  /// A copy without the member at a dotted path.
  package func removing(path: String) -> JSONValue {
    let keys = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard let key = keys.first, let member = self[key] else { return self }
    return keys.count == 1 ? removing(key) : setting([key], to: member.removing(path: keys[1]))
  }

  /// A copy without a member.
  package func removing(_ key: String) -> JSONValue {
    guard case .object(var members) = self else { return self }
    members[key] = nil
    return .object(members)
  }

  /// Parses JSON text.
  package init(utf8: some Sequence<UInt8>) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: Data(utf8))
  }

  /// Why a JSON file cannot be read.
  package enum FileProblem: Error, CustomStringConvertible {
    case unreadable, notJSON

    package var description: String {
      switch self {
      case .unreadable: "no such file, or it cannot be read"
      case .notJSON: "is not JSON; was it cut short?"
      }
    }
  }

  /// Reads a file.
  package init(contentsOf url: URL) throws(FileProblem) {
    guard let data = try? Data(contentsOf: url) else { throw .unreadable }
    guard let value = try? JSONValue(utf8: data) else { throw .notJSON }
    self = value
  }

  /// JSON text with sorted keys, so that equal values give equal bytes. Non-finite numbers become strings.
  package func encoded(pretty: Bool) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "undefined")
    return try encoder.encode(self)
  }
}

extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
    if let keyed = try? decoder.container(keyedBy: AnyKey.self) {
      var members: [String: JSONValue] = [:]
      for key in keyed.allKeys { members[key.stringValue] = try keyed.decode(JSONValue.self, forKey: key) }
      self = .object(members)
      return
    }
    if var list = try? decoder.unkeyedContainer() {
      var values: [JSONValue] = []
      while !list.isAtEnd { values.append(try list.decode(JSONValue.self)) }
      self = .array(values)
      return
    }
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let value = try? single.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? single.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? single.decode(Double.self) {
      self = .number(value)
    } else {
      self = .string(try single.decode(String.self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var keyed = encoder.container(keyedBy: AnyKey.self)
      for key in members.keys.sorted() {
        try keyed.encode(members[key], forKey: AnyKey(stringValue: key))
      }
    case .array(let values):
      var list = encoder.unkeyedContainer()
      for value in values { try list.encode(value) }
    case .null:
      var single = encoder.singleValueContainer()
      try single.encodeNil()
    case .bool(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    case .integer(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    case .number(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    case .string(let value):
      var single = encoder.singleValueContainer()
      try single.encode(value)
    }
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }
}
