/// What ledgers can amount to for one client: for each way in which it can have taken part, the events that concern it.
struct ClientHistories: Sendable {
  /// One way.
  struct History: Hashable {
    let events: [RepeatedEvent]
    /// Whether what was done attains every event: what is proved about them from below is then proved of it.
    let isAttained: Bool

    fileprivate static let empty = History(events: [], isAttained: true)

    fileprivate init(events: [RepeatedEvent], isAttained: Bool) {
      (self.events, self.isAttained) = (events, isAttained)
    }

    fileprivate init(_ entries: [LedgerEntry]) {
      self.init(
        events: RepeatedEvent.grouping(entries.map(\.event)), isAttained: entries.allSatisfy(\.isAttained))
    }

    fileprivate var releases: Int { events.reduce(0) { $0 + $1.count } }
  }

  /// At least one; none of them costs no more than another.
  let all: [History]
  /// Whether someone is known to have each of them: a bound from below on its ε is then one on the worst client's.
  private let areCertain: Bool

  /// The histories in one ledger. An entry without a client or tier concerns everyone, one with a client that client alone
  /// (local trust), one with a tier the clients of that tier. Which tier a client of the ledger is in it does not say, so
  /// that where it has entries of both kinds every client may be in every tier.
  init(_ ledger: [LedgerEntry]) {
    let shared = History(ledger.filter { $0.client == nil && $0.tier == nil })
    let clients = Self.grouped(ledger, by: \.client)
    let tiers = Self.grouped(ledger.filter { $0.client == nil }, by: \.tier)
    areCertain = clients.isEmpty || tiers.isEmpty
    all = Self.combined(
      Self.combined([shared], tiers.isEmpty ? [.empty] : Self.largest(tiers)),
      clients.isEmpty ? [.empty] : Self.largest(clients))
  }

  private init(_ all: [History], areCertain: Bool) {
    self.all = all
    self.areCertain = areCertain
  }

  /// The histories of a client in both of two ledgers: it may have any history of each.
  /// - Returns: nil where there are more than `most`.
  func combined(with other: ClientHistories, most: Int) -> ClientHistories? {
    guard all.count * other.all.count <= most else { return nil }
    return ClientHistories(Self.largest(Self.combined(all, other.all)), areCertain: false)
  }

  /// ε of the client that it is largest for.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  func epsilon(adjacency: Adjacency, delta: Double, accountant: any Accountant) throws -> EpsilonBracket {
    var worst: EpsilonBracket?
    for history in all {
      var epsilon = try accountant.epsilon(of: history.events, adjacency: adjacency, delta: delta)
      if !areCertain || !history.isAttained { epsilon = EpsilonBracket(lower: nil, upper: epsilon.upper) }
      if epsilon.upper > worst?.upper ?? -1 { worst = epsilon }
    }
    return worst ?? EpsilonBracket(lower: 0, upper: 0)
  }

  /// δ of the client that it is largest for.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  func delta(epsilon: Double, adjacency: Adjacency, accountant: any Accountant) throws -> DeltaBracket {
    var worst: DeltaBracket?
    for history in all {
      let delta = try accountant.delta(of: history.events, adjacency: adjacency, epsilon: epsilon)
      guard delta.upper > worst?.upper ?? -1 else { continue }
      worst = DeltaBracket(lower: areCertain && history.isAttained ? delta.lower : nil, upper: delta.upper)
    }
    return worst ?? DeltaBracket(lower: 0, upper: 0)
  }

  /// The clients with releases of their own that pay most: one for each history that no other exceeds.
  static func busiestClients(of ledger: [LedgerEntry]) -> [Int] {
    var clients: [Int] = []
    var known: Set<Int> = []
    for entry in ledger {
      if let client = entry.client, known.insert(client).inserted { clients.append(client) }
    }
    let histories = grouped(ledger, by: \.client)
    return largest(histories).compactMap { history in histories.firstIndex(of: history).map { clients[$0] } }
  }

  // MARK: Making histories

  /// The history of each client or tier, in the order of their first entries.
  private static func grouped<Key: Hashable>(
    _ ledger: [LedgerEntry], by key: (LedgerEntry) -> Key?
  ) -> [History] {
    var entries: [Key: [LedgerEntry]] = [:]
    var order: [Key] = []
    for entry in ledger {
      guard let owner = key(entry) else { continue }
      if entries[owner] == nil { order.append(owner) }
      entries[owner, default: []].append(entry)
    }
    return order.map { History(entries[$0] ?? []) }
  }

  private static func combined(_ first: [History], _ second: [History]) -> [History] {
    first.flatMap { one in
      second.map { other in
        History(
          events: RepeatedEvent.merging(one.events + other.events), isAttained: one.isAttained && other.isAttained)
      }
    }
  }

  /// The histories without those that cost no more than another. Of two that cost the same, one that is attained says more.
  private static func largest(_ histories: [History]) -> [History] {
    var seen: Set<History> = []
    let distinct = histories.enumerated().filter { seen.insert($0.element).inserted }
    func rank(_ one: (offset: Int, element: History)) -> (Int, Int, Int) {
      (-one.element.releases, one.element.isAttained ? 0 : 1, one.offset)
    }
    // The longest first, because they dominate most.
    var kept: [History] = []
    for (_, history) in distinct.sorted(by: { rank($0) < rank($1) })
    where !kept.contains(where: { costsNoMore(history, than: $0) }) {
      kept.removeAll { costsNoMore($0, than: history) }
      kept.append(history)
    }
    return kept
  }

  /// Whether each event of a history can be matched with one of the other's that costs at least as much: then whoever has
  /// the other history tells at least as much.
  private static func costsNoMore(_ history: History, than other: History) -> Bool {
    var left = other.events.map { (event: $0.event, count: $0.count) }
    for repeated in history.events {
      let equal = left.firstIndex { $0.event == repeated.event && $0.count >= repeated.count }
      guard
        let index = equal
          ?? left.firstIndex(where: { $0.count >= repeated.count && repeated.event.costsNoMore(than: $0.event) })
      else { return false }
      left[index].count -= repeated.count
    }
    return true
  }
}

extension PrivacyEvent {
  /// Whether an event can be made from the other by post-processing: by more noise, and by sampling once more, which is a
  /// mixture of pairs that are each no further apart (convexity of the hockey-stick divergence).
  fileprivate func costsNoMore(than other: PrivacyEvent) -> Bool {
    switch (self, other) {
    case (.gaussian(let mine), .gaussian(let theirs)), (.laplace(let mine), .laplace(let theirs)),
      (.poissonSampledGaussian(_, let mine), .gaussian(let theirs)),
      (.poissonSampledLaplace(_, let mine), .laplace(let theirs)):
      mine >= theirs
    case (.poissonSampledGaussian(let myRate, let mine), .poissonSampledGaussian(let theirRate, let theirs)),
      (.poissonSampledLaplace(let myRate, let mine), .poissonSampledLaplace(let theirRate, let theirs)):
      myRate <= theirRate && mine >= theirs
    case (.pure(let mine), .pure(let theirs)), (.concentrated(let mine), .concentrated(let theirs)): mine <= theirs
    default: self == other
    }
  }
}
