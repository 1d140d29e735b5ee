import FederationProtocol
import Scenarios

/// How a run is carried out; nothing here but the noise source changes its result.
package struct RunOptions: Sendable {
  /// Worker processes.
  package let workers: Int
  /// Bytes of examples that all workers together may keep in memory.
  package let cacheBytes: Int
  /// The folder that the scenario's relative paths start from.
  package let folder: String
  package let noiseSource: NoiseSource
  /// Whether to measure what only a single run's report shows: ε along the way, norms of updates, accuracy of small and
  /// large clients.
  package let diagnoses: Bool
  /// Whether to note a fingerprint of the model after every round.
  package let fingerprints: Bool

  package init(
    workers: Int, cacheBytes: Int, folder: String, noiseSource: NoiseSource = .seeded, diagnoses: Bool = true,
    fingerprints: Bool = false
  ) {
    self.workers = workers
    self.cacheBytes = cacheBytes
    self.folder = folder
    self.noiseSource = noiseSource
    self.diagnoses = diagnoses
    self.fingerprints = fingerprints
  }

  /// What each worker is told at the start of a run.
  func configurations(for scenario: Scenario) throws -> [WorkerConfiguration] {
    try configurations(scenario.resolved, task: .training)
  }

  /// What each worker is told before queries.
  func configurations(for scenario: QueryScenario) throws -> [WorkerConfiguration] {
    try configurations(scenario.resolved, task: .queries)
  }

  private func configurations(
    _ scenario: JSONValue, task: WorkerConfiguration.Task
  ) throws -> [WorkerConfiguration] {
    let text = [UInt8](try scenario.encoded(pretty: false))
    return (0..<workers).map {
      WorkerConfiguration(
        worker: $0, workers: workers, cacheBytes: cacheBytes / workers, scenario: text, folder: folder,
        secureNoise: noiseSource == .secure, task: task)
    }
  }
}
