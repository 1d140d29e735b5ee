import Coordinator
import DifferentialPrivacy
import Foundation
import Regression
import Reporting
import ResultFiles
import Scenarios
import Synchronization

let checkCommand = Command(
  name: "check", about: "Run the scenarios of a folder that have a baseline, and say what moved: regression in CI.",
  positional: ["[DIR]"],
  options: [
    Command.Option(name: "update", value: nil, about: "write the baselines anew, and say what changed in them"),
    Command.Option(name: "junit", value: "FILE", about: "write the result as JUnit XML"),
    Command.Option(name: "summary", value: "FILE", about: "append the result as Markdown, for a job's summary"),
    Command.Option(name: "jobs", value: "N", about: "scenarios at a time; default: the machine's cores"),
    Command.Option(name: "quiet", value: nil, about: "no progress line"),
  ]
) { arguments, session in
  let folder = arguments.positional.first ?? "scenarios/regression"
  let isUpdate = arguments.has("update")
  let jobs = try processes(arguments, "jobs")
  let tasks = try checkTasks(folder, isUpdate: isUpdate)
  let junit = try arguments.string("junit").map { try SealedFile($0, option: "junit", force: nil) }
  let launcher = try session.launcher()
  session.listenToSignals()

  let queue = TaskQueue(tasks)
  let results = Mutex<[String: ScenarioCheck]>([:])
  let progress = session.progressLine(quiet: arguments.has("quiet"))
  queue.run(threads: min(jobs, tasks.count)) {
    WorkerPool(launcher, shouldStop: { Interruption.requested })
  } body: { task, pool in
    let start = ContinuousClock.now
    let options = RunOptions(
      workers: 1, cacheBytes: 1 << 30, folder: task.folder, diagnoses: false, fingerprints: true)
    var state: ScenarioCheck.State
    var gauges: [ScenarioCheck.Gauge] = []
    do {
      if let baseline = task.baseline {
        (state, gauges) = try task.compare(against: baseline, options: options, on: pool)
      } else {
        state = try task.update(options: options, on: pool)
      }
    } catch CoordinatorError.interrupted {
      throw RunFailure("interrupted; nothing was decided", status: Interruption.status)
    } catch let error as CoordinatorError {
      state = .broken(RunFailure(error, scenario: task.scenario, folder: task.folder).description)
    } catch {
      // One scenario that cannot run does not hide what the others say.
      state = .broken("\(error)")
    }
    let seconds = (ContinuousClock.now - start).seconds
    results.withLock {
      $0[task.file] = ScenarioCheck(
        name: task.name, file: task.file, state: state, seconds: seconds, gauges: gauges)
    }
  } whileWaiting: {
    let state = queue.progress
    progress.show(done: state.done, of: state.total) { left in
      "scenarios \(state.done)/\(state.total) · \(left) left"
    }
  }
  progress.clear()
  if let failure = queue.failure { throw failure }

  let found = results.withLock { $0 }
  let checks = tasks.compactMap { found[$0.file] }
  let text = CheckText(checks)
  session.print(text.lines.joined(separator: "\n"))
  if ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true" {
    for annotation in text.annotations { session.print(annotation) }
  }
  try junit?.write(JUnitReport(checks).xml)
  if let path = arguments.string("summary") {
    // Other steps of a job write to the same file.
    try append(Data(CheckSummary(checks).markdown.utf8), to: URL(fileURLWithPath: path))
  }
  let broken = checks.contains { if case .broken = $0.state { true } else { false } }
  return broken ? 3 : checks.allSatisfy(\.isFine) ? 0 : 1
}

/// The scenarios of a folder that are to be checked, by name.
/// - Throws: `RunFailure` when there is no such folder or nothing in it; `ScenarioError` for a scenario that is wrong.
private func checkTasks(_ folder: String, isUpdate: Bool) throws -> [CheckTask] {
  guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
    throw RunFailure("\(folder): no such folder, or it cannot be read", status: 2)
  }
  let scenarios = names.filter {
    $0.hasSuffix(".json5") || ($0.hasSuffix(".json") && !$0.hasSuffix(".baseline.json"))
  }
  let prefix = folder.hasSuffix("/") ? folder : folder + "/"
  let present = Set(names)
  var tasks: [CheckTask] = []
  for name in scenarios.sorted() {
    let path = prefix + name
    let hasBaseline = present.contains(CheckTask.baselineFile(of: URL(fileURLWithPath: path)).lastPathComponent)
    if hasBaseline {
      tasks.append(try CheckTask(path: path, isUpdate: isUpdate))
    } else if isUpdate, let scenario = try? ScenarioFile(path: path).scenario(), scenario.check != nil {
      tasks.append(try CheckTask(path: path, isUpdate: isUpdate))
    }
  }
  // A baseline without its scenario would be skipped in silence.
  let known = Set(tasks.map(\.baselineFile.lastPathComponent))
  for name in names.sorted() where name.hasSuffix(".baseline.json") && !known.contains(name) {
    throw RunFailure("\(prefix)\(name): its scenario is gone; bring it back, or remove the baseline", status: 2)
  }
  guard !tasks.isEmpty else {
    throw RunFailure(
      "\(folder): no scenario in it has a baseline; give a scenario a check section and run fedsim check --update",
      status: 2)
  }
  return tasks
}
