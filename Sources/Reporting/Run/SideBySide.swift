import Coordinator
import DifferentialPrivacy
import Scenarios

/// What another accountant says about a run's ledger.
package struct SideBySide: Sendable {
  package let accountant: AccountantKind
  /// nil where the accountant refuses.
  package let epsilon: EpsilonBracket?
  /// Why it refuses.
  package let refusal: String?

  /// Asks each accountant about the ledger of a run.
  package static func ask(
    _ accountants: [AccountantKind], about result: RunResult, privacy: Privacy?
  ) -> [SideBySide] {
    guard let privacy else { return [] }
    return accountants.map { kind in
      do {
        let epsilon = try LedgerEntry.epsilon(
          of: result.ledger, adjacency: privacy.adjacency, delta: privacy.delta, accountant: kind.accountant)
        return SideBySide(accountant: kind, epsilon: epsilon, refusal: nil)
      } catch {
        return SideBySide(accountant: kind, epsilon: nil, refusal: "\(error)")
      }
    }
  }

  /// One line for people.
  var text: String {
    guard let epsilon else { return "\(accountant.rawValue): refused, \(refusal ?? "")" }
    let lower = epsilon.lower.map { ", at least \(Number.fixed($0, 3))" } ?? ""
    return "\(accountant.rawValue): ε ≤ \(Number.fixed(epsilon.upper, 3))\(lower)"
  }

  /// The same for machines.
  var json: JSONValue {
    .object([
      "accountant": .string(accountant.rawValue), "epsilon": epsilon.map { .number($0.upper) } ?? .null,
      "epsilonLowerBound": .optional(epsilon?.lower),
      "refusal": refusal.map(JSONValue.string) ?? .null,
    ])
  }
}
