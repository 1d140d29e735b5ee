import Foundation
import NumericalCore
import Scenarios
import Testing

/// Editors check scenarios with the schema, fedsim with the decoder: the two must not drift apart.
@Suite("The JSON Schema")
struct SchemaTests {
  static let schema = Scenario.jsonSchema()

  @Test("in the repository is the one that the decoder describes")
  func committedSchema() throws {
    let data = try Data(contentsOf: repository.appendingPathComponent("scenarios/scenario.schema.json"))
    #expect(
      try JSONValue(utf8: data) == JSONValue(utf8: Self.schema.encoded(pretty: false)),
      "write it anew: swift run -c release fedsim schema > scenarios/scenario.schema.json")
  }

  @Test("accepts every shipped scenario, resolved or not", arguments: shippedScenarios)
  func shippedOnes(name: String) throws {
    #expect(Self.schema.problem(in: try shipped(name).scenario().whole) == nil)
  }

  /// Changes scenarios at random places and asks both. The decoder also checks what a schema cannot say (one key
  /// against another), so it may refuse more, and never less.
  @Test("refuses nothing that the decoder accepts, and accepts no single value it refuses", arguments: 0..<40)
  func agreement(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, purpose: .examples)
    let name = shippedScenarios[stream.nextInteger(below: shippedScenarios.count)]
    let scenario = try shipped(name).scenario()
    for _ in 0..<60 {
      let changed = mutate(scenario.whole, &stream)
      let problems: [ScenarioProblem]
      do {
        _ = try Scenario(changed, file: name)
        problems = []
      } catch let error as ScenarioError {
        problems = error.problems
      }
      let schemaProblem = Self.schema.problem(in: changed)
      if problems.isEmpty {
        #expect(schemaProblem == nil, "the decoder accepts \(changed)")
      } else if schemaProblem == nil {
        let crossChecks = [
          "both are given", "neither is given", "at most the population's", "only has a meaning",
          "above maximum", "with full participation", "for which no accountant", "is proved only",
          "for which only", "names a folder", "crosses of them",
          "is missing; allowed: a whole number from 1 to the",
          "full participation takes", "knows no amplification", "proves nothing about Gaussian", "with local trust",
          "because the privacy unit", "shares add up", "from which the noise follows", "nobody would ever",
          "goes without tiers",
          "is in the list twice", "is given with tolerance", "which is an axis of the sweep", "tiers differ in",
          "go with unit",
          "with the privacy unit", "which goes with central trust",
          "is missing; allowed with bits", "is missing, and sparsification", "saves nothing with local trust",
          "which no coordinate is beyond",
          "goes with the privacy unit", "does not go with differential privacy", "because the attack reads",
          "belongs to the market", "allow none of features.groups", "allowed: item, category",
          "allowed: a list of two values or more", "is what is promised", "is what settings are measured on",
          "different whole numbers",
        ]
        for problem in problems {
          #expect(crossChecks.contains { problem.message.contains($0) }, "only the decoder says: \(problem)")
        }
      }
    }
  }

  /// A copy with one member somewhere changed, removed, renamed or added.
  private func mutate(_ value: JSONValue, _ stream: inout RandomStream) -> JSONValue {
    guard case .object(var members) = value, !members.isEmpty else { return strange(&stream) }
    let keys = members.keys.sorted()
    let key = keys[stream.nextInteger(below: keys.count)]
    if case .object(let inner)? = members[key], !inner.isEmpty, stream.nextInteger(below: 5) > 0 {
      members[key] = mutate(members[key] ?? .null, &stream)
      return .object(members)
    }
    switch stream.nextInteger(below: 6) {
    case 0: members[key] = nil
    case 1: members[key + "x"] = members.removeValue(forKey: key)
    default: members[key] = strange(&stream)
    }
    return .object(members)
  }

  private func strange(_ stream: inout RandomStream) -> JSONValue {
    let values: [JSONValue] = [
      .null, .bool(true), .integer(0), .integer(-1), .integer(1), .integer(7), .integer(1 << 40), .number(0.5),
      .number(-2.5), .number(1e300), .number(1e-9), .string(""), .string("none"), .string("market"),
      .string("poisson"), .string("adam"), .array([]), .array([.string("item")]), .array([.integer(1)]),
      .object([:]), .object(["kind": .string("market"), "clients": .integer(9)]),
    ]
    return values[stream.nextInteger(below: values.count)]
  }
}

extension JSONValue {
  /// The first thing in `value` that this JSON Schema forbids; the keywords that our schema uses are understood.
  func problem(in value: JSONValue) -> String? {
    if let constant = self["const"], constant != value { return "is not \(constant.inWords)" }
    if case .array(let allowed)? = self["enum"], !allowed.contains(value) { return "is not in the list" }
    if case .array(let choices)? = self["oneOf"] {
      let matching = choices.filter { $0.problem(in: value) == nil }
      if matching.count != 1 { return "matches \(matching.count) alternatives" }
    }
    if case .string(let type)? = self["type"], !value.has(type: type) { return "is not of type \(type)" }
    if let number = value.asDouble {
      if let least = self["minimum"]?.asDouble, number < least { return "is below \(least)" }
      if let most = self["maximum"]?.asDouble, number > most { return "is above \(most)" }
    }
    if case .string(let text) = value, case .integer(let least)? = self["minLength"], text.count < least {
      return "is too short"
    }
    if case .array(let values) = value {
      if case .integer(let least)? = self["minItems"], values.count < least { return "has too few items" }
      if let items = self["items"] { return values.lazy.compactMap { items.problem(in: $0) }.first }
    }
    if case .object(let members) = value, case .integer(let least)? = self["minProperties"], members.count < least {
      return "has too few members"
    }
    if case .object(let members) = value, self["properties"] == nil, let one = self["additionalProperties"] {
      return members.keys.sorted().lazy.compactMap { one.problem(in: members[$0] ?? .null) }.first
    }
    if case .object(let members) = value, case .object(let properties)? = self["properties"] {
      if case .array(let required)? = self["required"] {
        for case .string(let key) in required where members[key] == nil { return "lacks \(key)" }
      }
      for (key, member) in members {
        var schema = properties[key]
        if schema == nil, case .object? = self["additionalProperties"] { schema = self["additionalProperties"] }
        guard let schema else { return "has the unknown key \(key)" }
        if let problem = schema.problem(in: member) { return "\(key) \(problem)" }
      }
    }
    return nil
  }

  private func has(type: String) -> Bool {
    switch (type, self) {
    case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("integer", .integer),
      ("number", .integer), ("number", .number):
      true
    default: false
    }
  }
}
