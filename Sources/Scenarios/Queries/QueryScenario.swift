import DifferentialPrivacy

/// A file of questions: whose records, how they are protected, and what is asked. With its seed it determines every bit
/// of the answers.
package struct QueryScenario: Sendable, Equatable {
  /// The guarantee that all answers share.
  package struct Protection: Sendable, Equatable {
    package let trust: Privacy.Trust
    package let adjacency: Adjacency
    package let delta: Double
    package let accountant: AccountantKind
    /// A query that would bring ε above this is refused; nil: there is no limit.
    package let budget: Double?

    init(_ reader: ObjectReader) {
      trust = reader.choice("trust", Privacy.Trust.self, default: .central, "who adds the noise")
      adjacency = reader.choice(
        "adjacency", Adjacency.self, default: .addOrRemove, "which two populations count as neighbours")
      accountant = reader.choice(
        "accountant", AccountantKind.self, default: .pure, "how ε is computed from the ledger")
      delta = reader.number(
        "delta", 1e-15...0.1, default: 1e-6,
        when: ObjectReader.Condition(holds: accountant != .pure, meaning: "an accountant other than \"pure\""),
        "probability that the guarantee does not hold")
      budget = reader.optionalNumber("budget", 0.0001...100_000, "a query that would bring ε above this is refused")
      if trust.showsWhoTakesPart, adjacency != .replaceOne, !reader.session.describing {
        reader.problem(
          "adjacency",
          "found \"\(adjacency.rawValue)\" with local trust, where everyone sees who answers; use \"replace-one\"")
      }
    }
  }

  /// The noise of every draw is keyed by the answer's number and the trial's, in 16 bits each.
  private static let mostAnswers = 65_535
  private static let mostTrials = 65_536

  package let name: String
  package let seed: UInt64
  package let population: QueryPopulation
  package let protection: Protection
  /// In the order of their names, which is the order in which they are asked.
  package let queries: [Query]
  /// How often each answer is drawn to measure its error. Only the first draw is an answer; the others show what the
  /// noise could have been.
  package let trials: Int
  /// Every key with its value, defaults filled in.
  package let resolved: JSONValue

  /// Understands a parsed file.
  /// - Throws: `ScenarioError` with everything that is wrong.
  package init(_ value: JSONValue, file: String, lineOf: @escaping (String) -> Int? = { _ in nil }) throws {
    self = try ObjectReader.read(value, file: file, lineOf: lineOf) { QueryScenario($0) }
  }

  /// The JSON Schema (draft 2020-12) of such files, made by the same code that reads them.
  package static func jsonSchema() -> JSONValue {
    ObjectReader.jsonSchema(title: "fedsim queries", about: "Private queries over simulated clients.") {
      QueryScenario($0)
    }
  }

  private init?(_ reader: ObjectReader) {
    reader.ignored("$schema", "the JSON Schema that editors check this file with")
    name = reader.string("name", "name of the scenario; also of the folder its results go to")
    seed = UInt64(reader.integer("seed", 0...Scenario.largestSeed, default: 1, "seed of everything random"))
    let population = QueryPopulation.read(reader)
    let protection = reader.object("privacy", "the guarantee that all answers share", Protection.init)
    self.protection = protection
    let fields = population?.fields ?? []
    let queries = reader.namedObjects(
      "queries", "what is asked, by a name of your choice, in the order of the names"
    ) {
      $0.map { Query(name: $0.name, $0.reader, fields: fields, trust: protection.trust) }
    }
    if queries == nil, !reader.session.describing {
      reader.problem("queries", "is missing; allowed: an object with at least one named query")
    }
    self.queries = queries ?? []
    let answers = self.queries.reduce(0) { $0 + $1.epsilons.count * max(1, $1.selections.count) }
    if answers > Self.mostAnswers, !reader.session.describing {
      reader.problem("queries", "ask for \(answers) answers; allowed: up to \(Self.mostAnswers)")
    }
    trials = reader.object("evaluation", "how the error is measured") {
      $0.integer(
        "trials", 1...Self.mostTrials, default: 200,
        "draws of each answer that its error is measured on; the first is the answer")
    }
    Scenario.checkName(name, reader)
    reader.rejectUnknownKeys()
    resolved = .object(reader.resolved)
    guard let population else { return nil }
    self.population = population
  }
}
