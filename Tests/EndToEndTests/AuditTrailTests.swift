import DifferentialPrivacy
import Foundation
import Scenarios
import Testing

@Suite("The audit trail")
struct AuditTrailTests {
  private static func folder(with scenario: String, _ changes: String...) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let path = Program.repository.appendingPathComponent("scenarios/regression/\(scenario).json5").path
    #expect(try Program.run(["run", path, "--out", "r", "--quiet"] + changes, in: folder.url).status == 0)
    return folder
  }

  private func lines(_ folder: TemporaryFolder) throws -> [String] {
    try folder.text("r/ledger.jsonl").split(separator: "\n").map(String.init)
  }

  @Test("says what was released, when, from how many clients, and the ε so far of every tier")
  func statement() throws {
    let folder = try Self.folder(with: "tiers")
    let text = try folder.run("audit-trail", "r").output
    let tiers = try #require(JSONValue(utf8: folder.text("r/run.json").utf8).at("privacy.tiers"))
    guard case .array(let results) = tiers else { return }
    let trail = try folder.run("audit-trail", "r", "--json").json()
    guard case .array(let accesses)? = trail["accesses"] else { return }
    for tier in results where tier["epsilonTarget"] != .null {
      let own = accesses.filter { $0["about"] == tier["name"] }
      #expect(own.last?["epsilon"] == tier["epsilon"])
      #expect(
        own.allSatisfy {
          ($0["fewestClients"]?.asDouble ?? 0) > 0 && $0["released"] == .string("sum of clipped updates")
        })
    }
    #expect(text.contains("opted out, never contacted"))
    // From the ledger alone: it is all that there is.
    let run = folder.url.appendingPathComponent("r")
    try FileManager.default.removeItem(at: run.appendingPathComponent("run.json"))
    #expect(try folder.run("audit-trail", "r/ledger.jsonl").output == text)
  }

  @Test("has a row for every round when asked")
  func everyRound() throws {
    let folder = try Self.folder(with: "central")
    let rounds = try lines(folder).count - 3
    guard case .array(let rows)? = try folder.run("audit-trail", "r", "--json", "--every-round").json()["accesses"]
    else { return }
    #expect(rows.count == rounds)
    let epsilons = rows.compactMap { $0["epsilon"]?.asDouble }
    #expect(zip(epsilons, epsilons.dropFirst()).allSatisfy { $0 < $1 })
    #expect(try rows.last?["epsilon"] == JSONValue(utf8: folder.text("r/run.json").utf8).at("privacy.epsilon"))
  }

  @Test("is intact as it was written, and its last hash is in run.json")
  func intact() throws {
    let folder = try Self.folder(with: "central")
    guard case .string(let head)? = try JSONValue(utf8: folder.text("r/run.json").utf8)["ledgerHead"] else {
      Issue.record("no head")
      return
    }
    let outcome = try folder.run("audit-trail", "r", "--verify", "--head", head)
    #expect(outcome.status == 0 && outcome.output.contains(head))
    #expect(try folder.run("audit-trail", "r", "--head", String(head.reversed())).status == 1)
  }

  @Test("finds any line that was altered, removed, doubled or put elsewhere")
  func tampering() throws {
    let folder = try Self.folder(with: "central")
    let whole = try lines(folder)
    func verify(_ lines: [String]) throws -> Program.Outcome {
      try folder.write("l.jsonl", lines.joined(separator: "\n") + "\n")
      return try folder.run("audit-trail", "l.jsonl", "--verify")
    }
    #expect(try verify(whole).status == 0)
    let count = whole.count
    for index in [0, 1, count / 2, count - 3, count - 2, count - 1] {
      var altered = whole
      let place = altered[index].firstIndex { "123456789".contains($0) } ?? altered[index].startIndex
      altered[index].replaceSubrange(place...place, with: altered[index][place] == "7" ? "3" : "7")
      var removed = whole
      removed.remove(at: index)
      var doubled = whole
      doubled.insert(whole[index], at: index)
      var swapped = whole
      swapped.swapAt(index, (index + 1) % count)
      for lines in [altered, removed, doubled, swapped] {
        let outcome = try verify(lines)
        #expect(outcome.status == 1 && outcome.errors.contains("l.jsonl:"), "\(index): \(outcome)")
      }
    }
  }

  @Test("says that nothing was promised where nothing was")
  func withoutPrivacy() throws {
    let folder = try Self.folder(with: "fedavg", "--set", "privacy=none")
    let text = try folder.run("audit-trail", "r").output
    #expect(text.contains("promise   none"))
    #expect(text.contains("participations"))
  }
}
