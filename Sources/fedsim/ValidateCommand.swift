import Foundation
import Scenarios

let validateCommand = Command(
  name: "validate", about: "Check a scenario and print it with every key and default filled in.",
  positional: ["SCENARIO"], options: scenarioOptions
) { arguments in
  let (scenario, _) = try loadScenario(arguments)
  print(String(decoding: try scenario.resolved.encoded(pretty: true), as: UTF8.self))
  return 0
}
