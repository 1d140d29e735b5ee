import Foundation
import Scenarios

/// Options that every command on a scenario shares.
let scenarioOptions = [
  Command.Option(name: "seed", value: "N", about: "seed of everything random, instead of the scenario's"),
  Command.Option(
    name: "set", value: "PATH=VALUE", about: "change a key, for example --set privacy.epsilon=2; repeatable",
    repeats: true),
]

/// The changes to a scenario that a command line asks for.
func overrides(_ arguments: Arguments) throws -> [(path: String, value: JSONValue)] {
  var overrides: [(path: String, value: JSONValue)] = []
  for text in arguments.strings("set") {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError(description: "--set: found \"\(text)\"; allowed: PATH=VALUE, for example privacy.epsilon=2")
    }
    let value = ScenarioFile.overrideValue(String(text[text.index(after: equals)...]))
    overrides.append((String(text[..<equals]), value))
  }
  if let seed = try arguments.integer("seed", 0...Scenario.largestSeed) {
    overrides.append(("seed", .integer(seed)))
  }
  return overrides
}

/// Reads the scenario a command names, with its overrides.
func loadScenario(_ arguments: Arguments) throws -> (scenario: Scenario, folder: String) {
  let file = try ScenarioFile(path: arguments.positional[0])
  return (try file.scenario(overrides: overrides(arguments)), file.folder.path)
}

let workersOption = Command.Option(
  name: "workers", value: "N", about: "worker processes; default: the machine's cores")

let forceOption = Command.Option(name: "force", value: nil, about: "replace the folder if it exists")

let secureNoiseOption = Command.Option(
  name: "secure-noise", value: nil,
  about: "noise, and what is sampled, from the system's secure generator: not reproducible")

/// How many processes an option asks for; the machine's cores where it is not given.
func processes(_ arguments: Arguments, _ option: String) throws -> Int {
  try arguments.integer(option, 1...1024) ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
}
