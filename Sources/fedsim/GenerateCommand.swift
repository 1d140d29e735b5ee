import ClientData
import Foundation
import Reporting
import ResultFiles
import Scenarios

let generateCommand = Command(
  name: "generate", about: "Write a scenario's population as shards, and a scenario that runs on them.",
  positional: ["SCENARIO"],
  options: scenarioOptions + [
    Command.Option(name: "out", value: "DIR", about: "folder for the shards; required"),
    forceOption,
  ]
) { arguments, session in
  let (scenario, folder) = try loadScenario(arguments)
  guard let path = arguments.string("out") else { throw UsageError(description: "--out DIR is missing") }
  if case .files = scenario.population {
    throw UsageError(description: "\(arguments.positional[0]): its population is files already")
  }
  let results = try ResultFolder(
    path, command: "generate", version: Version.current, force: arguments.has("force"),
    inputs: inputs(arguments, scenario.population, folder: folder), note: session.note)
  session.listenToSignals()
  let source = try makeClientSource(for: scenario, folder: folder)
  let writer = ShardWriter(source)
  let format = writer.fileExtension == "csv" ? "csv" : "libsvm"
  var members: [String: JSONValue] = [:]
  if case .object(let resolved) = scenario.resolved { members = resolved }
  members["features"] = nil
  // Features are made already, of what was left of the records.
  for key in ["fields", "priceBands", "hourBands"] {
    members["minimisation"] = members["minimisation"]?.removing(key)
  }
  members["population"] = .object([
    "kind": .string("files"), "format": .string(format),
    "train": .string("train.\(writer.fileExtension)"), "heldOut": .string("held-out.\(writer.fileExtension)"),
    "clients": .integer(source.trainingClients), "dimension": .integer(scenario.dimension),
  ])
  let text = try JSONValue.object(members).encoded(pretty: true)
  try results.write { staging in
    for (name, heldOut) in [("train", false), ("held-out", true)] {
      let file = staging.appendingPathComponent("\(name).\(writer.fileExtension)")
      try writeWhole(Data(), to: file)
      let handle = try FileHandle(forWritingTo: file)
      try writer.write(heldOut: heldOut, to: handle) {
        if Interruption.requested {
          throw RunFailure("interrupted; nothing was written", status: Interruption.status)
        }
      }
      try handle.close()
    }
    try writeWhole(text + Data("\n".utf8), to: staging.appendingPathComponent("scenario.json5"))
  }
  session.print(
    "\(source.trainingClients) training and \(source.heldOutClients) held-out clients in \(results.path)")
  session.print("run them with: fedsim run \(results.path)/scenario.json5")
  return 0
}
