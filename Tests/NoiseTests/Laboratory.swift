import Coordinator
import FederationProtocol
import Foundation
import Scenarios
import Synchronization
import Worker

/// Runs scenarios on workers of its own and listens to what these send.
final class Laboratory: @unchecked Sendable {
  /// That of the file that asks: suites run beside each other, each with workers of its own.
  static func own(_ file: String = #fileID) -> Laboratory { all.withLock { $0.laboratory(of: file) } }

  private struct All {
    private var laboratories: [String: Laboratory] = [:]

    mutating func laboratory(of file: String) -> Laboratory {
      if let known = laboratories[file] { return known }
      let new = Laboratory()
      laboratories[file] = new
      return new
    }
  }

  private static let all = Mutex(All())

  private let turn = NSLock()
  private let stop = Stop()
  private let wire = Wire()
  private let pool: WorkerPool

  private init() {
    let (wire, stop) = (wire, stop)
    pool = WorkerPool(
      ThreadLauncher { try WorkerLoop.run($0) }, shouldStop: { stop.isWanted }, recorder: { wire.record($0, $1) })
  }

  /// What a run released, and what its workers sent.
  /// - Parameter workers: client c belongs to worker c modulo this, so that with three each sends the sum of one client.
  func run(
    _ scenario: Scenario, on population: WorstClients, workers: Int = 1, noise: NoiseSource = .seeded
  ) throws -> Observation {
    try run(scenario.reading(population), folder: WorstClients.folder, workers: workers, noise: noise)
  }

  /// The same run as it is after its first round, and at its end.
  func run(afterOneRoundAndAll scenario: Scenario, on population: WorstClients) throws -> [Observation] {
    let simulation = try Simulating(scenario.reading(population), folder: WorstClients.folder)
    return try [1, nil].map { try observe(simulation, stopping: $0) }
  }

  /// The same for a scenario with a population of its own.
  func run(
    _ scenario: Scenario, folder: URL, workers: Int = 1, noise: NoiseSource = .seeded
  ) throws -> Observation {
    try observe(Simulating(scenario, folder: folder, workers: workers, noise: noise), stopping: nil)
  }

  /// A run that is ready: its noise is calibrated.
  private struct Simulating {
    let scenario: Scenario
    let workers: Int
    let simulation: Simulation

    init(_ scenario: Scenario, folder: URL, workers: Int = 1, noise: NoiseSource = .seeded) throws {
      self.scenario = scenario
      self.workers = workers
      simulation = try Simulation(
        scenario,
        options: RunOptions(
          workers: workers, cacheBytes: 1 << 26, folder: folder.path, noiseSource: noise, diagnoses: false))
    }
  }

  /// - Parameter last: the round after which the run is interrupted; nil: it goes on to its end.
  private func observe(_ run: Simulating, stopping last: Int?) throws -> Observation {
    turn.lock()
    defer { turn.unlock() }
    wire.clear()
    stop.isWanted = false
    defer { stop.isWanted = false }
    let result = try run.simulation.run(on: pool) { progress in
      if progress.round == last { self.stop.isWanted = true }
    }
    return Observation(
      scenario: run.scenario, result: result, messages: try wire.messages(workers: run.workers))
  }

  /// What the queries of a scenario were answered, and what its workers sent, by worker.
  func ask(
    _ scenario: QueryScenario, workers: Int = 1, noise: NoiseSource = .seeded
  ) throws -> (result: QueryResult, tallies: [[Tally]]) {
    turn.lock()
    defer { turn.unlock() }
    wire.clear()
    let options = RunOptions(workers: workers, cacheBytes: 0, folder: "/", noiseSource: noise)
    let result = try QuerySession(scenario, options: options).run(on: pool)
    let tallies = try wire.messages(workers: workers).map { messages in
      messages.compactMap { if case .tallied(let tally) = $0 { tally } else { nil } }
    }
    return (result, tallies)
  }
}

extension Scenario {
  fileprivate func reading(_ population: WorstClients) throws -> Scenario {
    try Scenario(resolved.setting(["population", "train"], to: .string(population.rawValue)), file: "combination")
  }
}

/// Whether a run is to be interrupted.
private final class Stop: Sendable {
  private let wanted = Mutex(false)

  var isWanted: Bool {
    get { wanted.withLock { $0 } }
    set { wanted.withLock { $0 = newValue } }
  }
}

/// The bytes that workers send.
private final class Wire: @unchecked Sendable {
  private let lock = NSLock()
  private var bytes: [Int: [UInt8]] = [:]

  func record(_ worker: Int, _ sent: UnsafeRawBufferPointer) {
    lock.withLock { bytes[worker, default: []].append(contentsOf: sent) }
  }

  func clear() { lock.withLock { bytes.removeAll(keepingCapacity: true) } }

  /// What each worker said, evaluations aside.
  func messages(workers: Int) throws -> [[WorkerMessage]] {
    try lock.withLock { try (0..<workers).map { try Self.messages(bytes[$0] ?? []) } }
  }

  private static func messages(_ bytes: [UInt8]) throws -> [WorkerMessage] {
    var messages: [WorkerMessage] = []
    var position = 0
    while position < bytes.count {
      let start = position + Frame.headerLength
      let (kind, length) = try Frame.parseHeader(Array(bytes[position..<start]))
      if kind != .evaluation {
        messages.append(try WorkerMessage(Frame(kind: kind, body: Array(bytes[start..<start + length]))))
      }
      position = start + length
    }
    return messages
  }
}
