import Coordinator
import FederationProtocol
import Foundation
import NumericalCore
import Scenarios
import Synchronization
import TestSupport
import Testing
import Worker

/// A thousand runs of a small scenario, each under a schedule of failures of its own: workers that end, hang, answer with
/// garbage or in small pieces, and coordinators that stop at any round and go on from the checkpoint. Every one has to
/// come to what an undisturbed run comes to. The workers are threads, which fail over the bytes of their connections as
/// processes do; some schedules are carried out with processes as well.
@Suite("The fault campaign")
struct FaultCampaignTests {
  private static let schedules = 1000
  private static let batches = 50

  /// What a schedule does to a run.
  private struct Schedule {
    let seed: Int
    let workers: Int
    /// What the workers do wrong.
    let faults: JSONValue
    /// Rounds after which the coordinator stops, ascending.
    let stops: [Int]
    let checkpointEvery: Int
    /// Whether the coordinator is killed, instead of asked to stop.
    let isKilled: Bool

    init(_ seed: Int) {
      var stream = RandomStream(seed: UInt64(seed), purpose: .workerFault, round: 1)
      func share(_ most: Double) -> JSONValue {
        .number(stream.nextUniform() < 0.5 ? 0 : most * stream.nextUniform())
      }
      self.seed = seed
      workers = 1 + stream.nextInteger(below: 3)
      faults = .object([
        "crash": share(0.1), "garbage": share(0.1),
        "hang": stream.nextUniform() < 0.1 ? .number(0.01) : .integer(0),
        "slow": share(0.3), "timeoutSeconds": .number(0.5),
      ])
      stops = (0..<stream.nextInteger(below: 4)).map { _ in 1 + stream.nextInteger(below: 9) }.sorted()
      checkpointEvery = 1 + stream.nextInteger(below: 4)
      isKilled = stream.nextUniform() < 0.5
    }
  }

  /// Faults of clients, which are part of the scenario and change the result: half of the schedules have them.
  private static func scenario(lossy: Bool, workers: JSONValue? = nil) throws -> Scenario {
    var value = try JSONValue(
      utf8: """
        {"name": "campaign", "seed": 3,
         "population": {"kind": "market", "clients": 40, "heldOutClients": 10, "items": 20,
           "examplesPerClient": {"median": 8, "minimum": 2, "maximum": 20}},
         "features": {"hashedDimension": 64},
         "training": {"rounds": 10, "cohort": {"expectedSize": 12}, "client": {"learningRate": 0.5},
           "server": {"optimizer": "adam", "learningRate": 0.1}},
         "privacy": {"noiseMultiplier": 1, "delta": 1e-3, "adaptiveClipping": {"quantile": 0.5, "countNoiseMultiplier": 3}},
         "evaluation": {"every": 4}}
        """.utf8)
    if lossy {
      value = value.setting(
        ["faults", "dropout"], to: try JSONValue(utf8: "{\"beforeTraining\": 0.2, \"afterTraining\": 0.1}".utf8))
      value = value.setting(
        ["faults", "clients"], to: try JSONValue(utf8: "{\"corrupted\": 0.1, \"byzantine\": 0.1}".utf8))
    }
    if let workers { value = value.setting(["faults", "workers"], to: workers) }
    return try Scenario(value, file: "campaign")
  }

  private static let threads = ThreadLauncher { try WorkerLoop.run($0) }
  private static let processes = ProcessLauncher(executable: builtProgram("fedsim"), arguments: ["worker"])

  private static func options(_ workers: Int) -> RunOptions {
    RunOptions(workers: workers, cacheBytes: 1 << 24, folder: "/", diagnoses: false)
  }

  /// What an undisturbed run comes to.
  private static let undisturbed: [Bool: Result<String, any Error>] = [
    false: Result {
      try Simulation(scenario(lossy: false), options: options(1)).run(on: WorkerPool(threads)).digest
    },
    true: Result { try Simulation(scenario(lossy: true), options: options(1)).run(on: WorkerPool(threads)).digest },
  ]

  /// Runs a schedule to its end.
  /// - Returns: the digest, the releases in the ledger, and how often something went wrong.
  private static func carryOut(
    _ schedule: Schedule, lossy: Bool, on launcher: any Launcher
  ) throws -> (digest: String, releases: Int, failures: Int) {
    let scenario = try scenario(lossy: lossy, workers: schedule.faults)
    var kept: (state: Data, journal: Data)?
    var failures = 0
    var stops = schedule.stops[...]
    while true {
      let flag = StopFlag()
      let pool = WorkerPool(launcher, timeout: 20, shouldStop: { flag.isSet })
      defer { pool.stop() }
      let found = try kept.map { try Checkpoint.read(state: $0.state, journal: $0.journal, version: "test") }
      let checkpoint = found?.checkpoint
      var writer = found?.writer ?? CheckpointWriter(version: "test")
      let keeper = CheckpointKeeper(every: schedule.checkpointEvery) { checkpoint in
        // A coordinator that is killed writes no last checkpoint, or only the half of one that comes first.
        let isCut = schedule.isKilled && checkpoint.round % schedule.checkpointEvery != 0
        let next = try writer.next(checkpoint)
        let journal = (kept?.journal ?? Data()).prefix(next.at) + next.journal
        if !isCut { kept = (next.state, journal) } else if let before = kept { kept = (before.state, journal) }
      }
      let stop = stops.popFirst()
      do {
        let result = try Simulation(scenario, options: options(schedule.workers)).run(
          on: pool, from: checkpoint, keeper: keeper
        ) { progress in
          if progress.round == stop { flag.set() }
        }
        failures += result.execution.workerRestarts
        if result.status == .finished { return (result.digest, result.ledger.count, failures) }
      } catch CoordinatorError.interrupted {
        // Before its first round.
      }
      failures += 1
    }
  }

  /// Set by one thread, read by another.
  private final class StopFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
  }

  @Test("comes to the undisturbed digest under every schedule", arguments: 0..<batches)
  func campaign(batch: Int) throws {
    if let one = ProcessInfo.processInfo.environment["FEDSIM_CAMPAIGN_SEED"].flatMap({ Int($0) }) {
      if batch == 0 { Self.expectUndisturbed(one, on: Self.threads) }
      return
    }
    let seeds = stride(from: batch, to: Self.schedules, by: Self.batches)
    let failures = seeds.reduce(0) { $0 + Self.expectUndisturbed($1, on: Self.threads) }
    // A schedule that disturbs nothing shows nothing; on average each has more than one.
    #expect(failures > Self.schedules / Self.batches / 2, "few schedules disturb anything")
  }

  @Test("comes to it with workers that are processes, too", arguments: 0..<10)
  func processes(seed: Int) {
    Self.expectUndisturbed(seed, on: Self.processes)
  }

  /// - Returns: how often something went wrong on the way.
  @discardableResult
  private static func expectUndisturbed(_ seed: Int, on launcher: any Launcher) -> Int {
    let lossy = seed % 2 == 1
    let replay = "replay it: FEDSIM_CAMPAIGN_SEED=\(seed) swift test -c release --filter FaultCampaign"
    do {
      let outcome = try carryOut(Schedule(seed), lossy: lossy, on: launcher)
      #expect(try outcome.digest == undisturbed[lossy]?.get(), "\(replay)")
      // One release a round, however often the round was tried.
      #expect(outcome.releases == 10, "\(replay)")
      return outcome.failures
    } catch {
      Issue.record("\(error); \(replay)")
      return 0
    }
  }
}
