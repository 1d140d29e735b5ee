import Coordinator
import Foundation
import Reporting
import ResultFiles
import Scenarios

let queryCommand = Command(
  name: "query",
  about: "Ask private questions of clients' records: counts, ratios, histograms, quantiles, selections.",
  positional: ["SCENARIO"],
  options: scenarioOptions + [
    workersOption,
    Command.Option(name: "out", value: "DIR", about: "folder for the results; default: queries/NAME-seed-N"),
    forceOption,
    secureNoiseOption,
    Command.Option(name: "json", value: nil, about: "print query.json to standard output instead of the table"),
  ]
) { arguments, session in
  let file = try ScenarioFile(path: arguments.positional[0])
  let scenario = try file.queryScenario(overrides: overrides(arguments))
  let workers = try processes(arguments, workersOption.name)
  let results = try ResultFolder.open(
    arguments.string("out"), orFree: "queries/\(scenario.name)-seed-\(scenario.seed)", command: "query",
    version: Version.current, force: arguments.has("force"), inputs: [arguments.positional[0]],
    note: session.note)
  session.listenToSignals()

  let pool = WorkerPool(try session.launcher(), shouldStop: { Interruption.requested })
  defer { pool.stop() }
  let options = RunOptions(
    workers: workers, cacheBytes: 0, folder: file.folder.path,
    noiseSource: arguments.has("secure-noise") ? .secure : .seeded)
  let result: QueryResult
  do {
    result = try QuerySession(scenario, options: options).run(on: pool)
  } catch let error as CoordinatorError {
    throw RunFailure(error, scenario: scenario)
  }

  let document = QueryDocument(scenario: scenario, result: result)
  let files = try document.files()
  try results.write(files)
  if arguments.has("json") {
    try session.printJSON(document.json)
  } else {
    session.print(QuerySummary(document).text(folder: results.path), terminator: "")
  }
  return result.answers.contains { $0.release == nil } ? 1 : 0
}
