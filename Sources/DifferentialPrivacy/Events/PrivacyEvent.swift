/// Which two populations count as neighbours.
public enum Adjacency: String, CaseIterable, Codable, Sendable {
  /// One has one unit (client) more than the other.
  case addOrRemove = "add-or-remove"
  /// They have the same size and differ in one unit.
  case replaceOne = "replace-one"
}

/// What was done to the data in one noisy release: precisely, and without an opinion on what it costs.
///
/// Sensitivities are those under the ledger's adjacency. A noise multiplier is the scale of the noise that was added
/// (standard deviation, or Laplace scale b), divided by the sensitivity of what it was added to.
public enum PrivacyEvent: Hashable, Sendable {
  /// A Gaussian mechanism on everyone's data; L2 sensitivity.
  case gaussian(noiseMultiplier: Double)
  /// A Gaussian mechanism on a sample that every unit enters independently with probability `samplingRate`. Under
  /// replace-one adjacency the sensitivity is the distance between what a unit and its replacement can contribute,
  /// twice the norm that each is clipped to.
  case poissonSampledGaussian(samplingRate: Double, noiseMultiplier: Double)
  /// A Gaussian mechanism on `sample` of `population` units, every subset equally likely.
  case fixedSizeSampledGaussian(sample: Int, population: Int, noiseMultiplier: Double)
  /// A Laplace mechanism on one number.
  case laplace(noiseMultiplier: Double)
  /// Discrete Gaussian noise of this parameter σ added to one whole number.
  case discreteGaussian(standardDeviation: Double, sensitivity: Int)
  /// Discrete Laplace noise, P(k) ∝ e^(−|k|/scale), added to one whole number.
  case discreteLaplace(scale: Double, sensitivity: Int)
  /// A Laplace mechanism on one number of a sample that every unit enters independently with probability
  /// `samplingRate`.
  case poissonSampledLaplace(samplingRate: Double, noiseMultiplier: Double)
  /// One unit's own answer among `categories`, told truly with probability e^ε/(e^ε + categories − 1). Under
  /// add-or-remove adjacency a unit that is not there is asked all the same, and gives each answer with the same
  /// probability.
  case randomizedResponse(epsilon: Double, categories: Int)
  /// Any mechanism that is ε-differentially private, such as the exponential mechanism.
  case pure(epsilon: Double)
  /// Any mechanism that is ρ-zero-concentrated differentially private (Bun and Steinke 2016).
  case concentrated(rho: Double)

  /// The name that ledgers and messages use.
  public var name: String {
    switch self {
    case .gaussian: "gaussian"
    case .poissonSampledGaussian: "poisson-sampled-gaussian"
    case .fixedSizeSampledGaussian: "fixed-size-sampled-gaussian"
    case .laplace: "laplace"
    case .poissonSampledLaplace: "poisson-sampled-laplace"
    case .discreteGaussian: "discrete-gaussian"
    case .discreteLaplace: "discrete-laplace"
    case .randomizedResponse: "randomized-response"
    case .pure: "pure"
    case .concentrated: "zcdp"
    }
  }

  /// The noise multiplier of a Gaussian mechanism on everyone's data; nil for every other event.
  var multiplierOnEveryone: Double? {
    switch self {
    case .gaussian(let multiplier), .poissonSampledGaussian(1, let multiplier): multiplier
    case .fixedSizeSampledGaussian(let sample, let population, let multiplier) where sample == population:
      multiplier
    default: nil
    }
  }
}

/// The same event a number of times.
public struct RepeatedEvent: Hashable, Sendable {
  /// The event.
  public let event: PrivacyEvent
  /// How often it happened, at least 0.
  public let count: Int

  /// - Parameter count: how often the event happened, at least 0.
  public init(_ event: PrivacyEvent, count: Int) {
    self.event = event
    self.count = count
  }

  /// Groups equal events, in the order in which each first occurred.
  public static func grouping(_ events: [PrivacyEvent]) -> [RepeatedEvent] {
    var order: [PrivacyEvent] = []
    var counts: [PrivacyEvent: Int] = [:]
    for event in events {
      if counts[event] == nil { order.append(event) }
      counts[event, default: 0] += 1
    }
    return order.map { RepeatedEvent($0, count: counts[$0] ?? 0) }
  }

  /// Adds up the counts of equal events, in the order in which each first occurred; events that never happened are
  /// left out.
  static func merging(_ events: [RepeatedEvent]) -> [RepeatedEvent] {
    var order: [PrivacyEvent] = []
    var counts: [PrivacyEvent: Int] = [:]
    for repeated in events where repeated.count > 0 {
      if counts[repeated.event] == nil { order.append(repeated.event) }
      counts[repeated.event, default: 0] += repeated.count
    }
    return order.map { RepeatedEvent($0, count: counts[$0] ?? 0) }
  }
}
