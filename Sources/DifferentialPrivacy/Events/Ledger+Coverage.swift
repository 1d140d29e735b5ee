extension Ledger {
  /// Why no ε can be stated from this ledger; nil where one can: it promises something, and whatever was done to clients'
  /// data is in it.
  public var gap: String? {
    if opening.promise == nil { return "nothing was promised: what was released had no noise, and no ε holds" }
    if let uncovered { return uncovered }
    return entries.isEmpty ? "no release is in it, so there is nothing that an ε could be about" : nil
  }

  /// What was done to clients' data, by the count of the last line, without a release in the ledger; nil where nothing was,
  /// and where nothing was promised.
  public var uncovered: String? {
    switch opening.promise?.trust {
    case nil: nil
    case "central": tierGap ?? roundGap
    case "local": entries.contains { $0.client == nil } ? roundGap : participationGap
    case let trust?: "its trust model \"\(trust)\" is unknown here"
    }
  }

  /// Everything that was released for all clients, or for each tier that is ever contacted, in every round.
  private var roundGap: String? {
    let tiers = Set(zip(opening.tiers, closing.contacts).filter { $0.0.isContacted(by: $0.1) }.map(\.0.name))
    var missing: [Int: Set<String>] = [:]
    for entry in entries where entry.client == nil {
      guard let tier = entry.tier else {
        missing[entry.round] = []
        continue
      }
      missing[entry.round, default: tiers].remove(tier)
    }
    let unanswered = Set(closing.unanswered ?? [])
    for round in stride(from: 1, through: closing.rounds, by: 1) where !unanswered.contains(round) {
      guard let left = missing[round] else {
        return "round \(round) of \(closing.rounds) has no release in it: what was done there is not paid for"
      }
      if let tier = left.min() { return "round \(round) has no release about the tier \"\(tier)\"" }
    }
    return nil
  }

  private var tierGap: String? {
    for (tier, contacts) in zip(opening.tiers, closing.contacts) {
      guard tier.epsilon == nil, let participations = contacts.participations, participations > 0 else { continue }
      return "clients of the tier \"\(tier.name)\" opted out, and were contacted \(participations) times"
    }
    return nil
  }

  /// With local trust each participation is a release, or nothing left the client.
  private var participationGap: String? {
    // Of a ledger for publication only the busiest client is left; and a run that did not end has counted nothing.
    if opening.isPublished || !isEnded { return nil }
    struct Release: Hashable {
      let round: Int
      let client: Int
    }
    let released = Set(entries.compactMap { entry in entry.client.map { Release(round: entry.round, client: $0) } })
    let participations = closing.contacts.reduce(0) { $0 + ($1.participations ?? 0) }
    let unsent = closing.unsent ?? 0
    guard released.count + unsent != participations else { return nil }
    return
      "clients took part \(participations) times, \(unsent) times without sending anything, and \(released.count) of their releases are in it"
  }
}

extension LedgerOpening.Tier {
  /// Whether anyone of the tier was, or may have been, asked for anything.
  fileprivate func isContacted(by contacts: LedgerClosing.Contacts) -> Bool {
    contacts.participations.map { $0 > 0 } ?? (epsilon != nil && share > 0)
  }
}
