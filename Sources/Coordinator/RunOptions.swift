/// How a run is carried out; nothing here changes its result.
package struct RunOptions: Sendable {
  /// Worker processes.
  package let workers: Int
  /// Bytes of examples that all workers together may keep in memory.
  package let cacheBytes: Int
  package let workerCommand: WorkerCommand
  /// The folder that the scenario's relative paths start from.
  package let folder: String
  /// Asked between and during rounds.
  package let shouldStop: @Sendable () -> Bool
  /// Sees every byte that a worker sends, with the worker's number.
  package let recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)?

  package init(
    workers: Int, cacheBytes: Int, workerCommand: WorkerCommand, folder: String,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)? = nil
  ) {
    self.workers = workers
    self.cacheBytes = cacheBytes
    self.workerCommand = workerCommand
    self.folder = folder
    self.shouldStop = shouldStop
    self.recorder = recorder
  }
}
