/// What is known about ε at a stated δ.
public struct EpsilonBracket: Equatable, Sendable {
  /// No mechanism with these events has a smaller ε; nil where the accountant proves no lower bound.
  public let lower: Double?
  /// The guarantee.
  public let upper: Double

  /// A bracket; `lower` is nil or at most `upper`.
  public init(lower: Double?, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

/// The accountants a user can choose.
public enum AccountantKind: String, CaseIterable, Codable, Sendable {
  /// Privacy-loss distributions: tight, with a lower bound.
  case pld
  /// Rényi differential privacy: an upper bound, for every event.
  case rdp

  /// The accountant itself.
  public var accountant: any Accountant {
    switch self {
    case .pld: PrivacyLossAccountant()
    case .rdp: RenyiAccountant()
    }
  }
}

/// A function from events to a bound on ε. It refuses what it cannot prove anything about.
public protocol Accountant: Sendable {
  /// The name used in scenarios and results.
  var kind: AccountantKind { get }

  /// ε of all events together.
  /// - Parameters:
  ///   - events: what was done, in any order.
  ///   - adjacency: which populations are neighbours.
  ///   - delta: δ, in (0, 1).
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  func epsilon(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> EpsilonBracket
}

/// Why an accountant refuses.
public enum AccountingError: Error, Equatable, CustomStringConvertible {
  /// The accountant has no proof for this event under this adjacency.
  case unproved(event: String, adjacency: Adjacency, accountant: AccountantKind)
  /// δ outside (0, 1).
  case invalidDelta(Double)
  /// A rate, multiplier or count outside its range.
  case invalidEvent(String)
  /// No noise multiplier within reach meets the target.
  case unreachableTarget(epsilon: Double, delta: Double)

  /// What was found, and what is allowed.
  public var description: String {
    switch self {
    case .unproved(let event, let adjacency, let accountant):
      "the \(accountant.rawValue) accountant proves nothing about \(event) under \(adjacency.rawValue) adjacency"
    case .invalidDelta(let delta): "δ is \(delta); allowed: above 0 and below 1"
    case .invalidEvent(let reason): reason
    case .unreachableTarget(let epsilon, let delta):
      "no noise multiplier up to \(Calibration.largestMultiplier) reaches ε = \(epsilon) at δ = \(delta)"
    }
  }
}

extension PrivacyEvent {
  /// Refuses numbers outside the range in which an event means anything.
  func validate() throws {
    func check(_ holds: Bool, _ what: String) throws {
      if !holds { throw AccountingError.invalidEvent("\(name): \(what)") }
    }
    switch self {
    case .gaussian(let multiplier):
      try check(multiplier > 0 && multiplier.isFinite, "noise multiplier is \(multiplier); allowed: above 0")
    case .poissonSampledGaussian(let rate, let multiplier):
      try check(multiplier > 0 && multiplier.isFinite, "noise multiplier is \(multiplier); allowed: above 0")
      try check(rate > 0 && rate <= 1, "sampling rate is \(rate); allowed: above 0, at most 1")
    case .fixedSizeSampledGaussian(let sample, let population, let multiplier):
      try check(multiplier > 0 && multiplier.isFinite, "noise multiplier is \(multiplier); allowed: above 0")
      try check(sample > 0 && sample <= population, "sample is \(sample) of \(population)")
    }
  }
}
