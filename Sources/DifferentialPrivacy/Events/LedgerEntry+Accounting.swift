extension LedgerEntry {
  /// ε of a whole ledger: that of the client it is largest for.
  ///
  /// An entry without a client concerns everyone; one with a client concerns that client alone (local trust).
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public static func epsilon(
    of ledger: [LedgerEntry], adjacency: Adjacency, delta: Double, accountant: any Accountant
  ) throws -> EpsilonBracket {
    let shared = ledger.filter { $0.client == nil }.map(\.event)
    var own: [Int: [PrivacyEvent]] = [:]
    var clients: [Int] = []
    for entry in ledger {
      guard let client = entry.client else { continue }
      if own[client] == nil { clients.append(client) }
      own[client, default: []].append(entry.event)
    }
    var worst = try accountant.epsilon(
      of: RepeatedEvent.grouping(shared), adjacency: adjacency, delta: delta)
    // Many clients have the same history; each is accounted for once.
    var seen: [[RepeatedEvent]] = []
    for client in clients {
      let events = RepeatedEvent.grouping(shared + (own[client] ?? []))
      if seen.contains(events) { continue }
      seen.append(events)
      let epsilon = try accountant.epsilon(of: events, adjacency: adjacency, delta: delta)
      if epsilon.upper > worst.upper { worst = epsilon }
    }
    return worst
  }
}
