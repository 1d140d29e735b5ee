import Foundation
import Scenarios
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("fedsim check", .tags(.endToEnd))
struct CheckTests {
  /// Two scenarios, one of which learns intervals, with their baselines.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("r"), withIntermediateDirectories: true)
    func write(_ name: String, _ text: String, check: String) throws {
      try folder.write("r/\(name).json5", text.replacingOccurrences(of: "seed:", with: "check: \(check), seed:"))
    }
    try write("market", SmallScenario.market, check: "{ seeds: 5 }")
    try write("dense", SmallScenario.synthetic, check: "{ tolerance: 0.01 }")
    try folder.write("r/unchecked.json5", SmallScenario.withoutPrivacy)
    let outcome = try folder.run("check", "r", "--update")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("a new baseline: digest") && outcome.output.contains("all 2 fine"))
    #expect(
      try folder.contents("r") == [
        "dense.baseline.json", "dense.json5", "market.baseline.json", "market.json5", "unchecked.json5",
      ])
    return folder
  }

  private func edit(_ folder: TemporaryFolder, _ name: String, _ old: String, _ new: String) throws {
    let text = try folder.text(name)
    #expect(text.contains(old))
    try folder.write(name, text.replacingOccurrences(of: old, with: new))
  }

  @Test("passes on baselines that were just written, one line a scenario, and writes nothing")
  func passes() throws {
    let folder = try folder()
    let before = try folder.text("r/market.baseline.json")
    let outcome = try folder.run("check", "r", "--jobs", "2")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.split(separator: "\n").count == 3)
    #expect(outcome.output.contains("exact, metrics, privacy"))
    // Written anew, a baseline does not change by a byte.
    let again = try folder.run("check", "r", "--update")
    #expect(again.output.contains("nothing changed"))
    #expect(try folder.text("r/market.baseline.json") == before)
  }

  @Test("fails with status 1 and says what moved, how unlikely that is, and why")
  func fails() throws {
    let folder = try folder()
    try edit(folder, "r/market.json5", "learningRate: 0.1 }", "learningRate: 3 }")
    try edit(folder, "r/market.json5", "epsilon: 8", "epsilon: 9")
    let outcome = try folder.run("check", "r", "--junit", "j.xml", "--summary", "s.md")
    #expect(outcome.status == 1)
    for words in [
      "FAILED   market", "ok       dense", "exact: the digest was", "privacy: ε rose from",
      "the ledger's events changed",
      "likely cause: the scenario was edited: privacy.epsilon was 8, now it is 9",
      "training.server.learningRate was 0.1, now it is 3",
      "round 1 of 12 is the first after which the model differs",
      "learned from 5 seeds; by chance in", "1 of 2 failed",
    ] {
      #expect(outcome.output.contains(words), "\(words)\n\(outcome.output)")
    }
    #expect(!outcome.output.contains("::error"))
    let summary = try folder.text("s.md")
    for words in [
      "## fedsim check: 1 of 2 failed", "| dense | ok |", "| market | **failed** |", "```text", "[", "o",
    ] {
      #expect(summary.contains(words), "\(words)")
    }
    // A job's summary is shared by its steps: nothing of theirs is lost.
    #expect(try folder.run("check", "r", "--summary", "s.md").status == 1)
    #expect(try folder.text("s.md") == summary + summary || folder.text("s.md").hasPrefix(summary))
    let update = try folder.run("check", "r", "--update")
    #expect(update.status == 0 && update.output.contains("because the scenario was edited: privacy.epsilon was 8"))
    #expect(try folder.run("check", "r").status == 0)
  }

  /// Collects elements with their attributes.
  private final class Elements: NSObject, XMLParserDelegate {
    var all: [(name: String, parent: String, attributes: [String: String])] = []
    private var open: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      all.append((name, open.last ?? "", attributes))
      open.append(name)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      open.removeLast()
    }
  }

  @Test("writes JUnit XML as the common schema wants it")
  func junit() throws {
    let folder = try folder()
    try edit(folder, "r/dense.json5", "noiseMultiplier: 1.5", "noiseMultiplier: 1.4")
    #expect(try folder.run("check", "r", "--junit", "j.xml").status == 1)
    let parser = XMLParser(data: try Data(contentsOf: folder.url.appendingPathComponent("j.xml")))
    let elements = Elements()
    parser.delegate = elements
    #expect(parser.parse())
    // testsuites > testsuite > testcase > failure, with the attributes that the schema requires.
    let parents = ["testsuites": "", "testsuite": "testsuites", "testcase": "testsuite", "failure": "testcase"]
    let required = [
      "testsuites": ["name", "tests", "failures", "errors", "time"],
      "testsuite": ["name", "tests", "failures", "errors", "skipped", "time"],
      "testcase": ["name", "classname", "time"], "failure": ["message", "type"],
    ]
    // Attributes beyond these are not in the schema of Jenkins' xUnit plugin (junit-10.xsd), which refuses them.
    let allowed = [
      "testsuites": ["name", "tests", "failures", "errors", "time"],
      "testsuite": [
        "name", "tests", "failures", "errors", "skipped", "time", "group", "timestamp", "hostname", "id", "package",
        "file", "log", "url",
      ],
      "testcase": ["name", "classname", "time", "group"], "failure": ["message", "type"],
      "error": ["message", "type"],
    ]
    for element in elements.all {
      #expect(Set(element.attributes.keys).isSubset(of: allowed[element.name] ?? []), "\(element)")
      #expect(parents[element.name] == element.parent)
      #expect((required[element.name] ?? ["?"]).allSatisfy { element.attributes[$0] != nil }, "\(element)")
    }
    let suite = try #require(elements.all.first { $0.name == "testsuite" })
    #expect(
      suite.attributes["tests"] == "2" && suite.attributes["failures"] == "1" && suite.attributes["errors"] == "0")
    #expect(elements.all.count { $0.name == "testcase" } == 2 && elements.all.count { $0.name == "failure" } == 1)
    #expect(
      elements.all.first { $0.name == "failure" }?.attributes["type"] == "exact,metrics,privacy"
        || elements.all.first { $0.name == "failure" }?.attributes["type"] == "exact,privacy")
  }

  @Test("annotates the scenario's file where GitHub runs it")
  func annotations() throws {
    let folder = try folder()
    try edit(folder, "r/dense.json5", "noiseMultiplier: 1.5", "noiseMultiplier: 1.4")
    let outcome = try Program.shell("GITHUB_ACTIONS=true \"$FEDSIM\" check r", in: folder.url)
    #expect(outcome.status == 1)
    let lines = outcome.output.split(separator: "\n").filter { $0.hasPrefix("::error ") }
    #expect(lines.count == 1)
    #expect(lines[0].hasPrefix("::error file=r/dense.json5,line=1,title=fedsim check%3A dense::exact: "))
    #expect(lines[0].contains("%0Alikely cause: the scenario was edited"))
  }

  @Test("notices that shards changed, and that a scenario cannot run")
  func dataAndBreakage() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    #expect(try folder.run("generate", "s.json5", "--out", "r").status == 0)
    try edit(folder, "r/scenario.json5", "\"name\"", "\"check\": {}, \"name\"")
    #expect(try folder.run("check", "r", "--update").status == 0)
    let shards = try folder.text("r/train.svm")
    try folder.write("r/train.svm", String(shards.drop { $0 != "\n" }.dropFirst()))
    let changed = try folder.run("check", "r")
    #expect(changed.status == 1 && changed.output.contains("the data changed: the shards hold something else"))
    try folder.write("r/train.svm", "7 nonsense\n")
    let broken = try folder.run("check", "r", "--junit", "j.xml")
    #expect(
      broken.status == 3 && broken.output.contains("BROKEN   scenario") && broken.output.contains("train.svm:1"))
    #expect(try folder.text("j.xml").contains("<error type=\"run\""))
  }

  @Test("answers mistakes with the remedy")
  func mistakes() throws {
    let folder = try folder()
    func errors(_ arguments: String...) throws -> String {
      let outcome = try Program.run(["check"] + arguments, in: folder.url)
      #expect(outcome.status == 2)
      return outcome.errors
    }
    #expect(try errors().contains("scenarios/regression: no such folder"))
    #expect(try errors("nowhere").contains("nowhere: no such folder"))
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
    #expect(try errors("empty").contains("no scenario in it has a baseline; give a scenario a check section"))
    let text = try folder.text("r/dense.baseline.json")
    try folder.write("r/dense.baseline.json", String(text.prefix(50)))
    #expect(
      try errors("r").contains(
        "dense.baseline.json: is not JSON; was it cut short? Write it anew with fedsim check --update"))
    try folder.write("r/dense.baseline.json", text)
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("r/dense.json5"))
    #expect(
      try errors("r").contains("r/dense.baseline.json: its scenario is gone; bring it back, or remove the baseline")
    )
    try folder.write("r/dense.json5", "{")
    #expect(try errors("r").contains("r/dense.json5"))
    try edit(folder, "r/market.json5", "check: { seeds: 5 }", "check: { seeds: 5, tolerance: 0.1 }")
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("r/dense.baseline.json"))
    #expect(try errors("r").contains("check.seeds: is given with tolerance; keep one of them"))
  }

  @Test("of the project's own scenarios passes within a minute")
  func ownScenarios() throws {
    let outcome = try Program.run(["check"], in: Program.repository)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
