/// How a run is carried out; nothing here changes its result.
public struct RunOptions: Sendable {
  /// Worker processes.
  public let workers: Int
  /// Bytes of examples that all workers together may keep in memory.
  public let cacheBytes: Int
  public let workerCommand: WorkerCommand
  /// The folder that the scenario's relative paths start from.
  public let folder: String
  /// Asked between and during rounds.
  public let shouldStop: @Sendable () -> Bool
  /// Sees every byte that a worker sends, with the worker's number.
  public let recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)?

  public init(
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

