import Foundation
import Scenarios

let validateCommand = Command(
  name: "validate", about: "Check a scenario and print it with every key and default filled in.",
  positional: ["SCENARIO"], options: scenarioOptions
) { arguments, session in
  let file = try ScenarioFile(path: arguments.positional[0])
  let changes = try overrides(arguments)
  if file.asksQueries {
    try session.printJSON(file.queryScenario(overrides: changes).resolved)
    return 0
  }
  let scenario = try file.scenario(overrides: changes)
  // Every run of a sweep is a scenario of its own, and each can be wrong.
  if scenario.sweep != nil { _ = try file.sweepPlan(overrides: changes) }
  if scenario.tune != nil { _ = try file.tunePlan(overrides: changes) }
  try session.printJSON(scenario.whole)
  return 0
}
