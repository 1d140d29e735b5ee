import FederationProtocol
import NumericalCore
import Recommender
import Scenarios

/// A model that curves are read against: trained inside one worker, without federation and without privacy.
package enum ReferenceModel: String, CaseIterable, Sendable {
  /// On the examples of all training clients in one place.
  case central
  /// For each held-out client on its own examples alone.
  case alone

  private var scorer: CoordinatorMessage.Scorer {
    switch self {
    case .central: .central
    case .alone: .alone
    }
  }

  /// Trains and scores the model on the scenario's population.
  /// - Parameter options: with one worker, because one process has to see all clients.
  /// - Returns: what it is worth, and the digest of the shards; nil where the population is generated.
  /// - Throws: `CoordinatorError`.
  package func metrics(
    of scenario: Scenario, options: RunOptions, on pool: WorkerPool
  ) throws -> (metrics: EvaluationMetrics, dataDigest: String?) {
    let digest = try pool.configure(options.configurations(for: scenario)).dataDigest
    let metrics = try pool.metrics(scorer, weights: [])
    return (metrics, digest.isEmpty ? nil : SHA256.hexadecimal(digest))
  }
}
