import Foundation
import Scenarios
import Testing

/// The repository's root, from this file's place in it.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// All scenario files that are shipped, but for those of queries.
let shippedScenarios: [String] = {
  let folder = repository.appendingPathComponent("scenarios")
  let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
  return names.filter { $0.hasSuffix(".json5") && !$0.hasPrefix("queries/") }.sorted()
}()

/// All files of queries that are shipped.
let shippedQueries = ["behaviour-analysis", "buy-ratio", "top-categories", "user-profiles"].map {
  "queries/\($0).json5"
}

func shipped(_ name: String) throws -> ScenarioFile {
  try ScenarioFile(path: repository.appendingPathComponent("scenarios/\(name)").path)
}

@Suite("Scenarios")
struct ScenarioTests {
  @Test("that are shipped can be read", arguments: shippedScenarios)
  func shippedOnes(name: String) throws {
    let scenario = try shipped(name).scenario()
    #expect(name.hasSuffix("\(scenario.name).json5"))
  }

  @Test("resolve to themselves, so that workers understand what they are sent", arguments: shippedScenarios)
  func resolvedIsAFixedPoint(name: String) throws {
    let scenario = try shipped(name).scenario()
    let again = try Scenario(JSONValue(utf8: scenario.whole.encoded(pretty: false)), file: name)
    // JSON has no order, so the variants of a sweep come back by name.
    #expect(again == scenario || scenario.sweep?.variants.isEmpty == false)
    #expect(again.whole == scenario.whole)
  }

  @Test("have a sweep whose every run is valid, where they have one", arguments: shippedScenarios)
  func sweeps(name: String) throws {
    guard try shipped(name).scenario().sweep != nil else { return }
    let plan = try shipped(name).sweepPlan()
    // Benchmarks ask no question.
    if name.hasPrefix("benchmarks/") { return }
    #expect(plan.points.count >= 35 && plan.points.contains { $0.scenario.privacy == nil })
    // The header says what is learned.
    let text = try String(contentsOf: repository.appendingPathComponent("scenarios/\(name)"), encoding: .utf8)
    #expect(text.hasPrefix("//") && text.contains("Learned: "))
  }

  @Test("take overrides by path, also whole objects and keys that the file leaves out")
  func overrides() throws {
    let file = try shipped("quickstart.json5")
    let changed = try file.scenario(overrides: [
      ("privacy.epsilon", ScenarioFile.overrideValue("2.5")),
      ("training.server", ScenarioFile.overrideValue("{optimizer: 'yogi', learningRate: 0.1}")),
      ("name", ScenarioFile.overrideValue("other")), ("population.signal", .number(2)),
    ])
    #expect(changed.privacy?.noise == .calibrated(epsilon: 2.5))
    #expect(changed.training.server.optimizer == .yogi)
    #expect(changed.training.server.learningRate == 0.1)
    #expect(changed.name == "other")
    let none = try file.scenario(overrides: [("privacy", ScenarioFile.overrideValue("none"))])
    #expect(none.privacy == nil)
  }

  @Test("find the nearest of several names only when one is near")
  func nearestNames() {
    #expect(nearestName(to: "clippingNrom", among: ["clippingNorm", "delta"]) == "clippingNorm")
    #expect(nearestName(to: "zzzzzz", among: ["clippingNorm", "delta"]) == nil)
  }
}
