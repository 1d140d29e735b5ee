import Foundation

/// Takes the lines of a file that is one ledger, or several one after the other.
struct LedgerReader {
  private var found: [(ledger: Ledger, line: Int, head: String)] = []
  private var chain = HashChain()
  private var opening: LedgerOpening?
  private var entries: [LedgerEntry] = []
  private var closing: LedgerClosing?
  /// The numbers of the lines of the ledger that is being read.
  private var numbers: [Int] = []
  /// Whether it was still written when it was last written to.
  private var isRunning = false

  /// Takes the next line that is not empty.
  /// - Parameter number: of the line in the file, from 1.
  mutating func take(_ line: Substring, number: Int) throws(LedgerError) {
    if line == Ledger.running, opening == nil, !isRunning {
      isRunning = true
      return
    }
    guard let object = chain.take(line) else {
      throw LedgerError(line: number, message: brokenLink)
    }
    numbers.append(number)
    if closing != nil {
      guard object == Ledger.end else { throw LedgerError(line: number, message: "is not the end: it was altered") }
      try end(at: number)
    } else if opening == nil {
      opening = try readOpening(object, number: number)
    } else {
      do { entries.append(try LedgerEntry(line: object, number: number)) } catch {
        guard let last = try? JSONDecoder().decode(LedgerClosing.self, from: Data(object.utf8)) else { throw error }
        closing = last
      }
    }
  }

  /// All ledgers.
  /// - Parameter last: the number of the file's last line that is not empty.
  func finish(after last: Int) throws(LedgerError) -> [(ledger: Ledger, line: Int, head: String)] {
    if let opening, isRunning {
      let ledger = Ledger(opening: opening, soFar: entries)
      try ledger.checkAgreement(lines: numbers + [last + 1])
      return found + [(ledger, numbers[0], chain.head)]
    }
    if opening != nil {
      throw LedgerError(line: last + 1, message: "is missing: the ledger's end was removed")
    }
    if found.isEmpty { throw LedgerError(line: 1, message: "is missing: the ledger is empty") }
    return found
  }

  /// What is wrong with a line that does not carry the hash of the one before.
  private var brokenLink: String {
    if opening != nil {
      return
        "does not carry the hash of the line before: that line was altered, or lines were removed, added or put elsewhere"
    }
    return found.isEmpty
      ? "is not the first line of a ledger: lines before it are missing, or it was altered" : "comes after the end"
  }

  private func readOpening(_ object: String, number: Int) throws(LedgerError) -> LedgerOpening {
    guard let read = try? JSONDecoder().decode(LedgerOpening.self, from: Data(object.utf8)) else {
      throw LedgerError(line: number, message: "is not the opening line of a ledger")
    }
    guard read.ledger == LedgerOpening.form else {
      throw LedgerError(line: number, message: "is of form \(read.ledger); allowed: \(LedgerOpening.form)")
    }
    return read
  }

  /// Keeps what was read as a whole ledger, and starts anew.
  private mutating func end(at number: Int) throws(LedgerError) {
    guard let opening, let closing else { return }
    guard closing.entries == entries.count else {
      throw LedgerError(
        line: number, message: "counts \(closing.entries) releases, and there are \(entries.count): it was altered")
    }
    let ledger = Ledger(opening: opening, entries: entries, closing: closing)
    try ledger.checkAgreement(lines: numbers)
    found.append((ledger, numbers[0], chain.head))
    let ledgers = found
    self = LedgerReader()
    found = ledgers
  }
}
