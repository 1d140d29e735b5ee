import DifferentialPrivacy
import Foundation
import Reporting

let auditTrailCommand = Command(
  name: "audit-trail",
  about: "Tell an auditor every access to clients' data, from a run's ledger alone, and check that it is whole.",
  positional: ["RUN"],
  options: [
    Command.Option(name: "verify", value: nil, about: "only check the chain of hashes"),
    Command.Option(
      name: "head", value: "HASH", about: "the last line's hash as it was noted elsewhere: finds a ledger made anew"
    ),
    Command.Option(name: "every-round", value: nil, about: "a row for every round, not for ranges of rounds"),
    Command.Option(name: "json", value: nil, about: "print JSON"),
  ]
) { arguments in
  let path = arguments.positional[0]
  var url = URL(fileURLWithPath: path)
  var isFolder: ObjCBool = false
  if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
    url = url.appendingPathComponent("ledger.jsonl")
  }
  guard let data = try? Data(contentsOf: url) else {
    throw UsageError(description: "\(path): no run's folder and no ledger, or it cannot be read")
  }
  let found: (ledger: Ledger, head: String)
  do {
    found = try Ledger.verified(String(decoding: data, as: UTF8.self))
  } catch let error as LedgerError {
    throw RunFailure("\(url.relativePath):\(error.line): \(error.message)", status: 1)
  }
  if let head = arguments.string("head"), head.lowercased() != found.head {
    throw RunFailure(
      "\(url.relativePath): the last line's hash is \(found.head), not \(head): the ledger was made anew, or is of another run",
      status: 1)
  }
  if arguments.has("verify") {
    print("intact: \(found.ledger.entries.count) releases; the last line's SHA-256 is \(found.head)")
    return 0
  }
  let trail = try AuditTrail(found.ledger, head: found.head, everyRound: arguments.has("every-round"))
  if arguments.has("json") { try printJSON(trail.json) } else { print(trail.text, terminator: "") }
  return trail.brokeAPromise ? 1 : 0
}
