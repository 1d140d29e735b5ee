import Foundation
import Scenarios

let validateCommand = Command(
  name: "validate", about: "Check a scenario and print it with every key and default filled in.",
  positional: ["SCENARIO"], options: scenarioOptions
) { arguments in
  let file = try ScenarioFile(path: arguments.positional[0])
  let changes = try overrides(arguments)
  let scenario = try file.scenario(overrides: changes)
  var resolved = scenario.resolved
  if let sweep = scenario.sweep {
    // Every run of a sweep is a scenario of its own, and each can be wrong.
    _ = try file.sweepPlan(overrides: changes)
    resolved = resolved.setting(["sweep"], to: sweep.written)
  }
  print(String(decoding: try resolved.encoded(pretty: true), as: UTF8.self))
  return 0
}
