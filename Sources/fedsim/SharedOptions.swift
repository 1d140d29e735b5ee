import ClientData
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

/// The files and folders that a command on a scenario reads.
/// - Parameter folder: where the scenario's relative paths start.
func inputs(_ arguments: Arguments, _ population: Population, folder: String) -> [String] {
  guard case .files(let files) = population else { return [arguments.positional[0]] }
  let base = URL(fileURLWithPath: folder, isDirectory: true)
  return [arguments.positional[0]]
    + [files.train, files.heldOut].map { URL(fileURLWithPath: $0, relativeTo: base).path }
}

/// The size of each file of shards, by its path as the scenario gives it; without folders of very many,
/// and empty for generated populations.
func shardSizes(_ population: Population, folder: String) -> [String: Int] {
  guard case .files(let files) = population else { return [:] }
  var sizes: [String: Int] = [:]
  for (path, heldOut) in [(files.train, false), (files.heldOut, true)] {
    guard let found = try? FileShards.files(of: path, folder: folder, heldOut: heldOut),
      found.urls.count <= 1000
    else { continue }
    for url in found.urls {
      let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
      sizes[found.isFolder ? "\(path)/\(url.lastPathComponent)" : path] = attributes?[.size] as? Int ?? 0
    }
  }
  return sizes
}

let workersOption = Command.Option(
  name: "workers", value: "N", about: "worker processes; default: the machine's cores")

let forceOption = Command.Option(
  name: "force", value: nil, about: "replace the folder if fedsim wrote all that is in it")

let secureNoiseOption = Command.Option(
  name: "secure-noise", value: nil,
  about: "noise, and what is sampled, from the system's secure generator: not reproducible")

/// How many processes an option asks for; the machine's cores where it is not given.
func processes(_ arguments: Arguments, _ option: String) throws -> Int {
  try arguments.integer(option, 1...1024) ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
}
