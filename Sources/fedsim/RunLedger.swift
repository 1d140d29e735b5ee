import DifferentialPrivacy
import Foundation
import Releases
import ResultFiles

/// The ledger of a run that goes on: a file beside its results' folder, until it is in there. A run that is killed or fails
/// leaves it, and the next one there moves it aside: what was released stays said.
final class RunLedger: LedgerLog {
  let file: URL
  private let lines: GrowingLines

  static func file(_ path: String) -> URL { GrowingLines.url(besides: path, name: "ledger.jsonl") }

  /// - Parameters:
  ///   - path: of the results' folder.
  ///   - note: says what the user should know.
  /// - Throws: `FileFailure`.
  init(_ arguments: Arguments, path: String, note: (String) -> Void) throws {
    file = Self.file(path)
    let goesOn = arguments.has("resume")
    if !goesOn, Self.saysSomething(file) {
      let kept = try GrowingLines.setAside(file) { Self.file("\(path)-stopped-\($0)") }
      note("the ledger of the run that was stopped here before is now \(kept.relativePath)")
    }
    lines = try GrowingLines(file, goesOn: goesOn)
    try lines.append(Ledger.running + "\n")
  }

  deinit { if !Self.saysSomething(file) { lines.remove() } }

  /// Whether a release is in a ledger.
  static func saysSomething(_ file: URL) -> Bool { GrowingLines.file(file, has: "\"mechanism\":") }

  func append(_ text: String) throws { try lines.append(text) }

  /// Adds the last lines.
  /// - Returns: the file of a whole ledger.
  func finish(_ ledger: ClosedLedger) throws -> Data {
    try lines.append(ledger.ending)
    try lines.finish()
    return try lines.withoutFirstLine()
  }

  /// Removes the file, once the results are there.
  func remove() { lines.remove() }
}
