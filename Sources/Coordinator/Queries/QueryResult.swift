import DifferentialPrivacy
import NumericalCore

/// Everything that came out of a file of queries.
package struct QueryResult: Sendable {
  /// In the order in which they were asked.
  package let answers: [QueryAnswer]
  /// What was released.
  package let ledger: [LedgerEntry]
  /// The whole ledger's file, and the SHA-256 of its last line.
  package let ledgerText: String
  package let ledgerHead: String
  /// Of all answers together.
  package let epsilon: EpsilonBracket
  /// How often clients were asked.
  package let participations: Int
  package let noiseSource: NoiseSource

  /// SHA-256 of the answers and the whole ledger: the same bits from the same file and seed.
  package var digest: String {
    var hash = SHA256()
    hash.update("fedsim queries 2".utf8)
    for answer in answers {
      hash.update("\(answer.query) \(answer.mechanism) \(answer.release ?? 0) \(answer.clients)\n".utf8)
      hash.update(answer.epsilon.bitPattern)
      let errors = [answer.error?.measured, answer.error?.predicted, answer.hitRate]
      for error in errors { hash.update((error ?? -1).bitPattern) }
      hash.update(UInt64(answer.lines.count))
      for line in answer.lines {
        // Nothing that has a value is infinite.
        for value in [
          line.released, line.noiseInterval?.lowerBound, line.noiseInterval?.upperBound, line.withoutNoise,
          line.truth,
        ] { hash.update((value ?? .infinity).bitPattern) }
      }
    }
    hash.update(ledgerHead.utf8)
    return hash.hexadecimal
  }
}

/// One answer to a query, or its refusal.
package struct QueryAnswer: Sendable {
  /// One number of an answer.
  package struct Line: Sendable {
    /// What it is about; empty for an answer that is one number.
    package let label: [String]
    /// nil: withheld, because the noisy count is below the scenario's minimum.
    package let released: Double?
    /// Holds `withoutNoise` with 95 % probability at least; nil where the mechanism gives none, and where nothing is
    /// released. What clients' bounds cut off is in no interval: the answer does not know it.
    package let noiseInterval: ClosedRange<Double>?
    /// What would be released without noise, each client's contribution within its bounds. Nobody would know it outside a
    /// simulation.
    package let withoutNoise: Double
    /// What all records say; nil where there is none that it could be about. Nobody would know it either.
    package let truth: Double?
  }

  /// How far answers are from the truth.
  package struct Error: Sendable {
    /// Root of the mean squared error over all trials and lines.
    package let measured: Double
    /// What the mechanism's variance, and the bounds on what a client contributes, make it; nil where there is no formula.
    package let predicted: Double?
  }

  package let query: String
  package let mechanism: String
  /// Of this answer.
  package let epsilon: Double
  /// The number of the release, from 1; nil: refused, because it would have exceeded the budget.
  package let release: Int?
  /// Empty for a refusal.
  package let lines: [Line]
  /// nil for a refusal, and for a choice of names.
  package let error: Error?
  /// For a choice of names: the share of true winners among those chosen, over all trials.
  package let hitRate: Double?
  /// Clients whose records are in the answer.
  package let clients: Int
}
