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
  /// Whether the run ended. Of one that was killed the ledger says what it released until then; how often clients were asked
  /// is not in it.
  public let isEnded: Bool

  /// The object of the last line.
  public static let end = #"{"end":1}"#
  /// The line before the first one of a ledger that is still written. It is not in the chain, and goes when the ledger is
  /// whole: a ledger without it that lacks its end was cut.
  public static let running = #"{"running":1}"#

  /// A ledger.
  public init(opening: LedgerOpening, entries: [LedgerEntry], closing: LedgerClosing) {
    self.init(opening: opening, entries: entries, closing: closing, isEnded: true)
  }

  private init(opening: LedgerOpening, entries: [LedgerEntry], closing: LedgerClosing, isEnded: Bool) {
    self.opening = opening
    self.entries = entries
    self.closing = closing
    self.isEnded = isEnded
  }

  /// The ledger of a run that did not end.
  init(opening: LedgerOpening, soFar entries: [LedgerEntry]) {
    let tiers: [String?] = opening.tiers.isEmpty ? [nil] : opening.tiers.map(\.name)
    self.init(
      opening: opening, entries: entries,
      closing: LedgerClosing(
        entries: entries.count, rounds: entries.map(\.round).max() ?? 0,
        contacts: tiers.map { LedgerClosing.Contacts(tier: $0, participations: nil) }), isEnded: false)
  }

  /// The file's text, and the hash of its last line.
  /// - Precondition: the run ended.
  public func encoded() throws -> (text: String, head: String) {
    precondition(isEnded)
    let encoder = LedgerEncoder()
    var chain = HashChain()
    var text = chain.link(try encoder.object(opening)) + "\n"
    for entry in entries { text += chain.link(try encoder.object(entry)) + "\n" }
    text += chain.link(try encoder.object(closing)) + "\n" + chain.link(Self.end) + "\n"
    return (text, chain.head)
  }

  /// Reads a file that is one ledger, and checks that it is whole and does not contradict itself.
  /// - Returns: the ledger, and the hash of its last line.
  /// - Throws: `LedgerError` naming the first line where something was altered, removed or put elsewhere.
  public static func verified(_ text: String) throws -> (ledger: Ledger, head: String) {
    let all = try allVerified(text)
    if all.count > 1 {
      throw LedgerError(
        line: all[1].line, message: "begins another ledger, and only one is read here: split the file")
    }
    return (all[0].ledger, all[0].head)
  }

  /// Reads a file that is one ledger or several whole ones, one after the other, and checks each.
  /// - Returns: at least one ledger, with the number of its first line and the hash of its last.
  /// - Throws: `LedgerError` naming the first line where something was altered, removed or put elsewhere.
  public static func allVerified(_ text: String) throws -> [(ledger: Ledger, line: Int, head: String)] {
    var reader = LedgerReader()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var last = 0
    for (index, line) in lines.enumerated() where !line.isEmpty {
      last = index + 1
      try reader.take(line, number: last)
    }
    return try reader.finish(after: last)
  }
}

/// Writes the objects of a ledger's lines: sorted keys, each on one line.
public struct LedgerEncoder: Sendable {
  private let encoder = JSONEncoder()

  /// An encoder, for as many lines as are wanted.
  public init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

  /// An opening, entry or closing as JSON, without the line's end and the hash of the line before.
  public func object(_ value: some Encodable) throws -> String {
    String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// Why a ledger cannot be read.
public struct LedgerError: Error, Equatable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// What is wrong with it.
  public let message: String

  /// The line and the message.
  public var description: String { "line \(line): \(message)" }
}
