/// What is known about ε at a stated δ.
public struct EpsilonBracket: Equatable, Codable, Sendable {
  /// Mechanisms with these events exist for which no smaller ε holds; nil where the accountant proves no lower bound.
  public let lower: Double?
  /// The guarantee.
  public let upper: Double

  /// A bracket; `lower` is nil or at most `upper`.
  public init(lower: Double?, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

/// What is known about δ at a stated ε.
public struct DeltaBracket: Equatable, Codable, Sendable {
  /// Mechanisms with these events exist for which no smaller δ holds; nil where the accountant proves no lower bound.
  public let lower: Double?
  /// The guarantee, in [0, 1].
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
  /// Zero-concentrated differential privacy: one number ρ that adds up; no amplification by sampling.
  case zcdp
  /// Pure differential privacy: ε adds up, whatever δ is; nothing about Gaussian noise.
  case pure

  /// The accountant itself; one whose answers take long remembers them.
  public var accountant: any Accountant {
    switch self {
    case .pld: RememberingAccountant.privacyLoss
    case .rdp: RenyiAccountant()
    case .zcdp: ConcentratedAccountant()
    case .pure: PureAccountant()
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

  /// δ of all events together, for each ε.
  /// - Parameters:
  ///   - events: what was done, in any order.
  ///   - adjacency: which populations are neighbours.
  ///   - epsilons: each at least 0 and finite, in any order.
  /// - Returns: as many brackets, in the same order.
  /// - Throws: `AccountingError` when the accountant has no proof for an event or an ε is out of range.
  func deltas(of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]) throws -> [DeltaBracket]

  /// The guarantee alone, for searches that ask often: never below the upper end of the bracket.
  func upperBound(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> Double
}

extension Accountant {
  /// δ of all events together at one ε.
  /// - Parameter epsilon: at least 0 and finite.
  /// - Throws: `AccountingError` when the accountant has no proof for an event or ε is out of range.
  public func delta(of events: [RepeatedEvent], adjacency: Adjacency, epsilon: Double) throws -> DeltaBracket {
    try deltas(of: events, adjacency: adjacency, epsilons: [epsilon])[0]
  }

  /// The upper end of the bracket.
  public func upperBound(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> Double {
    try epsilon(of: events, adjacency: adjacency, delta: delta).upper
  }
}
