import DifferentialPrivacy
import Foundation
import NumericalCore
import Scenarios
import Testing

@Suite("Files of queries")
struct QueryScenarioTests {
  static let valid = """
    {
      "name": "q", "seed": 3,
      "population": {
        "kind": "table", "columns": {"action": ["view", "buy"], "spend": ["0", "10", "25"]},
        "groups": {
          "a": {"clients": 3, "recordsPerClient": 2, "record": {"action": "buy", "spend": "25"}},
          "b": {"clients": 2, "record": {"action": "view", "spend": "0"}}
        }
      },
      "privacy": {"budget": 3},
      "queries": {"one": {"kind": "count", "where": {"action": ["buy"]}, "epsilon": [0.5, 1], "maximumPerClient": 2}}
    }
    """

  private func scenario(_ text: String) throws -> QueryScenario {
    try QueryScenario(JSONValue(utf8: text.utf8), file: "q.json5")
  }

  @Test("that are shipped can be read, resolve to themselves and say what is learned", arguments: shippedQueries)
  func shippedOnes(name: String) throws {
    let scenario = try shipped(name).queryScenario()
    #expect(name.hasSuffix("/\(scenario.name).json5"))
    let again = try QueryScenario(JSONValue(utf8: scenario.resolved.encoded(pretty: false)), file: name)
    #expect(again == scenario)
    let text = try String(contentsOf: repository.appendingPathComponent("scenarios/\(name)"), encoding: .utf8)
    #expect(text.hasPrefix("//") && text.contains("Learned: "))
    #expect(
      QueryScenario.jsonSchema().problem(in: try JSONValue(utf8: scenario.resolved.encoded(pretty: false))) == nil)
  }

  @Test("are all in the list of those shipped")
  func allListed() throws {
    let folder = repository.appendingPathComponent("scenarios/queries")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json5") }
    #expect(names.sorted().map { "queries/\($0)" } == shippedQueries)
  }

  @Test("have a schema in the repository that is the decoder's")
  func committedSchema() throws {
    let data = try Data(contentsOf: repository.appendingPathComponent("scenarios/queries/queries.schema.json"))
    #expect(
      try JSONValue(utf8: data) == JSONValue(utf8: QueryScenario.jsonSchema().encoded(pretty: false)),
      "write it anew: swift run -c release fedsim schema --queries > scenarios/queries/queries.schema.json")
  }

  @Test(
    "say what is wrong, where, and what is allowed",
    arguments: [
      (
        #""epsilon": [0.5, 1]"#, #""epsilon": [0.5, "x"]"#,
        "queries.one.epsilon: found a list of 2; allowed: a number"
      ),
      (#""epsilon": [0.5, 1], "#, "", "queries.one.epsilon: is missing"),
      (
        #"["buy"]"#, #"["buz"]"#,
        #"queries.one.where.action: found "buz"; allowed: "view", "buy"; did you mean "buy"?"#
      ),
      (#"{"action": ["buy"]}"#, #"{"actio": ["buy"]}"#, "did you mean \"action\"?"),
      (#""kind": "count""#, #""kind": "sum""#, #"found "action", whose values are no ascending whole numbers"#),
      (#""kind": "count""#, #""kind": "ratio""#, "queries.one.of: is missing"),
      (#""kind": "count""#, #""kind": "count", "quantile": 0.2"#, #"it only has a meaning with kind "quantile""#),
      (#""kind": "count""#, #""kind": "top", "choices": 3"#, "choices: found 3; allowed"),
      (
        #""kind": "count""#, #""kind": "count", "mechanisms": ["exponential"]"#,
        "mechanisms: only has a meaning with"
      ),
      (
        #""kind": "count""#, #""kind": "count", "localMechanism": "laplace""#,
        #"only has a meaning with trust "local""#
      ),
      (#"{"budget": 3}"#, #"{"trust": "local"}"#, #"use "replace-one""#),
      (
        #"{"action": "view", "spend": "0"}"#, #"{"action": "view"}"#, "population.groups.b.record.spend: is missing"
      ),
      (
        #""spend": "0"}"#, #""spend": "1"}"#,
        #"population.groups.b.record.spend: found "1"; allowed: "0", "10", "25""#
      ),
      (#""queries": {"#, #""querys": {"#, "unknown key; did you mean queries?"),
    ])
  func mistakes(old: String, new: String, message: String) throws {
    #expect(Self.valid.contains(old))
    let error = try #require(throws: ScenarioError.self) {
      try scenario(Self.valid.replacingOccurrences(of: old, with: new))
    }
    // Those of a choice of three from two values come with others.
    let said = message == "choices: found 3; allowed" ? "choices: is 3, more than the 2 values" : message
    #expect(error.description.contains(said), "\(error)")
  }

  // MARK: Sensitivity: what all privacy of queries rests on

  private static let kinds = [
    #"{"kind": "count", "maximumPerClient": 3"#, #"{"kind": "count", "counts": "clients", "maximumPerClient": 2"#,
    #"{"kind": "sum", "field": "price", "lower": 0, "upper": 30, "maximumPerClient": 2"#,
    #"{"kind": "sum", "field": "price", "lower": 5, "upper": 30, "maximumPerClient": 2"#,
    #"{"kind": "mean", "field": "price", "lower": 10, "upper": 90, "maximumPerClient": 3"#,
    #"{"kind": "ratio", "of": {"action": ["purchase"]}, "denominator": "noisy", "maximumPerClient": 2"#,
    #"{"kind": "ratio", "of": {"action": ["purchase"]}, "denominator": "complement", "maximumPerClient": 2"#,
    #"{"kind": "ratio", "of": {"action": ["purchase"]}, "denominator": "public", "publicDenominator": 9, "maximumPerClient": 2"#,
    #"{"kind": "histogram", "by": ["action", "segment"], "maximumPerClient": 4"#,
    #"{"kind": "histogram", "counts": "clients", "by": ["segment"], "maximumPerClient": 2"#,
    #"{"kind": "quantile", "field": "price", "quantile": 0.9, "maximumPerClient": 2"#,
    #"{"kind": "top", "field": "category""#,
  ]

  private func query(_ text: String, privacy: String) throws -> (Query, [RecordField]) {
    let scenario = try scenario(
      """
      {"name": "q", "population": {"kind": "market", "clients": 10, "categories": 4, "segments": 3},
       "privacy": \(privacy), "queries": {"one": \(text), "epsilon": 1}}}
      """)
    return (scenario.queries[0], scenario.population.fields)
  }

  private func contribution(
    _ query: Query, _ fields: [RecordField], _ trust: Privacy.Trust, _ stream: inout RandomStream
  ) -> [Int] {
    var records: [Int32] = []
    for _ in 0..<stream.nextInteger(below: 12) {
      for field in fields { records.append(Int32(stream.nextInteger(below: field.values.count))) }
    }
    var cells = [Int](repeating: 0, count: query.cellCount(fields))
    _ = query.contribute(records, fields, most: query.maximumPerClient, trust: trust) { cells[$0] += $1 }
    return cells
  }

  @Test("count no client for more than their sensitivity, whatever it holds", arguments: kinds)
  func sensitivity(kind: String) throws {
    for (privacy, trust, adjacency) in [
      (#"{"adjacency": "add-or-remove"}"#, Privacy.Trust.central, Adjacency.addOrRemove),
      (#"{"adjacency": "replace-one"}"#, .central, .replaceOne),
      (#"{"trust": "local", "adjacency": "replace-one"}"#, .local, .replaceOne),
    ] {
      let (query, fields) = try query(kind, privacy: privacy)
      var stream = RandomStream(seed: 5, purpose: .examples)
      // The largest change that was seen, over the sensitivity: never above 1, and for most kinds close to it.
      var largest = 0.0
      for _ in 0..<3000 {
        let one = contribution(query, fields, trust, &stream)
        let other =
          adjacency == .replaceOne
          ? contribution(query, fields, trust, &stream) : [Int](repeating: 0, count: one.count)
        if query.selects(trust) {
          let around = (0..<one.count).map { _ in stream.nextInteger(below: 50) }
          let (before, after) = (zip(around, one).map { $0 + $1 }, zip(around, other).map { $0 + $1 })
          let utilities =
            query.kind == .quantile
            ? (query.quantileUtilities(before), query.quantileUtilities(after)) : (before, after)
          let change = zip(utilities.0, utilities.1).map { abs($0 - $1) }.max() ?? 0
          largest = max(largest, Double(change) / Double(query.utilitySensitivity(adjacency)))
          continue
        }
        for part in query.parts(fields, adjacency: adjacency) {
          let change = part.cells.reduce(0) { $0 + abs(one[$1] - other[$1]) }
          largest = max(largest, Double(change) / Double(part.sensitivity))
        }
        #expect(abs(query.parts(fields, adjacency: adjacency).reduce(0) { $0 + $1.share } - 1) < 1e-12)
      }
      #expect(largest <= 1 && largest > 0.8, "\(kind), \(adjacency): \(largest)")
    }
  }

  @Test("find a quantile where its utility is 0, and nowhere else")
  func utilities() throws {
    let (query, _) = try query(#"{"kind": "quantile", "field": "price", "quantile": 0.25"#, privacy: "{}")
    #expect(query.quantileUtilities([1, 1, 1, 1]) == [0, 0, -1000, -2000])
    #expect(query.quantileUtilities([10, 0, 0]) == [0, -7500, -7500])
    #expect(query.quantileUtilities([0, 0, 0]) == [0, 0, 0])
  }
}
