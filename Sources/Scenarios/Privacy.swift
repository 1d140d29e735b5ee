import DifferentialPrivacy

/// The guarantee a scenario asks for.
package struct Privacy: Sendable, Equatable {
  /// Whose presence is protected.
  package enum Unit: String, CaseIterable, Sendable {
    case client
    /// A single example, wherever it lies: gradients are clipped one by one (Abadi et al. 2016, "Deep learning with
    /// differential privacy", algorithm 1).
    case example
  }

  /// Who is trusted with what.
  package enum Trust: String, CaseIterable, Sendable {
    /// The coordinator sees exact sums of clipped updates and adds the noise.
    case central
    /// Nobody: each client adds its own noise before anything leaves its worker.
    case local
  }

  /// The noise that each client adds with local trust; with central trust it is always Gaussian.
  package enum Mechanism: String, CaseIterable, Sendable {
    /// Gaussian noise; updates are clipped in L2 norm.
    case gaussian
    /// Discrete Laplace noise; updates are clipped in L1 norm, and every release is purely differentially private.
    case laplace
  }

  /// What fixes the amount of noise.
  package enum Noise: Sendable, Equatable {
    /// Standard deviation divided by the sensitivity.
    case multiplier(Double)
    /// The least noise that keeps ε at or below this after all rounds.
    case calibrated(epsilon: Double)
    /// The least noise at which the tiers' sampling rates, each calibrated to its ε, make the expected cohort.
    case tiers
  }

  package let unit: Unit
  package let trust: Trust
  package let mechanism: Mechanism
  package let adjacency: Adjacency
  package let clippingNorm: Double
  /// Groups of clients with targets of their own; nil: all clients have the same.
  package let tiers: Tiers?
  /// How examples are sampled when they are the privacy unit.
  package let exampleSampling: ExampleSampling?
  /// nil: the clipping norm stays as it is.
  package let adaptiveClipping: AdaptiveClipping?
  package let noise: Noise
  package let delta: Double
  package let accountant: AccountantKind
  /// The run ends before the round that would bring ε above this.
  package let budget: Double?

  init(_ reader: ObjectReader) {
    unit = reader.choice("unit", Unit.self, default: .client, "whose presence is protected")
    trust = reader.choice("trust", Trust.self, default: .central, "who adds the noise")
    mechanism = reader.choice(
      "mechanism", Mechanism.self, default: .gaussian,
      when: ObjectReader.Condition(holds: trust.clientsAddNoise, meaning: "trust \"local\""),
      "local trust: the noise that each client adds; laplace clips in L1 norm")
    adjacency = reader.choice(
      "adjacency", Adjacency.self, default: .addOrRemove, "which two populations count as neighbours")
    clippingNorm = reader.number(
      "clippingNorm", AdaptiveClipping.norms, default: 1, "largest L2 norm of a client's update")
    tiers = reader.namedObjects(
      "tiers", "groups of clients, by name, each with its share and its own ε", Tiers.init)
    exampleSampling = reader.optionalObject(
      "exampleSampling", "unit example only: which examples take part in a round", ExampleSampling.init)
    if !reader.session.describing, (unit == .example) != (exampleSampling != nil) {
      reader.problem(
        "exampleSampling",
        unit == .example
          ? "is missing; allowed: an object with rate and expectedExamples, because the privacy unit is an example"
          : "only has a meaning with unit \"example\": leave it out")
    }
    adaptiveClipping = reader.optionalObject(
      "adaptiveClipping", "let the clipping norm follow a quantile of the updates' norms", AdaptiveClipping.init)
    delta = reader.number(
      "delta", 1e-15...0.1, "probability that the guarantee does not hold; well below 1/clients")
    accountant = reader.choice(
      "accountant", AccountantKind.self, default: .pld, "how ε is computed from the ledger")
    budget = reader.optionalNumber(
      "budget", 0.001...1000, "the run ends before the round that would bring ε above this")
    let epsilon = reader.optionalNumber("epsilon", 0.001...1000, "target ε; the noise is calibrated to it")
    let multiplier = reader.optionalNumber(
      "noiseMultiplier", 0.001...10_000, "noise standard deviation over sensitivity")
    switch (epsilon, multiplier) {
    case (nil, nil) where tiers != nil: noise = .tiers
    case (let epsilon?, nil): noise = .calibrated(epsilon: epsilon)
    case (nil, let multiplier?): noise = .multiplier(multiplier)
    default:
      noise = .multiplier(1)
      if !reader.session.describing, tiers == nil {
        let found = epsilon == nil ? "neither is given" : "both are given"
        reader.problem("epsilon", "\(found); allowed: exactly one of epsilon and noiseMultiplier")
      }
    }
    if let tiers, !reader.session.describing {
      let total = tiers.tiers.reduce(0) { $0 + $1.share }
      if abs(total - 1) > 1e-9 { reader.problem("tiers", "shares add up to \(total); allowed: 1") }
      if epsilon != nil || multiplier != nil {
        reader.problem(
          "tiers", "have their own ε, from which the noise follows; leave out epsilon and noiseMultiplier")
      }
      if tiers.tiers.allSatisfy({ $0.epsilon == nil || $0.share == 0 }) {
        reader.problem("tiers", "nobody would ever be contacted; give one tier a share and an epsilon")
      }
      if budget != nil { reader.problem("budget", "goes without tiers, which have their own ε: leave it out") }
      if unit != .client || !trust.releasesSums || adjacency != .addOrRemove {
        reader.problem("tiers", "go with unit \"client\", central trust and \"add-or-remove\" adjacency only")
      }
    }
  }
}

/// The clipping norm follows a quantile of the updates' norms, privately (Andrew, Thakkar, McMahan and Ramaswamy 2021,
/// "Differentially private learning with adaptive clipping").
package struct AdaptiveClipping: Sendable, Equatable {
  /// Clipping norms that there are, given or found.
  package static let norms = 1e-6...1e6
  /// γ: the share of updates that should be within the norm.
  package let quantile: Double
  /// η of the geometric update C ← C·exp(−η·(share within − γ)).
  package let learningRate: Double
  /// Noise on the count of updates within the norm, over the count's sensitivity; nil is a tenth of the expected cohort.
  package let countNoiseMultiplier: Double?

  /// The noise multiplier of the count.
  package func countNoiseMultiplier(cohort: Cohort) -> Double {
    countNoiseMultiplier ?? Double(cohort.expectedSize) / 10
  }

  init(_ reader: ObjectReader) {
    quantile = reader.number("quantile", 0...1, default: 0.5, "share of updates that should be within the norm")
    learningRate = reader.number("learningRate", 1e-4...2, default: 0.2, "step of the norm's logarithm")
    countNoiseMultiplier = reader.optionalNumber(
      "countNoiseMultiplier", 0.01...1e6,
      "noise on the count of updates within the norm, over its sensitivity; left out: a tenth of the expected cohort"
    )
  }
}

/// Poisson sampling of examples: each takes part in a round independently of all others.
package struct ExampleSampling: Sendable, Equatable {
  package let rate: Double
  /// What sums are divided by: a public constant, whatever the clients hold.
  package let expectedExamples: Int

  init(_ reader: ObjectReader) {
    rate = reader.number("rate", 1e-9...1, "probability that an example takes part in a round")
    expectedExamples = reader.integer(
      "expectedExamples", 1...10_000_000,
      "examples in a round, about; gradients are divided by this public constant")
  }
}
