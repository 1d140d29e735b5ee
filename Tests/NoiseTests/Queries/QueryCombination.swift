import DifferentialPrivacy
import Scenarios

/// One kind of query under one guarantee, which the parser accepts.
struct QueryCombination: Sendable, CustomStringConvertible {
  let choices: [String: String]
  /// A scenario with the one query.
  private let value: JSONValue
  let query: Query
  let protection: QueryScenario.Protection

  var description: String {
    choices.filter { $0.value != "default" }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  /// Asks the query again and again: each time it is a release of its own.
  /// - Parameters:
  ///   - population: as in a file of queries.
  ///   - times: a multiple of 100.
  ///   - epsilon: of each.
  func asked(
    of population: String, times: Int, epsilon: Double, seed: Int, trials: Int = 1,
    changing change: (key: String, to: JSONValue)? = nil
  ) throws -> QueryScenario {
    var once = value["queries"]?["q"]?.setting(
      ["epsilon"], to: .array([JSONValue](repeating: .number(epsilon), count: 100)))
    if let change { once = once?.setting([change.key], to: change.to) }
    let copies = (0..<times / 100).map { ("q\($0)", once ?? .null) }
    let changed = value.setting(["queries"], to: .object(Dictionary(uniqueKeysWithValues: copies)))
      .setting(["population"], to: try JSONValue(utf8: population.utf8)).setting(["seed"], to: .integer(seed))
      .setting(["evaluation", "trials"], to: .integer(trials))
    return try QueryScenario(changed, file: "combination")
  }

  /// One scenario that asks the query of every combination once, in their order; they share a guarantee.
  static func together(_ combinations: [QueryCombination], of population: String) throws -> QueryScenario {
    let queries = combinations.enumerated().map { number, combination in
      ("q\(1000 + number)", combination.value["queries"]?["q"] ?? .null)
    }
    let value = combinations[0].value.setting(["queries"], to: .object(Dictionary(uniqueKeysWithValues: queries)))
      .setting(["population"], to: try JSONValue(utf8: population.utf8))
    return try QueryScenario(value, file: "combinations")
  }
}

extension QueryCombination {
  static let options: [Option] = [
    .trust, .adjacency, kind, counts, denominator, selection, localMechanism, maximumPerClient,
  ]

  private static let kind = Option(
    "kind",
    Query.Kind.allCases.map { kind in
      let bounds: [(path: String, to: JSONValue?)] = [
        ("queries.q.field", .string("price")), ("queries.q.lower", .integer(40)), ("queries.q.upper", .integer(60)),
      ]
      let more: [(path: String, to: JSONValue?)] =
        switch kind {
        case .count: []
        case .sum, .mean: bounds
        case .ratio: [("queries.q.of", .object(["action": .array([.string("view")])]))]
        case .histogram: [("queries.q.by", .array([.string("action")]))]
        case .quantile: [("queries.q.field", .string("price")), ("queries.q.quantile", .number(0.7))]
        case .top: [("queries.q.field", .string("action"))]
        }
      return Option.Value(kind.rawValue, [("queries.q.kind", .string(kind.rawValue))] + more)
    })

  private static let counts = Option("counts", "queries.q.counts", Query.Counted.self, absent: true)

  private static let denominator = Option(
    "denominator",
    Query.Denominator.allCases.map {
      let change = [(path: "queries.q.denominator", to: JSONValue?.some(.string($0.rawValue)))]
      return Option.Value(
        $0.rawValue, change + ($0 == .public ? [("queries.q.publicDenominator", .integer(10_000))] : []))
    } + [Option.Value("default")])

  private static let selection = Option(
    "mechanism",
    Query.Selection.allCases.map {
      Option.Value($0.rawValue, [("queries.q.mechanisms", .array([.string($0.rawValue)]))])
    } + [Option.Value("default")])

  private static let localMechanism = Option(
    "local mechanism", "queries.q.localMechanism", Query.LocalMechanism.self, absent: true)

  private static let maximumPerClient = Option(
    "records a client",
    [1, 2].map { Option.Value("\($0)", [("queries.q.maximumPerClient", .integer($0))]) } + [Option.Value("default")]
  )

  private static let base = """
    {"name": "noise", "seed": 1, "population": \(QueryPopulations.plain), "privacy": {},
     "evaluation": {"trials": 1},
     "queries": {"q": {"epsilon": 1, "where": {"segment": ["0", "1"]}}}}
    """

  /// Every combination that the parser accepts.
  static let accepted: [QueryCombination] = {
    guard let base = try? JSONValue(utf8: base.utf8) else { preconditionFailure("the base is no JSON") }
    var seen: Set<String> = []
    return Option.product(options, from: [(choices: [:], value: base)]).compactMap { candidate in
      guard let scenario = try? QueryScenario(candidate.value, file: "candidate"),
        let text = try? scenario.resolved.encoded(pretty: false),
        seen.insert(String(decoding: text, as: UTF8.self)).inserted
      else { return nil }
      return QueryCombination(
        choices: candidate.choices, value: candidate.value, query: scenario.queries[0],
        protection: scenario.protection)
    }
  }()

  /// How an answer is made private, which decides how that is measured.
  enum Way {
    /// Whole numbers with noise.
    case noise
    /// One of several candidates.
    case selection
    /// One of several answers of each client.
    case response
  }

  var way: Way {
    if query.selects(protection.trust) { return .selection }
    return protection.trust == .local && query.localMechanism == .randomizedResponse ? .response : .noise
  }

  /// Those that are answered in a way.
  static func accepted(_ trust: Privacy.Trust, _ way: Way) -> [QueryCombination] {
    accepted.filter { $0.protection.trust == trust && $0.way == way }
  }
}
