/// Whole ledgers put together: what they cost a client that may be in all of them.
///
/// Nothing says which client of one ledger is which of another, so the worst is assumed: that someone was in the most
/// expensive tier, or took part most often, in each.
public struct LedgerComposition: Sendable {
  /// A ledger, and what messages call it, for example its file.
  public struct Part: Sendable {
    /// What messages call it.
    public let place: String
    /// The ledger.
    public let ledger: Ledger

    /// A part.
    public init(place: String, ledger: Ledger) {
      self.place = place
      self.ledger = ledger
    }
  }

  /// Whose presence is protected, for example "client".
  public let unit: String
  /// Which populations count as neighbours.
  public let adjacency: Adjacency
  /// The entries of all ledgers.
  public let releases: Int
  /// The places of ledgers whose runs did not end: what is said is about what they had released until then.
  public let unended: [String]
  /// The places of ledgers whose clients add the noise: whoever collects the releases sees every one of them.
  public let withLocalTrust: [String]
  /// Of a client that is in all ledgers.
  private let together: ClientHistories
  /// Of each ledger by itself.
  private let alone: [ClientHistories]

  private static func hasLocalTrust(_ ledger: Ledger) -> Bool {
    switch ledger.opening.promise?.trust {
    case "central": false
    default: true
    }
  }

  /// The most combinations of histories that are accounted for.
  private static let mostHistories = 256

  /// Puts ledgers together.
  /// - Parameter parts: at least one.
  /// - Throws: `LedgerCompositionError` where a ledger has no guarantee, or nothing is proved about all of them together.
  public init(_ parts: [Part]) throws(LedgerCompositionError) {
    precondition(!parts.isEmpty)
    for part in parts {
      if let gap = part.ledger.gap { throw .noGuarantee(place: part.place, reason: gap) }
    }
    guard let first = parts.first, let promise = first.ledger.opening.promise else {
      preconditionFailure("a ledger without a gap has a promise")
    }
    try Self.checkIndependence(parts)
    for part in parts {
      guard let other = part.ledger.opening.promise else { continue }
      if other.unit != promise.unit {
        throw .unitsDiffer(first.place, promise.unit, part.place, other.unit)
      }
      if other.adjacency != promise.adjacency {
        throw .adjacenciesDiffer(first.place, promise.adjacency, part.place, other.adjacency)
      }
    }
    unit = promise.unit
    adjacency = promise.adjacency
    releases = parts.reduce(0) { $0 + $1.ledger.entries.count }
    unended = parts.filter { !$0.ledger.isEnded }.map(\.place)
    withLocalTrust = parts.filter { Self.hasLocalTrust($0.ledger) }.map(\.place)
    alone = parts.map { ClientHistories($0.ledger.entries) }
    var together = alone[0]
    for histories in alone.dropFirst() {
      guard let both = together.combined(with: histories, most: Self.mostHistories) else {
        throw .tooManyHistories(together.all.count * histories.all.count, most: Self.mostHistories)
      }
      together = both
    }
    self.together = together
  }

  /// ε of the client that it is largest for.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public func epsilon(delta: Double, accountant: any Accountant) throws -> EpsilonBracket {
    if alone.count == 1 { return try alone[0].epsilon(adjacency: adjacency, delta: delta, accountant: accountant) }
    let upper = try together.epsilon(adjacency: adjacency, delta: delta, accountant: accountant).upper
    // Whoever sees all ledgers' releases sees those of each: no ε of all is below that of one.
    let lower = try alone.compactMap {
      try $0.epsilon(adjacency: adjacency, delta: delta, accountant: accountant).lower
    }.max()
    return EpsilonBracket(lower: lower.map { min($0, upper) }, upper: upper)
  }

  /// δ of the client that it is largest for.
  /// - Parameter epsilon: at least 0 and finite.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public func delta(epsilon: Double, accountant: any Accountant) throws -> DeltaBracket {
    func delta(_ histories: ClientHistories) throws -> DeltaBracket {
      try histories.delta(epsilon: epsilon, adjacency: adjacency, accountant: accountant)
    }
    if alone.count == 1 { return try delta(alone[0]) }
    let upper = try delta(together).upper
    let lower = try alone.compactMap { try delta($0).lower }.max()
    return DeltaBracket(lower: lower.map { min($0, upper) }, upper: upper)
  }

  /// Composition adds up what independent releases tell. Noise that two of them share can be taken away.
  private static func checkIndependence(_ parts: [Part]) throws(LedgerCompositionError) {
    if parts.count == 1 { return }
    var known: [LedgerOpening.Noise: String] = [:]
    for part in parts {
      guard let noise = part.ledger.opening.noise else { throw .noiseUnknown(part.place) }
      if let other = known.updateValue(part.place, forKey: noise) {
        throw .noiseShared(other, part.place, noise.source)
      }
    }
  }
}

/// Why no ε can be stated for ledgers.
public enum LedgerCompositionError: Error, Equatable, CustomStringConvertible {
  /// One of them has no guarantee.
  case noGuarantee(place: String, reason: String)
  /// A ledger, put together with others, does not say where its noise came from.
  case noiseUnknown(String)
  /// Two have the same noise.
  case noiseShared(String, String, LedgerOpening.Noise.Source)
  /// They protect different units.
  case unitsDiffer(String, String, String, String)
  /// They are about different neighbours.
  case adjacenciesDiffer(String, Adjacency, String, Adjacency)
  /// Too many ways in which a client can have taken part.
  case tooManyHistories(Int, most: Int)

  /// What was found, and what can be done.
  public var description: String {
    switch self {
    case .noGuarantee(let place, let reason): "\(place): no guarantee: \(reason)"
    case .noiseUnknown(let place):
      "\(place): was written before ledgers said where their noise came from, so nothing shows that it is independent of that of the others; it can only be accounted for alone"
    case .noiseShared(let first, let second, .seeded):
      "\(first) and \(second): their noise came from one seed, so that of one may be a multiple of that of the other. Whoever sees both can cancel it (2·w₁ − w₂, where the second has twice the noise), so no ε holds for the two together. Run one of them with another seed, or both with --secure-noise"
    case .noiseShared(let first, let second, .secure):
      "\(first) and \(second): are of one run, whose noise they share; give it once"
    case .unitsDiffer(let first, let firstUnit, let second, let secondUnit):
      "\(first) protects a \(firstUnit) and \(second) a \(secondUnit): nothing is proved about the two together"
    case .adjacenciesDiffer(let first, let firstAdjacency, let second, let secondAdjacency):
      "\(first) is for \(firstAdjacency.rawValue) adjacency and \(second) for \(secondAdjacency.rawValue): nothing is proved about the two together"
    case .tooManyHistories(let count, let most):
      "a client can have taken part in the ledgers in \(count) ways that cost differently; at most \(most) are accounted for"
    }
  }
}
