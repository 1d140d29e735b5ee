/// The last line of a ledger: how much there was.
public struct LedgerClosing: Codable, Equatable, Sendable {
  /// How often clients of a tier were asked for anything.
  public struct Contacts: Codable, Equatable, Sendable {
    /// nil: all clients.
    public let tier: String?
    /// Each client counts as often as it was asked. nil in a ledger for publication, unless nobody ever was.
    public let participations: Int?

    /// A count.
    public init(tier: String?, participations: Int?) {
      self.tier = tier
      self.participations = participations
    }
  }

  /// Lines that are releases.
  public let entries: Int
  /// Rounds of training, or queries.
  public let rounds: Int
  /// One a tier, or one for all clients.
  public let contacts: [Contacts]
  /// Queries that were refused before any client was asked, so that there is no release of them. nil: none.
  public let unanswered: [Int]?
  /// With local trust, the participations after which nothing left the client. nil: none.
  public let unsent: Int?

  /// A closing line.
  public init(entries: Int, rounds: Int, contacts: [Contacts], unanswered: [Int] = [], unsent: Int = 0) {
    self.entries = entries
    self.rounds = rounds
    self.contacts = contacts
    self.unanswered = unanswered.isEmpty ? nil : unanswered
    self.unsent = unsent == 0 ? nil : unsent
  }
}
