extension Ledger {
  /// Refuses a ledger whose lines contradict each other. A chain proves that lines belong together, and whoever writes a new
  /// chain can write what he likes; what no run can have written is not read as one.
  /// - Parameter lines: the numbers of the opening, of each entry and of the closing in their file.
  func checkAgreement(lines: [Int]) throws(LedgerError) {
    func check(_ problem: String?, line: Int) throws(LedgerError) {
      if let problem { throw LedgerError(line: line, message: problem) }
    }
    try check(opening.contradiction, line: lines[0])
    var seen: Set<Release> = []
    for (index, entry) in entries.enumerated() {
      let line = lines[index + 1]
      try check(contradiction(of: entry), line: line)
      if !seen.insert(Release(entry)).inserted && !mayRepeat(entry) {
        try check("is the second release of round \(entry.round) about the same clients", line: line)
      }
    }
    try check(closingContradiction, line: lines[entries.count + 1])
  }

  /// What a run releases once a round.
  private struct Release: Hashable {
    let round: Int
    let client: Int?
    let tier: String?

    init(_ entry: LedgerEntry) { (round, client, tier) = (entry.round, entry.client, entry.tier) }
  }

  /// A query may be answered by several releases, and a client's own noise that nobody can repeat may have left it twice.
  private func mayRepeat(_ entry: LedgerEntry) -> Bool {
    entry.release?.hasPrefix("query \"") == true || (entry.client != nil && opening.noise?.source == .secure)
  }

  private func contradiction(of entry: LedgerEntry) -> String? {
    guard let promise = opening.promise else { return "is a release, and the first line promises nothing" }
    if !(1...max(1, closing.rounds)).contains(entry.round) || closing.rounds < 1 {
      return "is of round \(entry.round), and the last line counts \(closing.rounds)"
    }
    if entry.unit != promise.unit {
      return "protects a \(entry.unit), and the first line promises it to a \(promise.unit)"
    }
    if entry.adjacency != promise.adjacency {
      return
        "is for \(entry.adjacency.rawValue) adjacency, and the first line promises \(promise.adjacency.rawValue)"
    }
    if let tier = entry.tier, !opening.tiers.contains(where: { $0.name == tier }) {
      return "is about the tier \"\(tier)\", which the first line does not have"
    }
    if let client = entry.client, client >= opening.clients {
      return "is about client \(client) of \(opening.clients)"
    }
    if let clients = entry.clients, promise.unit == "client", clients > opening.clients {
      return "covers \(clients) clients of \(opening.clients)"
    }
    if case .fixedSizeSampledGaussian(_, let population, _) = entry.event, promise.unit == "client",
      population != opening.clients
    {
      return "samples from \(population) clients, and there are \(opening.clients)"
    }
    return nil
  }

  private var closingContradiction: String? {
    let tiers: [String?] = opening.tiers.isEmpty ? [nil] : opening.tiers.map(\.name)
    if !counts.contains(closing.rounds) { return "counts \(closing.rounds) rounds" }
    if closing.contacts.map(\.tier) != tiers { return "does not count the contacts of the first line's tiers" }
    for contacts in closing.contacts {
      guard let participations = contacts.participations else {
        if !opening.isPublished && isEnded {
          return "does not count participations, and the ledger is not one for publication"
        }
        continue
      }
      if !counts.contains(participations) { return "counts \(participations) participations" }
    }
    if let unsent = closing.unsent, !counts.contains(unsent) {
      return "counts \(unsent) participations without a release"
    }
    let unanswered = closing.unanswered ?? []
    if zip(unanswered, unanswered.dropFirst()).contains(where: { $0 >= $1 })
      || unanswered.contains(where: { $0 < 1 || $0 > closing.rounds })
    {
      return "names unanswered queries that there are not"
    }
    return nil
  }
}

/// What can be counted; sums of such numbers do not overflow.
private let counts = 0...1 << 50

extension LedgerOpening {
  /// Why an opening line means nothing; nil where it does.
  fileprivate var contradiction: String? {
    if !(1...counts.upperBound).contains(clients) { return "has a population of \(clients)" }
    if let delta = promise?.delta, !(delta > 0 && delta < 1) {
      return "promises δ = \(delta); allowed: above 0 and below 1"
    }
    if Set(tiers.map(\.name)).count < tiers.count { return "has two tiers of one name" }
    for tier in tiers {
      if !(0...1).contains(tier.share) { return "has a tier with a share of \(tier.share)" }
      if let epsilon = tier.epsilon, !(epsilon > 0) { return "has a tier with ε = \(epsilon)" }
    }
    guard let noise else { return isPublished ? "does not say where the noise came from" : nil }
    if !noise.isWellFormed { return "has a key of the noise that is not 32 hexadecimal digits" }
    switch noise.source {
    case .secure: return nil
    case .seeded:
      guard let seed else { return isPublished ? nil : "has seeded noise and no seed" }
      return noise == .seeded(seed) ? nil : "has a key of the noise that is not that of seed \(seed)"
    }
  }
}
