import Foundation
import Scenarios

let schemaCommand = Command(
  name: "schema", about: "Print the JSON Schema of scenario files, for editors.", positional: [], options: []
) { _ in
  print(String(decoding: try Scenario.jsonSchema().encoded(pretty: true), as: UTF8.self))
  return 0
}
