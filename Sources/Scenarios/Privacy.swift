import DifferentialPrivacy

/// The guarantee a scenario asks for.
package struct Privacy: Sendable, Equatable {
  /// Whose presence is protected.
  package enum Unit: String, CaseIterable, Sendable {
    case client
  }

  /// Who is trusted with what.
  package enum Trust: String, CaseIterable, Sendable {
    /// The coordinator sees exact sums of clipped updates and adds the noise.
    case central
    /// Nobody: each client adds its own noise before anything leaves its worker.
    case local
  }

  /// What fixes the amount of noise.
  package enum Noise: Sendable, Equatable {
    /// Standard deviation divided by the sensitivity.
    case multiplier(Double)
    /// The least noise that keeps ε at or below this after all rounds.
    case calibrated(epsilon: Double)
  }

  package let unit: Unit
  package let trust: Trust
  package let adjacency: Adjacency
  package let clippingNorm: Double
  package let noise: Noise
  package let delta: Double
  package let accountant: AccountantKind
  /// The run ends before the round that would bring ε above this.
  package let budget: Double?

  init(_ reader: ObjectReader) {
    unit = reader.choice("unit", Unit.self, default: .client, "whose presence is protected")
    trust = reader.choice("trust", Trust.self, default: .central, "who adds the noise")
    adjacency = reader.choice(
      "adjacency", Adjacency.self, default: .addOrRemove, "which two populations count as neighbours")
    clippingNorm = reader.number("clippingNorm", 1e-6...1e6, default: 1, "largest L2 norm of a client's update")
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
    case (let epsilon?, nil): noise = .calibrated(epsilon: epsilon)
    case (nil, let multiplier?): noise = .multiplier(multiplier)
    default:
      noise = .multiplier(1)
      if !reader.session.describing {
        let found = epsilon == nil ? "neither is given" : "both are given"
        reader.problem("epsilon", "\(found); allowed: exactly one of epsilon and noiseMultiplier")
      }
    }
  }
}
