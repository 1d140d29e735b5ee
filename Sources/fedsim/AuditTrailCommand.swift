import DifferentialPrivacy
import Foundation
import Reporting
import ResultFiles
import Scenarios

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
    Command.Option(
      name: "publish", value: "FILE",
      about: "write a ledger without what no guarantee covers: exact counts, who took part, the seed"),
    Command.Option(name: "json", value: nil, about: "print JSON"),
  ]
) { arguments, session in
  let file = try LedgerFile(arguments.positional[0])
  let (ledger, head) = try file.single()
  if let noted = arguments.string("head"), noted.lowercased() != head {
    throw RunFailure(
      "\(file.name): the last line's hash is \(head), not \(noted): the ledger was made anew, or is of another run",
      status: 1)
  }
  if let path = arguments.string("publish") {
    for option in ["verify", "every-round", "json"] where arguments.has(option) {
      throw UsageError(
        description: "--\(option) and --publish: the one tells, the other writes; leave one of them out")
    }
    try publish(ledger, of: file.name, to: path, session)
    return 0
  }
  if arguments.has("verify") {
    for option in ["every-round", "json"] where arguments.has(option) {
      throw UsageError(description: "--\(option) and --verify: nothing is told where only the chain is checked")
    }
    guard ledger.isEnded else {
      throw RunFailure(
        "\(file.name): intact so far, and not whole: the run did not end; \(ledger.entries.count) releases, and the last line's SHA-256 is \(head)",
        status: 1)
    }
    session.print("intact: \(ledger.entries.count) releases; the last line's SHA-256 is \(head)")
    return 0
  }
  let trail = try AuditTrail(ledger, head: head, everyRound: arguments.has("every-round"))
  if arguments.has("json") { try session.printJSON(trail.json) } else { session.print(trail.text, terminator: "") }
  return trail.brokeAPromise ? 1 : 0
}

/// Writes the ledger without exact counts, and says what is not in it.
private func publish(_ ledger: Ledger, of name: String, to path: String, _ session: Session) throws {
  let url = URL(fileURLWithPath: path)
  if FileManager.default.fileExists(atPath: url.path) {
    throw UsageError(description: "\(path): exists already; give another --publish")
  }
  let published: Ledger
  do {
    published = try ledger.forPublication(place: name)
  } catch {
    throw RunFailure(error.description, status: 1)
  }
  let (text, head) = try published.encoded()
  try writeWhole(Data(text.utf8), to: url)
  var left = ["how many clients are in a release", "how often clients were asked", "the seed"]
  if ledger.entries.contains(where: { $0.client != nil }) {
    left.append("who took part, and the releases of clients that pay no more than the busiest")
  }
  session.print("\(path): without \(left.joined(separator: "; "))")
  session.print("the last line's SHA-256 is \(head)")
  if published.opening.noise?.source == .seeded {
    session.print(
      "warning: the noise is seeded, and a seed can be guessed; release what was run with --secure-noise")
  }
}
