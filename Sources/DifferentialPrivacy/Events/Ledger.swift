import Foundation

/// A whole `ledger.jsonl`: a line that says whose data it is about and what was promised, one line a noisy release, and a
/// line that says how much there was. Each line carries the hash of the one before.
public struct Ledger: Equatable, Sendable {
  /// The first line.
  public let opening: LedgerOpening
  /// The releases, in their order.
  public let entries: [LedgerEntry]
  /// The last line.
  public let closing: LedgerClosing

  /// The end.
  private static let end = #"{"end":1}"#

  /// A ledger.
  public init(opening: LedgerOpening, entries: [LedgerEntry], closing: LedgerClosing) {
    self.opening = opening
    self.entries = entries
    self.closing = closing
  }

  /// The file's text, and the hash of its last line.
  public func encoded() throws -> (text: String, head: String) {
    let encoder = Self.encoder()
    func object(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    var chain = HashChain()
    var text = chain.link(try object(opening)) + "\n"
    for entry in entries { text += chain.link(try entry.line(encoder)) + "\n" }
    text += chain.link(try object(closing)) + "\n" + chain.link(Self.end) + "\n"
    return (text, chain.head)
  }

  /// What writes the objects: sorted keys, on one line.
  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// The releases of a file that is read for its ε alone: what is not a release is passed over, and the chain is not
  /// looked at.
  /// - Throws: `LedgerError` for the first line that cannot be read.
  public static func entries(of text: String) throws -> [LedgerEntry] {
    try lines(of: text).compactMap { number, line in
      // Releases come first, because there are most of them.
      do { return try LedgerEntry(line: line, number: number) } catch let error as LedgerError {
        guard isOther(line) else { throw error }
        return nil
      }
    }
  }

  /// Whether a line is one of those that are no release.
  private static func isOther(_ line: Substring) -> Bool {
    let data = Data(line.utf8)
    return line.hasPrefix(Self.end.dropLast())
      || (try? JSONDecoder().decode(LedgerOpening.self, from: data)) != nil
      || (try? JSONDecoder().decode(LedgerClosing.self, from: data)) != nil
  }

  private static func lines(of text: String) -> [(number: Int, line: Substring)] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .map { (number: $0.offset + 1, line: $0.element) }.filter { !$0.line.isEmpty }
  }
}

// MARK: - Checking

extension Ledger {
  /// Reads a file and checks its chain.
  /// - Returns: the ledger, and the hash of its last line.
  /// - Throws: `LedgerError` naming the first line where something was altered, removed or put elsewhere.
  public static func verified(_ text: String) throws -> (ledger: Ledger, head: String) {
    let lines = lines(of: text)
    var chain = HashChain()
    var opening: LedgerOpening?
    var closing: LedgerClosing?
    var entries: [LedgerEntry] = []
    var hasEnded = false
    for (number, line) in lines {
      guard let object = chain.take(line) else {
        throw LedgerError(
          line: number,
          message: number == 1
            ? "is not the first line of a ledger: lines before it are missing, or it was altered"
            : "does not carry the hash of the line before: that line was altered, or lines were removed, added or put elsewhere"
        )
      }
      if hasEnded { throw LedgerError(line: number, message: "comes after the end") }
      if closing != nil {
        guard object == Self.end else { throw LedgerError(line: number, message: "is not the end: it was altered") }
        hasEnded = true
        continue
      }
      let data = Data(object.utf8)
      if opening == nil {
        opening = try? JSONDecoder().decode(LedgerOpening.self, from: data)
        if opening == nil { throw LedgerError(line: number, message: "is not the opening line of a ledger") }
      } else {
        do { entries.append(try LedgerEntry(line: object, number: number)) } catch let error as LedgerError {
          guard let last = try? JSONDecoder().decode(LedgerClosing.self, from: data) else { throw error }
          closing = last
        }
      }
    }
    guard let opening else { throw LedgerError(line: 1, message: "is missing: the ledger is empty") }
    guard let closing, hasEnded else {
      throw LedgerError(line: (lines.last?.number ?? 0) + 1, message: "is missing: the ledger's end was removed")
    }
    guard closing.entries == entries.count else {
      throw LedgerError(
        line: lines.last?.number ?? 1,
        message: "counts \(closing.entries) releases, and there are \(entries.count): it was altered")
    }
    return (Ledger(opening: opening, entries: entries, closing: closing), chain.head)
  }
}

/// The first line of a ledger: what is promised, and to whom.
public struct LedgerOpening: Codable, Equatable, Sendable {
  /// The promise; there is none without privacy.
  public struct Promise: Codable, Equatable, Sendable {
    /// Whose presence is protected, for example "client".
    public let unit: String
    /// Who is trusted with what, for example "central".
    public let trust: String
    /// Which populations count as neighbours.
    public let adjacency: Adjacency
    /// δ.
    public let delta: Double
    /// How ε is computed.
    public let accountant: AccountantKind

    /// A promise.
    public init(unit: String, trust: String, adjacency: Adjacency, delta: Double, accountant: AccountantKind) {
      self.unit = unit
      self.trust = trust
      self.adjacency = adjacency
      self.delta = delta
      self.accountant = accountant
    }
  }

  /// A group of clients with a target of its own.
  public struct Tier: Codable, Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Share of all clients, in [0, 1].
    public let share: Double
    /// The ε that its clients accept; nil: they opted out and are never contacted.
    public let epsilon: Double?

    /// A tier.
    public init(name: String, share: Double, epsilon: Double?) {
      self.name = name
      self.share = share
      self.epsilon = epsilon
    }
  }

  /// The form of the file.
  public let ledger: Int
  /// Of the scenario.
  public let name: String
  /// Of the run.
  public let seed: UInt64
  /// The public size of the population.
  public let clients: Int
  /// nil: nothing was promised.
  public let promise: Promise?
  /// Empty: all clients have the same target.
  public let tiers: [Tier]

  /// An opening line.
  public init(name: String, seed: UInt64, clients: Int, promise: Promise?, tiers: [Tier] = []) {
    ledger = 1
    self.name = name
    self.seed = seed
    self.clients = clients
    self.promise = promise
    self.tiers = tiers
  }
}

/// The last line of a ledger.
public struct LedgerClosing: Codable, Equatable, Sendable {
  /// How often clients of a tier were asked for anything.
  public struct Contacts: Codable, Equatable, Sendable {
    /// nil: all clients.
    public let tier: String?
    /// Each client counts as often as it was asked.
    public let participations: Int

    /// A count.
    public init(tier: String?, participations: Int) {
      self.tier = tier
      self.participations = participations
    }
  }

  /// Lines that are releases.
  public let entries: Int
  /// Rounds of training, or queries, that were carried out.
  public let rounds: Int
  /// One a tier, or one for all clients.
  public let contacts: [Contacts]

  /// A closing line.
  public init(entries: Int, rounds: Int, contacts: [Contacts]) {
    self.entries = entries
    self.rounds = rounds
    self.contacts = contacts
  }
}
