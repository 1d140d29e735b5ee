import DifferentialPrivacy

/// Where the lines of a ledger go while it is written.
package protocol LedgerLog {
  /// Keeps lines that follow those before. They outlive the process when this returns.
  mutating func append(_ lines: String) throws
}

/// A run's whole ledger.
package struct ClosedLedger: Sendable {
  package let ledger: Ledger
  /// Its last lines, which are not in the log: whoever keeps the log as a whole ledger adds them.
  package let ending: String
  /// The SHA-256 of the last line.
  package let head: String
}

/// The ledger of a run that goes on. Only releases write entries.
package struct LedgerWriter {
  /// How much there was so far.
  package struct Progress {
    /// What was released.
    package fileprivate(set) var entries: [LedgerEntry]
    /// Rounds with a release, or, where nothing is promised, rounds.
    package fileprivate(set) var rounds: Int
    /// How often clients were asked for anything, by tier, or in all.
    package fileprivate(set) var contacts: [Int]
    /// With noise by clients, participations after which nothing left the client.
    package fileprivate(set) var unsent: Int

    package init(entries: [LedgerEntry] = [], rounds: Int = 0, contacts: [Int], unsent: Int = 0) {
      self.entries = entries
      self.rounds = rounds
      self.contacts = contacts
      self.unsent = unsent
    }
  }

  /// Entries as they will be written: got ready while workers train, so that entering them is one write.
  struct Lines {
    let entries: [LedgerEntry]
    fileprivate let objects: [String]
    /// The lines, and the chain after them, if nothing else is entered before.
    fileprivate let linked: (text: String, chain: HashChain)
    /// The hash of the line that they are linked to.
    fileprivate let previous: String
  }

  /// The first line.
  package let opening: LedgerOpening
  package private(set) var progress: Progress
  private var chain = HashChain()
  private let encoder = LedgerEncoder()
  /// nil: nobody but the result asks for the ledger.
  private var log: (any LedgerLog)?

  /// Begins a ledger.
  /// - Parameters:
  ///   - progress: what a run has come to that goes on; nil: this one starts.
  ///   - log: where its lines go; nil: nowhere.
  /// - Throws: what the log throws.
  package init(_ opening: LedgerOpening, from progress: Progress? = nil, log: (any LedgerLog)? = nil) throws {
    self.opening = opening
    self.log = log
    let before = progress ?? Progress(contacts: opening.tiers.isEmpty ? [0] : opening.tiers.map { _ in 0 })
    self.progress = before
    try write(linked([encoder.object(opening)] + before.entries.map(encoder.object)))
  }

  /// The ledger as it is when nothing more is released.
  package func closed() throws -> ClosedLedger {
    let tiers: [String?] = opening.tiers.isEmpty ? [nil] : opening.tiers.map(\.name)
    let closing = LedgerClosing(
      entries: progress.entries.count, rounds: progress.rounds,
      contacts: zip(tiers, progress.contacts).map { LedgerClosing.Contacts(tier: $0, participations: $1) },
      unsent: progress.unsent)
    var chain = chain
    let ending = try [encoder.object(closing), Ledger.end].map { chain.link($0) + "\n" }.joined()
    return ClosedLedger(
      ledger: Ledger(opening: opening, entries: progress.entries, closing: closing), ending: ending,
      head: chain.head)
  }

  func lines(of entries: [LedgerEntry]) throws -> Lines {
    let objects = try entries.map(encoder.object)
    return Lines(entries: entries, objects: objects, linked: linked(objects), previous: chain.head)
  }

  mutating func enter(_ lines: Lines) throws {
    guard !lines.entries.isEmpty else { return }
    try write(lines.previous == chain.head ? lines.linked : linked(lines.objects))
    progress.entries += lines.entries
  }

  /// Counts a round that was released.
  /// - Parameters:
  ///   - contacted: clients that were asked, by tier, or in all.
  ///   - unsent: those of them whose update never left them, where each leaves with a release of its own.
  mutating func count(_ contacted: [Int], unsent: Int = 0) {
    precondition(contacted.count == progress.contacts.count)
    progress.rounds += 1
    for (group, count) in contacted.enumerated() { progress.contacts[group] += count }
    progress.unsent += unsent
  }

  private func linked(_ objects: [String]) -> (text: String, chain: HashChain) {
    var next = chain
    var text = ""
    for object in objects { text += next.link(object) + "\n" }
    return (text, next)
  }

  private mutating func write(_ lines: (text: String, chain: HashChain)) throws {
    try log?.append(lines.text)
    chain = lines.chain
  }
}
