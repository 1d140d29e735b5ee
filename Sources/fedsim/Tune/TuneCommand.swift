import Coordinator
import Curves
import Foundation
import Reporting
import Scenarios
import Tuning

let tuneCommand = Command(
  name: "tune",
  about:
    "Search the best settings at every ε, and show how much of the price of privacy was that of not tuning.",
  positional: ["SCENARIO"],
  options: scenarioOptions.filter { $0.name == "set" } + [
    jobsOption,
    Command.Option(
      name: "out", value: "DIR", about: "folder for the results, gone on with if it exists; default: tuned/NAME"),
    Command.Option(
      name: "force", value: nil, about: "compute everything anew, and replace what an earlier search left"),
    Command.Option(
      name: "minutes", value: "M", about: "stop after so many minutes; the same command goes on from there"),
    memoryOption,
    Command.Option(name: "json", value: nil, about: "print tune.json to standard output instead of the tables"),
    Command.Option(name: "quiet", value: nil, about: "no progress line"),
  ]
) { arguments, session in
  let file = try ScenarioFile(path: arguments.positional[0])
  let changes = try overrides(arguments)
  let scenario = try file.scenario(overrides: changes)
  let plan = try file.tunePlan(overrides: changes)
  let deadline = try arguments.has("minutes") ? Deadline(minutes: arguments.number("minutes", 0.01...100_000)) : nil
  let data = try dataDigest(of: scenario.population, folder: file.folder.path, warn: session.warn)
  let budget = try MemoryBudget(arguments, dimension: scenario.dimension)
  let folder = try SweepFolder(
    arguments.string("out") ?? "tuned/\(plan.name)", subject: TuneSubject(scenario, data: data),
    force: arguments.has("force"), isPart: false,
    inputs: inputs(arguments, scenario.population, folder: file.folder.path), note: session.note)
  session.listenToSignals()
  let runner = try TaskRunner(
    folder, budget: budget, scenarioFolder: file.folder.path, session: session, quiet: arguments.has("quiet"))
  var runs = TuneRuns(plan, folder: folder, runner: runner, deadline: deadline)
  do {
    // First what is there anyway: where its guarantee cannot be had, no search is worth its time.
    let written = try SweepAssembly(runs.report([]), folder: file.folder.path, warn: { _ in })
    try runs.carryOut(written.tasks, before: "as written: ")
    let families = try runs.search(TuneFamily.all(of: plan, dataDigest: data))
    let assembly = try SweepAssembly(
      runs.report(families), folder: file.folder.path, warn: { _ in })
    try runs.carryOut(assembly.tasks, before: "report: ")
    let result = TuningResult(
      metric: plan.tune.metric, searchSeeds: plan.tune.seeds, reportSeeds: plan.reportSeeds, runs: plan.tune.runs,
      families: families.map(\.result), isOverFiles: !data.isEmpty)
    let files = try tunedScenarios(families, plan, folder: file.folder)
    let (document, place) = try folder.finish {
      let document = TuneDocument(assembly.curveSet(folder.record), result)
      return (document, try document.files() + files, (assembly.tasks.map(\.key) + runs.keys).sorted())
    }
    if arguments.has("json") {
      try session.printJSON(document.json)
    } else {
      session.print(document.text)
      session.print("runs      \(runs.computed) computed, \(runs.found) found finished")
      session.print("scenarios \(place)/scenarios, one an ε\nreport    \(place)/report.html")
    }
    return 0
  } catch {
    folder.giveUp()
    throw error
  }
}

/// A file for every ε and search that runs with what was chosen.
private func tunedScenarios(
  _ families: [TuneFamily], _ plan: TunePlan, folder: URL
) throws -> [(name: String, contents: Data)] {
  try families.enumerated().flatMap { number, family in
    try plan.positions.indices.map { index in
      let position = plan.positions[index]
      let epsilon = Int(exactly: position).map { "\($0)" } ?? "\(position)"
      let place = position.isFinite ? "epsilon-\(epsilon)" : "no-privacy"
      let name = "\(plan.name)-tuned-\(number == 0 || families.count == 1 ? "" : "free-")\(place)"
      var value = try plan.file(at: position, family.settings(index))
      // The file lies elsewhere than the scenario that its paths are relative to.
      for key in ["train", "heldOut"] {
        if case .string(let path)? = value.member(at: "population.\(key)") {
          let whole = URL(fileURLWithPath: path, relativeTo: folder).path
          value = value.setting(["population", key], to: .string(whole))
        }
      }
      return ("scenarios/\(name).json5", try value.encoded(pretty: true) + Data("\n".utf8))
    }
  }
}
