/// The `tune` section of a scenario: which keys `fedsim tune` searches, in which ranges, and how many runs it may take.
package struct Tune: Sendable, Equatable {
  /// The values that a key may take.
  package enum Range: Sendable, Equatable {
    /// Between two numbers, each part of the way equally likely to be looked at.
    case linear(Double, Double)
    /// Between two numbers above 0, each factor equally likely to be looked at.
    case logarithmic(Double, Double)
    /// One of a list.
    case choices([JSONValue])
  }

  /// One key that is searched.
  package struct Key: Sendable, Equatable {
    /// The dotted path.
    package let path: String
    package let range: Range
  }

  /// In the order of their paths.
  package let keys: [Key]
  /// What a better setting is better by.
  package let metric: Metric
  /// Runs of a search, at each ε.
  package let runs: Int
  /// Seeds of the populations that settings are chosen on. None of them is one of the sweep's, on which they are reported.
  package let seeds: [Int]

  /// A search has a design, a second look and a choice; fewer runs are no search.
  static let fewestRuns = 8
  static let mostRuns = 10_000
  private static let mostKeys = 12

  init(_ reader: ObjectReader) {
    metric = reader.choice("metric", Metric.self, default: .auc, "what settings are chosen by")
    runs = reader.integer(
      "runs", Self.fewestRuns...Self.mostRuns, default: 60,
      "runs of a search, at each ε; the runs that report on what was chosen come on top")
    keys = Self.keys(reader)
    seeds = Self.seeds(reader)
  }

  // MARK: Keys

  private static let example =
    "for example { \"training.client.learningRate\": { logarithmic: [0.1, 2] }, \"training.client.epochs\": [1, 2] }"

  private static let schema: JSONValue = {
    func range(_ kind: String) -> JSONValue {
      .object([
        "type": .string("object"), "required": .array([.string(kind)]), "additionalProperties": .bool(false),
        "properties": .object([
          kind: .object([
            "type": .string("array"), "minItems": .integer(2), "maxItems": .integer(2),
            "items": .object(["type": .string("number")]),
          ])
        ]),
      ])
    }
    let list = JSONValue.object(["type": .string("array"), "minItems": .integer(2)])
    return .object([
      "type": .string("object"), "minProperties": .integer(1), "maxProperties": .integer(mostKeys),
      "description": .string(
        "paths of keys, each with a list of values, or with the two ends of a range that is linear or logarithmic"),
      "additionalProperties": .object(["oneOf": .array([list, range("linear"), range("logarithmic")])]),
    ])
  }()

  private static func keys(_ reader: ObjectReader) -> [Key] {
    reader.note("keys", schema, required: true)
    let found = reader.members["keys"]
    if reader.session.describing { return [] }
    guard case .object(let members)? = found, !members.isEmpty, members.count <= mostKeys else {
      reader.problem(
        "keys",
        "\(found.map { "found \($0.inWords)" } ?? "is missing"); allowed: an object of 1 to \(mostKeys) paths and their ranges, \(example)"
      )
      return []
    }
    reader.keep("keys", .object(members))
    return members.keys.sorted().compactMap { path in
      if let reason = reasonAgainst(path) {
        reader.problem("keys.\(path)", reason)
        return nil
      }
      guard let range = members[path].flatMap(Range.init) else {
        reader.problem(
          "keys.\(path)",
          "found \(members[path]?.inWords ?? ""); allowed: a list of two values or more, or { linear: [LOW, HIGH] }, or { logarithmic: [LOW, HIGH] } with LOW above 0"
        )
        return nil
      }
      return Key(path: path, range: range)
    }
  }

  /// Why a key is not for a search to choose; nil when it is.
  private static func reasonAgainst(_ path: String) -> String? {
    let guarantees = [
      "privacy.epsilon", "privacy.delta", "privacy.unit", "privacy.trust", "privacy.adjacency", "privacy.noise",
      "privacy.noiseMultiplier", "privacy.tiers", "privacy.accountant", "privacy.budget", "privacy",
      "anonymisation",
    ]
    if guarantees.contains(where: { path == $0 || ($0 != "privacy" && path.hasPrefix($0 + ".")) }) {
      return "is what is promised, and not a setting to choose: give it where the scenario says it"
    }
    let others = ["seed", "name", "population", "evaluation", "sweep", "check", "tune", "linkage", "faults"]
    if others.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) {
      return "is what settings are measured on, and not a setting to choose"
    }
    return nil
  }

  // MARK: Seeds

  private static func seeds(_ reader: ObjectReader) -> [Int] {
    let schema = JSONValue.object([
      "type": .string("array"), "minItems": .integer(2), "maxItems": .integer(20),
      "description": .string("seeds that settings are chosen on; none may be one of the sweep's"),
      "items": .object([
        "type": .string("integer"), "minimum": .integer(0), "maximum": .integer(Scenario.largestSeed),
      ]),
      "default": .array(defaultSeeds.map(JSONValue.integer)),
    ])
    guard let found = reader.raw("seeds", schema) else {
      reader.keep("seeds", .array(defaultSeeds.map(JSONValue.integer)))
      return defaultSeeds
    }
    reader.keep("seeds", found)
    guard case .array(let values) = found, (2...20).contains(values.count),
      case let seeds = values.compactMap(\.asInteger), seeds.count == values.count,
      seeds.allSatisfy({ (0...Scenario.largestSeed).contains($0) }), Set(seeds).count == seeds.count
    else {
      reader.problem(
        "seeds",
        "found \(found.inWords); allowed: 2 to 20 different whole numbers from 0 to \(Scenario.largestSeed)")
      return defaultSeeds
    }
    return seeds
  }

  private static let defaultSeeds = [1001, 1002, 1003, 1004]
}

extension Tune.Range {
  /// - Returns: nil for what is no range.
  init?(_ value: JSONValue) {
    switch value {
    case .array(let values):
      guard values.count > 1, values.indices.allSatisfy({ !values[..<$0].contains(values[$0]) }) else { return nil }
      self = .choices(values)
    case .object(let members):
      guard members.count == 1, let (kind, ends) = members.first, case .array(let ends) = ends, ends.count == 2,
        let low = ends[0].asDouble, let high = ends[1].asDouble, low < high, low.isFinite, high.isFinite
      else { return nil }
      switch kind {
      case "linear": self = .linear(low, high)
      case "logarithmic" where low > 0: self = .logarithmic(low, high)
      default: return nil
      }
    default: return nil
    }
  }
}
