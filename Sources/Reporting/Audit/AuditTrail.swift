import DifferentialPrivacy
import Scenarios

/// What an auditor gets from a ledger alone: every access to clients' data, when it was, what was released, how many
/// clients it covers at least, by which mechanism, and the ε so far.
package struct AuditTrail {
  /// Releases of one kind in a range of rounds.
  private struct Row {
    let rounds: ClosedRange<Int>
    let kind: LedgerSummary.Kind
    /// After the last of the rounds; nil where the accountant proves nothing about the releases.
    let epsilon: EpsilonBracket?
  }

  /// Ranges of rounds in a statement that does not show every round.
  private static let ranges = 20

  private let ledger: Ledger
  private let head: String
  private let rows: [Row]

  /// - Parameters:
  ///   - ledger: a ledger whose chain was checked.
  ///   - head: the hash of its last line.
  ///   - everyRound: a row for every round, instead of one for a range of rounds.
  /// - Throws: `AccountingError` when the ledger's accountant has no proof for an event.
  package init(_ ledger: Ledger, head: String, everyRound: Bool) throws {
    self.ledger = ledger
    self.head = head
    // Rounds that are there, not all up to the last: a ledger from elsewhere may count as it likes.
    let found = Set(ledger.entries.map(\.round)).sorted()
    let length = everyRound ? 1 : max(1, (found.count + Self.ranges - 1) / Self.ranges)
    var rows: [Row] = []
    var before: [LedgerEntry] = []
    for start in stride(from: 0, to: found.count, by: length) {
      let rounds = found[start]...found[min(start + length, found.count) - 1]
      let block = ledger.entries.filter { rounds.contains($0.round) }
      before += block
      var known: [String: EpsilonBracket?] = [:]
      for kind in LedgerSummary(block).kinds {
        let tier = ledger.opening.tiers.first { $0.name == kind.about }?.name
        let epsilon = try known[kind.about] ?? Self.epsilon(before, tier: tier, ledger.opening.promise)
        known[kind.about] = epsilon
        rows.append(Row(rounds: kind.rounds, kind: kind, epsilon: epsilon))
      }
    }
    self.rows = rows
  }

  private static func epsilon(
    _ entries: [LedgerEntry], tier: String?, _ promise: LedgerOpening.Promise?
  ) throws -> EpsilonBracket? {
    guard let promise else { return nil }
    return try LedgerEntry.epsilon(
      of: tier == nil ? entries : entries.filter { $0.tier == nil || $0.tier == tier },
      adjacency: promise.adjacency, delta: promise.delta, accountant: promise.accountant.accountant)
  }

  /// The statement as text.
  package var text: String {
    let opening = ledger.opening
    var lines = [
      "\(opening.name)\(seed): \(ledger.closing.rounds) rounds, \(ledger.entries.count) releases, population of \(Number.count(Double(opening.clients)))",
      "chain     intact; the last line's SHA-256 is \(head)", "promise   " + promise,
    ]
    if !ledger.isEnded {
      lines.append(
        "ended     NO: the run was stopped, killed, or goes on; what is said here is about what it has released so far"
      )
    }
    if let noise = opening.noise { lines.append("noise     \(noise.source.about), key \(noise.key)") }
    if let gap = ledger.uncovered { lines.append("guarantee NONE: " + gap) }
    lines.append("")
    if !rows.isEmpty {
      lines += TextTable.lines(
        head: ["rounds", "about", "released", "mechanism", "releases", "fewest clients", "ε so far"],
        rows.map { row in
          [
            Self.range(row.rounds), row.kind.about, row.kind.release,
            row.kind.mechanism + ", " + row.kind.parameters, "\(row.kind.releases)",
            row.kind.fewestClients.map { "\($0)" } ?? "–", row.epsilon.map { Number.fixed($0.upper, 3) } ?? "–",
          ]
        }, textColumns: 4)
      lines.append("")
    }
    for contacts in ledger.closing.contacts {
      let times =
        contacts.participations.map { "\(Number.count(Double($0))) participations" }
        ?? (ledger.isEnded ? "not published" : "not counted before the end")
      lines.append(
        "contacted \(contacts.tier ?? "all clients"): "
          + (isBroken(contacts)
            ? "\(times), BUT OPTED OUT"
            : hasOptedOut(contacts.tier) ? "opted out, never contacted" : times))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var seed: String { ledger.opening.seed.map { ", seed \($0)" } ?? "" }

  /// Whether anyone who opted out was contacted, or something was done that is not in the ledger.
  package var brokeAPromise: Bool {
    ledger.uncovered != nil || ledger.closing.contacts.contains { isBroken($0) }
  }

  private func isBroken(_ contacts: LedgerClosing.Contacts) -> Bool {
    hasOptedOut(contacts.tier)
      && ((contacts.participations ?? 0) > 0 || ledger.entries.contains { $0.tier == contacts.tier })
  }

  private func hasOptedOut(_ tier: String?) -> Bool {
    ledger.opening.tiers.contains { $0.name == tier && $0.epsilon == nil }
  }

  private var promise: String {
    guard let promise = ledger.opening.promise else {
      return "none: what was released had no noise, and there is no ε"
    }
    return
      "differential privacy for each \(promise.unit), \(promise.adjacency.rawValue) adjacency, \(promise.trust) trust, δ = \(Number.significant(promise.delta, 3)) (\(promise.accountant.rawValue))"
  }

  private static func range(_ rounds: ClosedRange<Int>) -> String {
    rounds.count == 1 ? "\(rounds.lowerBound)" : "\(rounds.lowerBound) to \(rounds.upperBound)"
  }

  /// The statement as JSON.
  package var json: JSONValue {
    return .object([
      "name": .string(ledger.opening.name), "seed": .optional(ledger.opening.seed.map { Int(clamping: $0) }),
      "chain": .string("intact"), "head": .string(head), "ended": .bool(ledger.isEnded),
      "noise": ledger.opening.noise.map {
        .object(["source": .string($0.source.rawValue), "key": .string($0.key)])
      } ?? .null,
      "uncovered": ledger.uncovered.map(JSONValue.string) ?? .null,
      "accesses": .array(
        rows.map { row in
          .object([
            "firstRound": .integer(row.rounds.lowerBound), "lastRound": .integer(row.rounds.upperBound),
            "about": .string(row.kind.about), "released": .string(row.kind.release),
            "mechanism": .string(row.kind.mechanism), "parameters": .string(row.kind.parameters),
            "releases": .integer(row.kind.releases),
            "fewestClients": .optional(row.kind.fewestClients),
            "epsilon": .optional(row.epsilon?.upper), "epsilonLowerBound": .optional(row.epsilon?.lower),
          ])
        }),
      "contacts": .array(
        ledger.closing.contacts.map { contacts in
          .object([
            "tier": contacts.tier.map(JSONValue.string) ?? .null,
            "participations": .optional(contacts.participations),
            "optedOut": .bool(hasOptedOut(contacts.tier)),
          ])
        }),
    ])
  }
}

extension LedgerOpening.Noise.Source {
  /// In words.
  fileprivate var about: String {
    switch self {
    case .seeded: "seeded: whoever knows the seed can take it away"
    case .secure: "the system's secure generator"
    }
  }
}
