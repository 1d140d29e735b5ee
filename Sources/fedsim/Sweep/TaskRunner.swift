import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Foundation
import Reporting
import Scenarios
import Synchronization

/// Carries out runs, several at a time, and keeps what comes of them in a folder.
struct TaskRunner {
  private let folder: SweepFolder
  private let budget: MemoryBudget
  private let scenarioFolder: String
  private let launcher: any Launcher
  private let progress: ProgressLine

  /// - Parameter scenarioFolder: where the scenarios' relative paths start.
  init(_ folder: SweepFolder, budget: MemoryBudget, scenarioFolder: String, session: Session, quiet: Bool) throws {
    self.folder = folder
    self.budget = budget
    self.scenarioFolder = scenarioFolder
    launcher = try session.launcher()
    progress = session.progressLine(quiet: quiet)
  }

  /// What became of some runs.
  struct Outcome {
    let done: Int
    /// The first that went wrong; nil when none did.
    let failure: (any Error)?
    /// The keys of those for which no noise gives the guarantee that is asked for.
    let refused: Set<String>
  }

  /// Carries runs out until all are done, one fails, or the user interrupts.
  /// - Parameters:
  ///   - before: what stands before the count in the line that tells how far it is.
  ///   - takesRefusals: whether a run whose guarantee cannot be had is no failure.
  func run(_ tasks: [SweepTask], before: String = "", takesRefusals: Bool = false) -> Outcome {
    let (folder, scenarioFolder, launcher) = (folder, scenarioFolder, launcher)
    let options = RunOptions(
      workers: 1, cacheBytes: budget.cacheBytes, folder: scenarioFolder, diagnoses: false)
    let queue = TaskQueue(tasks)
    let refused = Mutex<Set<String>>([])
    queue.run(threads: min(budget.jobs, max(1, tasks.count))) {
      WorkerPool(launcher, shouldStop: { Interruption.requested || queue.failure != nil })
    } body: { task, pool in
      do {
        let record = try task.carryOut(options: options, on: pool)
        // The key names the data that was there at the start.
        guard record.dataDigest ?? "" == task.dataDigest else {
          throw RunFailure(
            "the shards changed while this was under way: \(task.label) read others, and is not kept")
        }
        try folder.save(record, key: task.key)
      } catch is AccountingError where takesRefusals {
        refused.withLock { _ = $0.insert(task.key) }
      } catch let error as CoordinatorError {
        throw RunFailure(error, scenario: task.scenario, folder: scenarioFolder, while: task.label)
      }
    } whileWaiting: {
      let state = queue.progress
      let slowest = state.slowest.map { " · slowest \(seconds($0.seconds)) (\($0.label))" } ?? ""
      progress.show(done: state.done, of: state.total) { left in
        "\(before)runs \(state.done)/\(state.total) · \(left) left\(slowest)"
      }
    }
    progress.clear()
    return Outcome(done: queue.progress.done, failure: queue.failure, refused: refused.withLock { $0 })
  }
}

private func seconds(_ value: Double) -> String { String(format: "%.1f s", value) }

let jobsOption = Command.Option(
  name: "jobs", value: "N", about: "runs at a time; default: the machine's cores")

let memoryOption = Command.Option(
  name: "memory", value: "MEGABYTES", about: "memory of all runs at a time; default: 4096")

/// How many runs at a time fit into the memory that the user grants.
struct MemoryBudget {
  let jobs: Int
  /// Examples that the worker of one run may keep.
  let cacheBytes: Int

  /// What one run needs beside examples: its worker process, and for each coordinate of the model its weight, moments,
  /// sums, noise and messages on both sides.
  private static func bytesOfRun(dimension: Int) -> Int { 40 << 20 + 160 * dimension }
  /// What this process needs whatever it runs.
  private static let bytesOfProgram = 32 << 20

  init(_ arguments: Arguments, dimension: Int) throws {
    let megabytes = try arguments.integer("memory", 1...(1 << 30)) ?? 4096
    let wanted = try processes(arguments, "jobs")
    let run = Self.bytesOfRun(dimension: dimension)
    let free = megabytes << 20 - Self.bytesOfProgram
    guard free >= run else {
      let least = (run + Self.bytesOfProgram) >> 20 + 1
      throw UsageError(
        description: "--memory: found \(megabytes); one run takes about \(least) megabytes")
    }
    jobs = min(wanted, free / run)
    cacheBytes = free / jobs - run
  }
}
