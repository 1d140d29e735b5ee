extension Ledger {
  /// The ledger without what its guarantee does not cover: how many clients a release covers, how often clients were asked,
  /// who took part, and the seed. ε stays what it is: where each client has releases of its own, those of clients that pay
  /// most are left, under new numbers.
  /// - Throws: `LedgerCompositionError.noGuarantee`.
  /// - Parameter place: what the error calls the ledger.
  public func forPublication(place: String) throws(LedgerCompositionError) -> Ledger {
    if let gap { throw .noGuarantee(place: place, reason: gap) }
    guard isEnded else {
      throw .noGuarantee(place: place, reason: "its run did not end, so that no whole of it can be published")
    }
    guard opening.noise != nil else {
      throw .noGuarantee(
        place: place, reason: "it was written before ledgers said where their noise came from; run it again")
    }
    let busiest = ClientHistories.busiestClients(of: entries)
    let kept = entries.compactMap { entry -> LedgerEntry? in
      guard let client = entry.client else { return entry.published(client: nil) }
      return busiest.firstIndex(of: client).map { entry.published(client: $0) }
    }
    return Ledger(
      opening: LedgerOpening(
        name: opening.name, seed: nil, clients: opening.clients, promise: opening.promise, tiers: opening.tiers,
        noise: opening.noise, isPublished: true),
      entries: kept,
      closing: LedgerClosing(
        entries: kept.count, rounds: closing.rounds,
        contacts: closing.contacts.map { contacts in
          // That nobody was ever asked is a promise kept, and no count of those who were.
          LedgerClosing.Contacts(tier: contacts.tier, participations: contacts.participations == 0 ? 0 : nil)
        }, unanswered: closing.unanswered ?? []))
  }
}

extension LedgerEntry {
  fileprivate func published(client: Int?) -> LedgerEntry {
    LedgerEntry(
      round: round, client: client, tier: tier, event: event, adjacency: adjacency, unit: unit,
      sensitivity: sensitivity, noiseStandardDeviation: noiseStandardDeviation,
      countNoiseMultiplier: countNoiseMultiplier, release: release, isAttained: isAttained)
  }
}
