/// A run's full description: with a seed it determines every bit of the result (design law 1).
package struct Scenario: Sendable, Equatable {
  package let name: String
  package let seed: UInt64
  package let population: Population
  /// Only the market makes features of raw records; the other populations come with theirs.
  package let features: Features?
  /// nil: clients hold nothing back.
  package let minimisation: Minimisation?
  package let training: Training
  /// nil is "none": no clipping guarantee, no noise, and no ε is ever printed.
  package let privacy: Privacy?
  package let evaluateEvery: Int
  /// Share of a client's examples, its first ones, that it learns its own part of the model from. Those of held-out clients are
  /// not scored, with or without an own part.
  package let supportShare: Double
  /// nil: quasi-identifiers are left as they are.
  package let anonymisation: Anonymisation?
  /// nil: nobody attacks.
  package let linkage: Linkage?
  /// nil: nothing goes wrong.
  package let faults: Faults?
  /// What `fedsim sweep` runs; a run by itself takes no notice of it, and it is not in `resolved`.
  package let sweep: Sweep?
  /// What `fedsim check` demands; like the sweep no part of a run, and not in `resolved`.
  package let check: Check?
  /// What `fedsim tune` searches; no part of a run either.
  package let tune: Tune?
  /// Every key of the run with its value, defaults filled in: what workers are sent.
  package let resolved: JSONValue
  /// Everything that the file says, the sections that are not about a run by itself too.
  package let whole: JSONValue

  /// Seeds are whole numbers that JSON's doubles can hold.
  package static let largestSeed = 1 << 53

  /// How many of a client's examples are not scored, and serve its own part of the model: fewer than all.
  package func supportExamples(of examples: Int) -> Int {
    min(Int(supportShare * Double(examples)), max(examples - 1, 0))
  }

  /// Length of the model.
  package var dimension: Int {
    switch population {
    case .market: features?.hashedDimension ?? 0
    case .syntheticAlphaBeta(let synthetic): synthetic.features
    case .files(let files): files.dimension
    }
  }

  /// Understands a parsed scenario.
  /// - Parameters:
  ///   - value: the parsed file with overrides applied.
  ///   - file: its name, for messages.
  ///   - lineOf: the line of a dotted path, where one is known.
  /// - Throws: `ScenarioError` with everything that is wrong.
  package init(_ value: JSONValue, file: String, lineOf: @escaping (String) -> Int? = { _ in nil }) throws {
    self = try ObjectReader.read(value, file: file, lineOf: lineOf) { Scenario($0) }
  }

  /// The JSON Schema (draft 2020-12) of scenario files, made by the same code that reads them.
  package static func jsonSchema() -> JSONValue {
    ObjectReader.jsonSchema(title: "fedsim scenario", about: "A fedsim scenario.") { Scenario($0) }
  }

  private init?(_ reader: ObjectReader) {
    reader.ignored("$schema", "the JSON Schema that editors check this file with")
    name = reader.string("name", "name of the scenario; also of the folder its results go to")
    seed = UInt64(reader.integer("seed", 0...Self.largestSeed, default: 1, "seed of everything random"))
    let population = Population.read(reader)
    var isMarket = reader.session.describing
    if case .market? = population { isMarket = true }
    if isMarket {
      features = reader.object("features", "market only: what of a record reaches the model", Features.init)
    } else {
      features = nil
      if reader.has("features") {
        reader.problem("features", "belongs to the market population; this population brings its own features")
      }
    }
    minimisation = reader.optionalObject("minimisation", "what clients hold back") {
      Minimisation($0, records: isMarket)
    }
    training = reader.object("training", required: true, "how the model is trained") {
      let isKnown = !reader.session.problems.contains { $0.path == "population.clients" }
      return Training($0, clients: isKnown ? population?.clients : nil)
    }
    privacy = reader.objectOrNone("privacy", "the guarantee asked for", Privacy.init)
    let supportByDefault = training.personalisation == nil ? 0 : 0.5
    (evaluateEvery, supportShare) = reader.object("evaluation", "when the model is evaluated, and on what") {
      (
        $0.integer("every", 1...10_000_000, default: 10, "rounds between evaluations on the held-out clients"),
        $0.optionalNumber(
          "supportShare", 0.01...0.99,
          "share of a held-out client's examples, its first ones, that are not scored; clients with a part of their own learn it from that share of theirs"
        ) ?? supportByDefault
      )
    }
    faults = reader.optionalObject("faults", "what goes wrong", Faults.init)
    let clients = population?.clients
    anonymisation = reader.optionalObject("anonymisation", "k-anonymity of the clients' quasi-identifiers") {
      Anonymisation($0, clients: clients)
    }
    linkage = reader.optionalObject("linkage", "an attack on what is released", Linkage.init)
    sweep = Sweep.read(reader)
    check = reader.optionalObject("check", "what fedsim check demands", Check.init)
    tune = reader.optionalObject("tune", "which settings fedsim tune searches, and how", Tune.init)
    Self.checkName(name, reader)
    reader.rejectUnknownKeys(except: isMarket ? [] : ["features"])
    let all = JSONValue.object(reader.resolved)
    resolved = all.removing(path: "check").removing(path: "tune")
    whole = sweep.map { all.setting(["sweep"], to: $0.written) } ?? all
    guard let population else { return nil }
    self.population = population
    checkClientSize(reader)
    checkMinimisation(reader)
    checkAnonymisation(reader)
    if training.aggregation.groups * dimension > Aggregation.mostSums, !reader.session.describing {
      reader.problem(
        "training.aggregation.groups",
        "found \(training.aggregation.groups) for \(dimension) coordinates; allowed: groups times coordinates up to \(Aggregation.mostSums)"
      )
    }
    Self.checkExampleUnit(training, privacy, minimisation, reader)
    Self.checkSampling(training.cohort, privacy, reader)
    Self.checkCompression(training.compression, privacy, reader)
  }
}
