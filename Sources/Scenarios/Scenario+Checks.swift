import DifferentialPrivacy

/// What one section of a scenario refuses because of another.
extension Scenario {
  /// Refuses what would leave nothing to learn from, or change nothing.
  func checkMinimisation(_ reader: ObjectReader) {
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
  func checkAnonymisation(_ reader: ObjectReader) {
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

  /// Numbers of one generated client at most: what it is made in has about twelve bytes for each, and is one piece.
  private static let largestClient = 1 << 29

  /// Refuses generated clients that would not fit into memory.
  func checkClientSize(_ reader: ObjectReader) {
    if reader.session.describing { return }
    let (examples, numbers, key): (Int, Int, String)
    switch population {
    case .market(let market):
      (examples, numbers, key) = (
        market.examplesPerClient.largest, (features?.groups.count ?? 0) + 1, "features.groups"
      )
    case .syntheticAlphaBeta(let synthetic):
      (examples, numbers, key) = (synthetic.examplesPerClient.largest, synthetic.features, "population.features")
    case .files: return
    }
    if examples * numbers > Self.largestClient {
      reader.problem(
        "population.examplesPerClient.maximum",
        "lets a client have \(examples) examples of \(numbers) numbers; allowed: up to \(Self.largestClient / numbers) with so many numbers; lower it, or \(key)"
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
  static func checkExampleUnit(
    _ training: Training, _ privacy: Privacy?, _ minimisation: Minimisation?, _ reader: ObjectReader
  ) {
    guard let privacy, privacy.unit == .example, !reader.session.describing else { return }
    if let most = minimisation?.maximumExamples {
      reader.problem(
        "minimisation.maximumExamples",
        "found \(most); goes with the privacy unit \"client\" only: where a client has more examples, taking one away lets the next one in, so that one example moves the sum twice; leave it out, and lower privacy.exampleSampling.rate to learn from fewer"
      )
    }
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
    if !privacy.trust.releasesSums || privacy.adjacency != .addOrRemove {
      reader.problem(
        "privacy.unit", "found \"example\", which goes with central trust and \"add-or-remove\" adjacency only")
    }
    if privacy.accountant == .zcdp, (privacy.exampleSampling?.rate ?? 1) < 1 {
      reader.problem(
        "privacy.accountant", "found \"zcdp\", which knows no amplification by sampling; use \"pld\" or \"rdp\"")
    }
  }

  /// Refuses compression where it would save nothing, or where its effect on the sensitivity is not known.
  static func checkCompression(
    _ compression: Compression?, _ privacy: Privacy?, _ reader: ObjectReader
  ) {
    guard let compression, let privacy, !reader.session.describing else { return }
    if privacy.trust.clientsAddNoise {
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
  static func checkSampling(_ cohort: Cohort, _ privacy: Privacy?, _ reader: ObjectReader) {
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
    if privacy.trust.showsWhoTakesPart {
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
    default: break
    }
  }
}
