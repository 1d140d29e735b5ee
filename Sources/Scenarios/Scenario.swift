import DifferentialPrivacy

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
    Self.checkName(name, reader)
    reader.rejectUnknownKeys(except: isMarket ? [] : ["features"])
    let all = JSONValue.object(reader.resolved)
    resolved = all.removing(path: "check")
    whole = sweep.map { all.setting(["sweep"], to: $0.written) } ?? all
    guard let population else { return nil }
    self.population = population
    checkMinimisation(reader)
    checkAnonymisation(reader)
    if training.aggregation.groups * dimension > Aggregation.mostSums, !reader.session.describing {
      reader.problem(
        "training.aggregation.groups",
        "found \(training.aggregation.groups) for \(dimension) coordinates; allowed: groups times coordinates up to \(Aggregation.mostSums)"
      )
    }
    Self.checkExampleUnit(training, privacy, reader)
    Self.checkSampling(training.cohort, privacy, reader)
    Self.checkCompression(training.compression, privacy, reader)
  }

  /// Refuses what would leave nothing to learn from, or change nothing.
  private func checkMinimisation(_ reader: ObjectReader) {
    guard let minimisation, case .market(let market) = population, let features, !reader.session.describing else {
      return
    }
    if !features.groups.contains(where: minimisation.allows) {
      reader.problem("minimisation.fields", "allow none of features.groups; allow the fields of one at least")
    }
    if let bands = minimisation.priceBands, bands > market.priceBands {
      reader.problem(
        "minimisation.priceBands", "found \(bands); allowed: at most the population's \(market.priceBands)")
    }
  }

  /// Refuses anonymisation and attacks where there are no quasi-identifiers, and where they would void a guarantee.
  private func checkAnonymisation(_ reader: ObjectReader) {
    if reader.session.describing { return }
    guard case .market(let market) = population else {
      for (key, isGiven) in [("anonymisation", anonymisation != nil), ("linkage", linkage != nil)] where isGiven {
        reader.problem(
          key, "belongs to the market population; this population has no quasi-identifiers: leave it out")
      }
      return
    }
    if anonymisation != nil, privacy != nil {
      reader.problem(
        "anonymisation",
        "does not go with differential privacy: how coarse a client's fields become depends on all other clients, which no proof here covers; use privacy \"none\""
      )
    }
    guard let linkage else { return }
    if market.clients > Linkage.mostClients {
      reader.problem(
        "linkage",
        "found \(market.clients) clients; allowed: up to \(Linkage.mostClients), because the attack reads all rows")
    }
    if linkage.targets > market.clients {
      reader.problem(
        "linkage.targets", "found \(linkage.targets); allowed: at most the population's \(market.clients) clients")
    }
    if linkage.candidates > market.heldOutClients {
      reader.problem(
        "linkage.candidates",
        "found \(linkage.candidates); allowed: at most the population's \(market.heldOutClients) held-out clients, of whom all but one are drawn"
      )
    }
  }

  /// Refuses a name that cannot be a folder's.
  static func checkName(_ name: String, _ reader: ObjectReader) {
    if !name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }) || name.hasPrefix(".") {
      reader.problem(
        "name",
        "found \"\(name)\"; allowed: letters, digits, - _ and ., not starting with a dot, because it names a folder"
      )
    }
  }

  /// Refuses what per-example clipping does not go with.
  private static func checkExampleUnit(_ training: Training, _ privacy: Privacy?, _ reader: ObjectReader) {
    guard let privacy, privacy.unit == .example, !reader.session.describing else { return }
    if training.client.algorithm != .fedsgd {
      reader.problem(
        "training.client.algorithm",
        "found \"fedavg\"; with the privacy unit \"example\" gradients are clipped one by one: use \"fedsgd\"")
    }
    if training.cohort.sampling != .full {
      reader.problem(
        "training.cohort.sampling",
        "found \"\(training.cohort.sampling.rawValue)\"; with the privacy unit \"example\" every client is asked and examples are sampled: use \"full\""
      )
    }
    if training.personalisation != nil {
      reader.problem(
        "training.personalisation",
        "goes with the privacy unit \"client\" only: what a client learns from one of its examples would be in the gradients of all others"
      )
    }
    if privacy.trust == .local || privacy.adjacency != .addOrRemove {
      reader.problem(
        "privacy.unit", "found \"example\", which goes with central trust and \"add-or-remove\" adjacency only")
    }
    if privacy.accountant == .zcdp, (privacy.exampleSampling?.rate ?? 1) < 1 {
      reader.problem(
        "privacy.accountant", "found \"zcdp\", which knows no amplification by sampling; use \"pld\" or \"rdp\"")
    }
  }

  /// Refuses compression where it would save nothing, or where its effect on the sensitivity is not known.
  private static func checkCompression(
    _ compression: Compression?, _ privacy: Privacy?, _ reader: ObjectReader
  ) {
    guard let compression, let privacy, !reader.session.describing else { return }
    if privacy.trust == .local {
      reader.problem(
        "training.compression", "saves nothing with local trust, where noise covers every coordinate: leave it out")
    }
    if privacy.unit == .example {
      reader.problem(
        "training.compression", "shortens the update of a client; with the privacy unit \"example\" leave it out")
    }
    if let range = compression.quantization?.range, privacy.adaptiveClipping == nil, range > privacy.clippingNorm {
      reader.problem(
        "training.compression.range",
        "found \(range); allowed: at most privacy.clippingNorm, \(privacy.clippingNorm), which no coordinate is beyond"
      )
    }
  }

  /// Refuses the pairs of sampling and adjacency about which the accountants can prove nothing.
  private static func checkSampling(_ cohort: Cohort, _ privacy: Privacy?, _ reader: ObjectReader) {
    guard let privacy, !reader.session.describing else { return }
    if let adaptive = privacy.adaptiveClipping, case .multiplier(let multiplier) = privacy.noise,
      adaptive.countNoiseMultiplier(cohort: cohort) <= multiplier
    {
      reader.problem(
        "privacy.adaptiveClipping.countNoiseMultiplier",
        "is \(adaptive.countNoiseMultiplier(cohort: cohort)); allowed: above the noise multiplier \(multiplier), of which the count takes a part"
      )
    }
    if privacy.tiers != nil && cohort.sampling != .poisson {
      reader.problem(
        "training.cohort.sampling",
        "found \"\(cohort.sampling.rawValue)\"; tiers differ in their sampling rates: use \"poisson\"")
    }
    if privacy.trust == .local {
      if privacy.adaptiveClipping != nil {
        reader.problem("privacy.adaptiveClipping", "needs central trust: with local trust no count is released")
      }
      if privacy.adjacency != .replaceOne {
        reader.problem(
          "privacy.adjacency",
          "found \"\(privacy.adjacency.rawValue)\" with local trust, where everyone sees who takes part; use \"replace-one\""
        )
      }
      if privacy.accountant == .pure && privacy.mechanism == .gaussian {
        reader.problem(
          "privacy.accountant",
          "found \"pure\", which proves nothing about Gaussian noise; use \"pld\", \"rdp\" or \"zcdp\"")
      }
      return
    }
    switch (cohort.sampling, privacy.adjacency) {
    case (.poisson, .replaceOne):
      reader.problem(
        "privacy.adjacency",
        "found \"replace-one\" with Poisson sampling, for which no accountant here has a proof; use \"add-or-remove\", or fixed-size sampling"
      )
    case (.fixedSize, .addOrRemove):
      reader.problem(
        "privacy.adjacency",
        "found \"add-or-remove\" with fixed-size sampling, whose amplification is proved only for \"replace-one\"; use that, or Poisson sampling"
      )
    case (let sampling, _) where privacy.accountant == .zcdp && sampling != .full:
      reader.problem(
        "privacy.accountant",
        "found \"zcdp\", which knows no amplification by sampling; use \"pld\" or \"rdp\", or full participation")
    case (_, _) where privacy.accountant == .pure:
      reader.problem(
        "privacy.accountant",
        "found \"pure\", which proves nothing about Gaussian noise; use \"pld\", \"rdp\" or \"zcdp\"")
    case (.fixedSize, .replaceOne) where privacy.accountant == .pld:
      reader.problem(
        "privacy.accountant",
        "found \"pld\" with fixed-size sampling, for which only \"rdp\" has a proof (Wang, Balle and Kasiviswanathan 2019); use \"rdp\""
      )
    default: break
    }
  }
}
