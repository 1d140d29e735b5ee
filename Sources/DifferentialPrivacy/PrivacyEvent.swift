/// Which two populations count as neighbours.
public enum Adjacency: String, CaseIterable, Codable, Sendable {
  /// One has one unit (client) more than the other.
  case addOrRemove = "add-or-remove"
  /// They have the same size and differ in one unit.
  case replaceOne = "replace-one"
}

/// What was done to the data in one noisy release: precisely, and without an opinion on what it costs.
///
/// `noiseMultiplier` is always the standard deviation of the noise that was added, divided by the L2
/// sensitivity of what it was added to under the ledger's adjacency.
public enum PrivacyEvent: Hashable, Sendable {
  /// A Gaussian mechanism on everyone's data.
  case gaussian(noiseMultiplier: Double)
  /// A Gaussian mechanism on a sample that every unit enters independently with probability `samplingRate`.
  case poissonSampledGaussian(samplingRate: Double, noiseMultiplier: Double)
  /// A Gaussian mechanism on `sample` of `population` units, every subset equally likely.
  case fixedSizeSampledGaussian(sample: Int, population: Int, noiseMultiplier: Double)

  /// The name that ledgers and messages use.
  public var name: String {
    switch self {
    case .gaussian: "gaussian"
    case .poissonSampledGaussian: "poisson-sampled-gaussian"
    case .fixedSizeSampledGaussian: "fixed-size-sampled-gaussian"
    }
  }
}

/// The same event a number of times.
public struct RepeatedEvent: Equatable, Sendable {
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
}
