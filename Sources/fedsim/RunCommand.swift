import ClientData
import Coordinator
import Foundation
import Reporting
import ResultFiles
import Scenarios

let runCommand = Command(
  name: "run", about: "Run a scenario: rounds of private federated training, then a report.",
  positional: ["SCENARIO"],
  options: scenarioOptions + [
    workersOption,
    Command.Option(name: "out", value: "DIR", about: "folder for the results; default: runs/NAME-seed-N"),
    forceOption,
    Command.Option(
      name: "memory", value: "MEGABYTES", about: "examples kept in memory by all workers; default: 4096"),
    Command.Option(
      name: "worker-timeout", value: "SECONDS",
      about: "replace a worker that has not answered after this; default: 600"),
    Command.Option(
      name: "checkpoint-every", value: "K", about: "keep a checkpoint beside the results after every K rounds"),
    Command.Option(
      name: "resume", value: nil, about: "go on from the checkpoint of a run that was stopped or killed"),
    Command.Option(
      name: "accountant", value: "NAMES", about: "also show what pld, rdp, zcdp or pure say about the ledger"),
    secureNoiseOption,
    Command.Option(name: "json", value: nil, about: "print run.json to standard output instead of the table"),
    Command.Option(name: "quiet", value: nil, about: "no progress line"),
    Command.Option(
      name: "record-traffic", value: "DIR", about: "write every byte that workers send to files in a new folder"),
  ]
) { arguments, session in
  let (scenario, folder) = try loadScenario(arguments)
  let workers = try processes(arguments, workersOption.name)
  let megabytes = try arguments.integer("memory", 1...(1 << 30)) ?? 4096
  let others = arguments.has("accountant") ? try accountants(arguments) : []
  let timeout = arguments.has("worker-timeout") ? try arguments.number("worker-timeout", 0.1...86_400) : 600
  let secureNoise = try takesSecureNoise(arguments, scenario)
  let inputs = inputs(arguments, scenario.population, folder: folder)
  let results = try RunPlace(arguments: arguments, scenario: scenario, inputs: inputs, note: session.note).take()
  let checkpoints = try RunCheckpoints(
    arguments, path: results.path, shards: shardSizes(scenario.population, folder: folder), note: session.note)
  let checkpoint = try checkpoints?.read(for: scenario)
  let ledger = try RunLedger(arguments, path: results.path, note: session.note)
  let traffic = try arguments.string("record-traffic").map {
    try TrafficRecorder(folder: $0, workers: workers, results: results.path, note: session.note)
  }
  session.listenToSignals()

  var recorder: (@Sendable (Int, UnsafeRawBufferPointer) -> Void)?
  if let traffic { recorder = { traffic.record($0, $1) } }
  let options = RunOptions(
    workers: workers, cacheBytes: megabytes << 20, folder: folder,
    noiseSource: secureNoise ? .secure : .seeded)
  let pool = WorkerPool(
    try session.launcher(), timeout: timeout, shouldStop: { Interruption.requested }, recorder: recorder)
  defer { pool.stop() }
  let progress = session.progressLine(quiet: arguments.has("quiet"))
  let result: RunResult
  do {
    result = try Simulation(scenario, options: options).run(
      on: pool, from: checkpoint, keeper: checkpoints?.keeper, log: ledger
    ) { progress.show($0) }
    progress.clear()
  } catch let error as CoordinatorError {
    progress.clear()
    // Interrupted while the workers started, before a round was done.
    if error == .interrupted, let checkpoints, checkpoint != nil { throw checkpoints.interruption }
    throw RunFailure(error, scenario: scenario, folder: folder)
  } catch let error as CheckpointError {
    progress.clear()
    throw checkpoints?.refusal(error) ?? RunFailure("\(error)")
  }
  if result.status == .interrupted, let checkpoints { throw checkpoints.interruption }

  let document = RunDocument(
    scenario: scenario, result: result,
    sideBySide: SideBySide.ask(others, about: result, privacy: scenario.privacy),
    sharedNames: sharedNames(scenario, result, folder: folder))
  for warning in document.dataWarnings { session.warn(warning) }
  let files = try document.files()
  try results.write(files + [("ledger.jsonl", ledger.finish(result.closedLedger))])
  ledger.remove()
  checkpoints?.remove()
  if arguments.has("json") {
    try session.printJSON(document.json)
  } else {
    session.print(RunSummary(document).text(folder: results.path), terminator: "")
  }
  return result.status == .interrupted ? Interruption.status : 0
}

/// Whether the noise is the system's.
/// - Throws: `UsageError` where that promises what a run cannot keep.
private func takesSecureNoise(_ arguments: Arguments, _ scenario: Scenario) throws -> Bool {
  guard arguments.has(secureNoiseOption.name) else { return false }
  guard scenario.privacy != nil else {
    throw UsageError(description: "--secure-noise: \(scenario.name) has no privacy section, so there is no noise")
  }
  for option in ["checkpoint-every", "resume"] where arguments.has(option) {
    throw UsageError(
      description: """
        --\(option) with --secure-noise: a resumed run repeats the rounds after its checkpoint, with other noise, so two \
        models of one round would be out and the ledger would count one; leave one of the two out
        """)
  }
  return true
}

/// The names of the first clients that train and are held out. Workers only count them.
private func sharedNames(_ scenario: Scenario, _ result: RunResult, folder: String) -> [String] {
  guard result.population.sharedClients > 0, case .files(let files) = scenario.population else { return [] }
  let shards = try? FileShards(settings: files, folder: folder, seed: scenario.seed) { _ in false }
  return shards?.sharedNames ?? []
}
