import ClientData
import Foundation
import Scenarios
import Testing

/// The applications' populations have the statistics that their page states.
@Suite("Applications")
struct ApplicationTests {
  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The cells of the page's table, by application.
  private func stated(_ name: String) throws -> [Double] {
    let page = try String(
      contentsOf: Self.repository.appendingPathComponent("docs/applications.md"), encoding: .utf8)
    let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(name)` |") })
    return row.split(separator: "|").dropFirst().compactMap {
      Double($0.trimmingCharacters(in: CharacterSet(charactersIn: " %")))
    }
  }

  @Test(
    "have the positive rate, the activity and the popularity tail that is stated",
    arguments: ["recommendation", "ad-clicks", "fraud-detection", "purchases"])
  func statistics(name: String) throws {
    let file = try ScenarioFile(path: Self.repository.appendingPathComponent("scenarios/\(name).json5").path)
    let scenario = try file.scenario()
    guard case .market(let market) = scenario.population else {
      Issue.record("not a market")
      return
    }
    let questions = try QueryScenario(
      JSONValue.object([
        "name": .string("q"), "seed": .integer(Int(scenario.seed)),
        "population": try #require(scenario.resolved["population"]).removing("heldOutClients"),
        "queries": .object(["all": .object(["epsilon": .integer(1)])]),
      ]), file: name)
    let source = makeRecordSource(for: questions)
    let fields = questions.population.fields
    let action = try #require(fields.firstIndex { $0.name == "action" })
    let purchase = try #require(fields[action].values.firstIndex(of: "purchase"))
    var sizes: [Int] = []
    var positives = 0
    var shown = [Int](repeating: 0, count: market.items)
    for client in 0..<source.clients {
      let records = source.records(of: client)
      sizes.append(records.count / fields.count)
      for start in stride(from: 0, to: records.count, by: fields.count) {
        positives += Int(records[start + action]) == purchase ? 1 : 0
        shown[Int(records[start])] += 1
      }
    }
    sizes.sort()
    let total = Double(sizes.reduce(0, +))
    let top = shown.sorted(by: >).prefix(market.items / 10).reduce(0, +)
    let measured = [
      100 * Double(positives) / total, Double(sizes[sizes.count / 2]), Double(sizes[sizes.count * 9 / 10]),
      100 * Double(top) / total,
    ]
    let stated = try stated(name)
    #expect(stated.count == measured.count)
    // The population is a pure function of the seed, so that the page states what is measured, rounded.
    for (stated, measured) in zip(stated, measured) {
      #expect(abs(stated - measured) <= (stated < 10 ? 0.051 : 0.51), "stated \(stated), measured \(measured)")
    }
    // And the rate is the one that the scenario asks for, as well as 4 096 sampled impressions can set it: for rare labels
    // few of them carry most of the rate.
    #expect(abs(measured[0] / 100 / market.positiveRate - 1) < 0.15)
  }
}
