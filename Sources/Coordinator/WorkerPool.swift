import FederationProtocol

/// Workers, and the runs that are carried out on them one after the other. A worker that dies or breaks the
/// protocol is replaced, and its request repeated: answers are pure functions of requests, so the result is the same.
package final class WorkerPool {
  /// How often one request is tried before the run is given up.
  static let attempts = 5

  /// Workers that had to be replaced, over all runs.
  private(set) var restarts = 0
  /// How often each worker of the current run had to be asked again for its last answer.
  private(set) var repeats: [Int] = []
  private let launcher: any Launcher
  let shouldStop: @Sendable () -> Bool
  private let recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)?
  private var configurations: [WorkerConfiguration] = []
  /// What the workers of the current run found; nil until all have said so.
  private var readiness: WorkerReadiness?
  /// How often each worker of the current run was replaced.
  private var incarnations: [Int] = []
  /// Seconds after which a worker counts as hung, unless a run says otherwise.
  private let timeout: Double
  private var runTimeout: Double?
  private var handles: [WorkerHandle?] = []

  /// Starts nothing yet.
  /// - Parameters:
  ///   - timeout: seconds after which a worker that has not answered is replaced.
  ///   - shouldStop: asked between and during rounds.
  ///   - recorder: sees every byte that a worker sends, with the worker's number.
  package init(
    _ launcher: any Launcher, timeout: Double = 600, shouldStop: @escaping @Sendable () -> Bool = { false },
    recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)? = nil
  ) {
    self.launcher = launcher
    self.timeout = timeout
    self.shouldStop = shouldStop
    self.recorder = recorder
  }

  deinit { stop() }

  /// Workers of the current run.
  var count: Int { configurations.count }

  /// Configures the workers for a run. Those that are missing are started; those of the run before stay, and with
  /// them the clients that they hold.
  /// - Parameters:
  ///   - configurations: one a worker.
  ///   - timeout: seconds after which a worker that has not answered a round is replaced; nil is the pool's.
  /// - Returns: what they found, the same from each.
  func configure(_ configurations: [WorkerConfiguration], timeout: Double? = nil) throws -> WorkerReadiness {
    runTimeout = timeout
    incarnations = configurations.map { _ in 0 }
    readiness = nil
    for worker in configurations.count..<max(configurations.count, handles.count) { handles[worker]?.stop() }
    self.configurations = configurations
    handles = try configurations.indices.map { worker in
      if handles.indices.contains(worker), let running = handles[worker] { running } else { try launch(worker) }
    }
    let requests = configurations.map { CoordinatorMessage.configure($0).frame }
    let found = try askAll(requests.enumerated().map { (worker: $0, frame: $1) }) { answer in
      if case .ready(let readiness) = answer { readiness } else { nil }
    }
    guard let first = found.first, found.allSatisfy({ $0 == first }) else {
      throw CoordinatorError.populationDiffers
    }
    readiness = first
    return first
  }

  /// Sends each worker its request, does something else, then collects the answers in the order of the requests.
  /// - Parameter accept: what an answer is taken for; nil when it is not one that belongs to the request, which
  ///   counts as a broken worker.
  /// - Throws: `CoordinatorError`.
  func askAll<Answer>(
    _ requests: [(worker: Int, frame: Frame)], meanwhile: () throws -> Void = {},
    accept: (WorkerMessage) -> Answer?
  ) throws -> [Answer] {
    repeats = configurations.map { _ in 0 }
    for (worker, request) in requests {
      // A worker that cannot be written to is dealt with when its answer is collected.
      do { try handles[worker]?.connection.send(request) } catch ProtocolError.interrupted {
        throw CoordinatorError.interrupted
      } catch is ProtocolError {}
    }
    do { try meanwhile() } catch {
      // Answers that nobody waits for must not be taken for others.
      stop()
      throw error
    }
    return try requests.map { worker, request in try answer(of: worker, to: request, accept: accept) }
  }

  /// What all processes have held at most.
  var peakMemory: PeakMemory { PeakMemory(workers: handles.prefix(count).map { $0?.processIdentifier }) }

  /// Ends all workers.
  package func stop() {
    for worker in handles.indices {
      handles[worker]?.stop()
      handles[worker] = nil
    }
  }

  private func answer<Answer>(
    of worker: Int, to request: Frame, accept: (WorkerMessage) -> Answer?
  ) throws -> Answer {
    var last = ProtocolError.closed
    for attempt in 0..<Self.attempts {
      do {
        if attempt > 0 {
          repeats[worker] += 1
          try replace(worker, before: request)
        }
        guard let handle = handles[worker] else { throw ProtocolError.closed }
        // Workers that are to hang do so in rounds; everything else may take its time.
        let limit = request.kind == .train ? runTimeout ?? timeout : timeout
        let message = try WorkerMessage(handle.connection.receive(timeout: limit))
        if case .failure(let failure) = message { throw CoordinatorError.workerFailed(failure) }
        guard let answer = accept(message) else { throw ProtocolError.unexpected(message.frame.kind) }
        return answer
      } catch ProtocolError.interrupted {
        throw CoordinatorError.interrupted
      } catch let error as ProtocolError {
        if shouldStop() { throw CoordinatorError.interrupted }
        last = error
      }
    }
    throw CoordinatorError.workerKeepsFailing(worker: worker, attempts: Self.attempts, last: last)
  }

  /// Starts a new worker in a worker's place and sends it the request again.
  private func replace(_ worker: Int, before request: Frame) throws {
    handles[worker]?.stop()
    restarts += 1
    incarnations[worker] += 1
    let handle = try launch(worker)
    handles[worker] = handle
    if request.kind != .configure {
      let configuration = configurations[worker].incarnation(incarnations[worker])
      try handle.connection.send(CoordinatorMessage.configure(configuration).frame)
      switch try WorkerMessage(handle.connection.receive(timeout: timeout)) {
      case .ready(let found):
        if let readiness, found != readiness { throw CoordinatorError.populationDiffers }
      case .failure(let failure): throw CoordinatorError.workerFailed(failure)
      default: throw ProtocolError.unexpected(.configure)
      }
    }
    try handle.connection.send(request)
  }

  private func launch(_ worker: Int) throws -> WorkerHandle {
    var record: ByteRecorder?
    if let recorder { record = { bytes in recorder(worker, bytes) } }
    do {
      return try launcher.launch(shouldStop: shouldStop, recorder: record)
    } catch let error as LaunchError {
      throw CoordinatorError.workerNotStarted(error.description)
    }
  }
}
