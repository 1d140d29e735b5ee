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
  static let end = #"{"end":1}"#

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

/// Why a ledger cannot be read.
public struct LedgerError: Error, Equatable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// What is wrong with it.
  public let message: String

  /// The line and the message.
  public var description: String { "line \(line): \(message)" }
}
