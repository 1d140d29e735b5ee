import DifferentialPrivacy
import NumericalCore

/// Where a run's noise comes from.
package enum NoiseSource: Sendable {
  /// The counter-based generator: part of the run's pure function.
  case seeded
  /// The system's secure generator: the one thing that makes two runs differ.
  case secure

  /// What results say about it.
  package var about: String {
    switch self {
    case .seeded: RandomStream.about
    case .secure: SecureRandomSource.about
    }
  }
}

/// How a run is carried out; nothing here but the noise source changes its result.
package struct RunOptions: Sendable {
  /// Worker processes.
  package let workers: Int
  /// Bytes of examples that all workers together may keep in memory.
  package let cacheBytes: Int
  package let workerCommand: WorkerCommand
  /// The folder that the scenario's relative paths start from.
  package let folder: String
  package let noiseSource: NoiseSource
  /// Asked between and during rounds.
  package let shouldStop: @Sendable () -> Bool
  /// Sees every byte that a worker sends, with the worker's number.
  package let recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)?

  package init(
    workers: Int, cacheBytes: Int, workerCommand: WorkerCommand, folder: String,
    noiseSource: NoiseSource = .seeded,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)? = nil
  ) {
    self.workers = workers
    self.cacheBytes = cacheBytes
    self.workerCommand = workerCommand
    self.folder = folder
    self.noiseSource = noiseSource
    self.shouldStop = shouldStop
    self.recorder = recorder
  }
}
