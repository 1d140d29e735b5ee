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
  /// one with a tier the clients of that tier. Where one of the entries is not attained there is no lower end: what the
  /// accountant proves of its event from below is then no word about what was done.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public static func epsilon(
    of ledger: [LedgerEntry], adjacency: Adjacency, delta: Double, accountant: any Accountant
  ) throws -> EpsilonBracket {
    func bracket(_ events: [RepeatedEvent], isAttained: Bool) throws -> EpsilonBracket {
      let epsilon = try accountant.epsilon(of: events, adjacency: adjacency, delta: delta)
      return isAttained ? epsilon : EpsilonBracket(lower: nil, upper: epsilon.upper)
    }
    let shared = ledger.filter { $0.scope == nil }
    let isSharedAttained = shared.allSatisfy(\.isAttained)
    var own: [Scope: (events: [PrivacyEvent], isAttained: Bool)] = [:]
    var scopes: [Scope] = []
    for entry in ledger {
      guard let scope = entry.scope else { continue }
      if own[scope] == nil { scopes.append(scope) }
      own[scope, default: ([], isSharedAttained)].events.append(entry.event)
      if !entry.isAttained { own[scope]?.isAttained = false }
    }
    var worst = try bracket(RepeatedEvent.grouping(shared.map(\.event)), isAttained: isSharedAttained)
    // Many clients have the same history; each history is accounted for once.
    var seen: [(events: [RepeatedEvent], isAttained: Bool)] = []
    for scope in scopes {
      guard let (events, isAttained) = own[scope] else { continue }
      let history = (events: RepeatedEvent.grouping(shared.map(\.event) + events), isAttained: isAttained)
      if seen.contains(where: { $0 == history }) { continue }
      seen.append(history)
      let epsilon = try bracket(history.events, isAttained: isAttained)
      // Of two equal ones the one that is known from below as well says more.
      if epsilon.upper > worst.upper || (epsilon.upper == worst.upper && epsilon.lower != nil) { worst = epsilon }
    }
    return worst
  }
}
