import DifferentialPrivacy
import Foundation

/// A file that holds a ledger, or several whole ones, and each of them.
struct LedgerFile {
  let name: String
  let ledgers: [(ledger: Ledger, line: Int, head: String)]

  /// Reads and checks the file that a path names: itself, or the ledger in a run's folder.
  /// - Throws: `UsageError` when there is none, `RunFailure` with status 1 when it is not whole or contradicts itself.
  init(_ path: String) throws {
    var url = URL(fileURLWithPath: path)
    var path = path
    let running = RunLedger.file(path.hasSuffix("/") ? String(path.dropLast()) : path)
    if !FileManager.default.fileExists(atPath: url.path), FileManager.default.fileExists(atPath: running.path) {
      // The run that is to have its results there goes on, or was killed.
      (url, path) = (running, running.relativePath)
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      url = url.appendingPathComponent("ledger.jsonl")
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw UsageError(description: "\(path): holds no ledger.jsonl; give a run's folder, or a ledger")
      }
      name = path.hasSuffix("/") ? path + "ledger.jsonl" : path + "/ledger.jsonl"
    } else {
      name = path
    }
    guard let data = try? Data(contentsOf: url) else {
      throw UsageError(description: "\(path): no such file, or it cannot be read")
    }
    do {
      ledgers = try Ledger.allVerified(String(decoding: data, as: UTF8.self))
    } catch let error as LedgerError {
      throw RunFailure("\(name):\(error.line): \(error.message)", status: 1)
    }
  }

  /// The one ledger of the file.
  /// - Throws: `RunFailure` with status 1 when there are several.
  func single() throws -> (ledger: Ledger, head: String) {
    if ledgers.count > 1 {
      throw RunFailure(
        "\(name):\(ledgers[1].line): begins another ledger, and only one is read here: split the file", status: 1)
    }
    return (ledgers[0].ledger, ledgers[0].head)
  }

  /// What messages call each ledger, and the ledger.
  var parts: [LedgerComposition.Part] {
    ledgers.map { ledger, line, _ in
      LedgerComposition.Part(place: ledgers.count == 1 ? name : "\(name):\(line)", ledger: ledger)
    }
  }
}
