extension LedgerEntry {
  /// ε of all entries of a ledger: that of the client it is largest for.
  ///
  /// An entry without a client or tier concerns everyone; one with a client concerns that client alone (local trust),
  /// one with a tier the clients of that tier. Where one of the entries is not attained there is no lower end: what the
  /// accountant proves of its event from below is then no word about what was done.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public static func epsilon(
    of ledger: [LedgerEntry], adjacency: Adjacency, delta: Double, accountant: any Accountant
  ) throws -> EpsilonBracket {
    try ClientHistories(ledger).epsilon(adjacency: adjacency, delta: delta, accountant: accountant)
  }
}
