import Foundation
import Scenarios

let schemaCommand = Command(
  name: "schema", about: "Print the JSON Schema of scenario files, for editors.", positional: [],
  options: [Command.Option(name: "queries", value: nil, about: "of files for fedsim query")]
) { arguments, session in
  try session.printJSON(arguments.has("queries") ? QueryScenario.jsonSchema() : Scenario.jsonSchema())
  return 0
}
