extension LedgerEntry {
  /// Whom an entry is about.
  private enum Scope: Hashable {
    case client(Int)
    case tier(String)
  }

  private var scope: Scope? {
    client.map { .client($0) } ?? tier.map { .tier($0) }
  }

  /// ε of a whole ledger: that of the client it is largest for.
  ///
  /// An entry without a client or tier concerns everyone; one with a client concerns that client alone (local trust),
  /// one with a tier the clients of that tier.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public static func epsilon(
    of ledger: [LedgerEntry], adjacency: Adjacency, delta: Double, accountant: any Accountant
  ) throws -> EpsilonBracket {
    let shared = ledger.filter { $0.scope == nil }.map(\.event)
    var own: [Scope: [PrivacyEvent]] = [:]
    var scopes: [Scope] = []
    for entry in ledger {
      guard let scope = entry.scope else { continue }
      if own[scope] == nil { scopes.append(scope) }
      own[scope, default: []].append(entry.event)
    }
    var worst = try accountant.epsilon(
      of: RepeatedEvent.grouping(shared), adjacency: adjacency, delta: delta)
    // Many clients have the same history; each history is accounted for once.
    var seen: [[RepeatedEvent]] = []
    for scope in scopes {
      let events = RepeatedEvent.grouping(shared + (own[scope] ?? []))
      if seen.contains(events) { continue }
      seen.append(events)
      let epsilon = try accountant.epsilon(of: events, adjacency: adjacency, delta: delta)
      if epsilon.upper > worst.upper { worst = epsilon }
    }
    return worst
  }
}
