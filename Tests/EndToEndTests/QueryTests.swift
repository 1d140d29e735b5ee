import Foundation
import Scenarios
import Testing

@Suite("Queries", .tags(.endToEnd))
struct QueryTests {
  private func scenario(_ queries: String, privacy: String = "{}", population: String? = nil) -> String {
    let market = """
      { kind: "market", clients: 300, examplesPerClient: { median: 8, spread: 0.5, minimum: 1, maximum: 60 },
        items: 50, categories: 5, segments: 3, positiveRate: 0.2 }
      """
    return """
      { name: "q", seed: 4, population: \(population ?? market), privacy: \(privacy), queries: { \(queries) } }
      """
  }

  private static let table = """
    { kind: "table", columns: { action: ["view", "buy"] },
      groups: { buyers: { clients: 50, record: { action: "buy" } }, viewers: { clients: 50, record: { action: "view" } } } }
    """

  private func answers(_ json: JSONValue, of query: String? = nil) -> [JSONValue] {
    guard case .array(let answers)? = json["answers"] else { return [] }
    return answers.filter { query == nil || $0["query"] == .string(query ?? "") }
  }

  private func lines(_ answer: JSONValue) -> [JSONValue] {
    if case .array(let lines)? = answer["lines"] { return lines }
    return []
  }

  private static let everyKind = """
    count: { kind: "count", where: { action: ["purchase"] }, maximumPerClient: 5, epsilon: 1 },
    sum: { kind: "sum", field: "price", maximumPerClient: 5, epsilon: 1 },
    mean: { kind: "mean", field: "price", upper: 200, maximumPerClient: 5, epsilon: 1 },
    ratio: { kind: "ratio", of: { action: ["purchase"] }, maximumPerClient: 5, epsilon: 1 },
    histogram: { kind: "histogram", by: ["segment", "action"], maximumPerClient: 5, epsilon: 1, minimumCount: 100 },
    quantile: { kind: "quantile", field: "price", quantile: 0.9, maximumPerClient: 5, epsilon: 1 },
    top: { kind: "top", field: "category", choices: 2, epsilon: 1 },
    """

  @Test(
    "have the same answers, to the bit, whatever the number of workers",
    arguments: [#"{}"#, #"{ trust: "local", adjacency: "replace-one" }"#])
  func workers(privacy: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("q.json5", scenario(Self.everyKind, privacy: privacy))
    let one = try folder.run("query", "q.json5", "--workers", "1", "--out", "a", "--json")
    #expect(one.status == 0, "\(one.errors)")
    let five = try folder.run("query", "q.json5", "--workers", "5", "--out", "b", "--json")
    #expect(try one.json()["digest"] == five.json()["digest"])
    for file in ["query.json", "answers.csv", "ledger.jsonl", "report.html"] {
      #expect(try folder.text("a/\(file)") == folder.text("b/\(file)"))
    }
    #expect(answers(try one.json()).count == 7)
    let other = try folder.run("query", "q.json5", "--seed", "5", "--json").json()
    #expect(try other["digest"] != one.json()["digest"])
  }

  @Test(
    "know the truth: with an ε beyond reason and no bound in the way they give it",
    arguments: [
      #"{}"#, #"{ trust: "local", adjacency: "replace-one" }"#,
    ])
  func truth(privacy: String) throws {
    let folder = try TemporaryFolder()
    let generous = Self.everyKind.replacingOccurrences(of: "epsilon: 1", with: "epsilon: 1000")
      .replacingOccurrences(of: "maximumPerClient: 5", with: "maximumPerClient: 60")
      .replacingOccurrences(
        of: #"sum: { kind: "sum", field: "price","#, with: #"sum: { kind: "sum", field: "price", upper: 200,"#
      )
      .replacingOccurrences(of: "minimumCount: 100", with: "minimumCount: 0")
    try folder.write("q.json5", scenario(generous, privacy: privacy))
    for answer in answers(try folder.run("query", "q.json5", "--json").json()) {
      if answer["query"] == .string("top") {
        #expect((answer["hitRate"]?.asDouble ?? 0) > 0.99)
        continue
      }
      for line in lines(answer) {
        let (released, truth) = (line["released"]?.asDouble ?? .nan, line["truth"]?.asDouble ?? .nan)
        #expect(abs(released - truth) <= 0.01 * abs(truth), "\(answer)")
      }
    }
  }

  @Test("err as the variance of their noise says, for the textbook's ratio with each denominator")
  func error() throws {
    let folder = try TemporaryFolder()
    let path = Program.repository.appendingPathComponent("scenarios/queries/buy-ratio.json5").path
    let json = try folder.run("query", path, "--out", "q", "--json").json()
    for query in ["public denominator", "noisy denominator", "buyers and others"] {
      let answers = answers(json, of: query)
      #expect(answers.count == 6)
      let errors = answers.compactMap { $0["measuredError"]?.asDouble }
      // A larger ε is less private and more accurate.
      #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 })
      for answer in answers {
        let epsilon = answer["epsilon"]?.asDouble ?? 0
        // Where the noise is small against the count, so that the first order of a ratio's error is all of it, and large
        // enough to be seen. 2 000 draws of Laplace noise measure a deviation to 2.5 %: six of those.
        guard epsilon >= 0.5 && epsilon <= 2 else { continue }
        let (measured, predicted) = (
          answer["measuredError"]?.asDouble ?? 0, answer["predictedError"]?.asDouble ?? 1
        )
        #expect(abs(measured / predicted - 1) < 0.15, "\(query), ε \(epsilon): \(measured), \(predicted)")
      }
      // Discrete Laplace noise of scale 1/ε on a count of 100: its variance is 2r/(1 − r)² with r = e^−ε.
      if query == "public denominator" {
        let r = exp(-1.0)
        #expect(abs((answers[3]["predictedError"]?.asDouble ?? 0) - (2 * r).squareRoot() / (1 - r) / 100) < 1e-12)
      }
    }
  }

  @Test("are refused beyond the budget, before a client is asked, and cheaper ones are still answered")
  func budget() throws {
    let folder = try TemporaryFolder()
    let queries = """
      a: { kind: "count", epsilon: 0.5 }, b: { kind: "count", epsilon: [1, 0.4] }, c: { kind: "count", epsilon: 0.1 }
      """
    try folder.write("q.json5", scenario(queries, privacy: "{ budget: 1 }"))
    let outcome = try folder.run("query", "q.json5", "--out", "q")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("refused: over the budget"))
    let json = try folder.json("q/query.json")
    #expect(
      answers(json).map { $0["status"] } == ["answered", "refused", "answered", "answered"].map { .string($0) })
    #expect(try folder.releases("q/ledger.jsonl").count == 3)
    #expect(abs((json.at("privacy.epsilon")?.asDouble ?? 0) - 1) < 1e-5)
  }

  @Test("are in a ledger from which anyone gets the same ε, and which an auditor can read")
  func ledger() throws {
    let folder = try TemporaryFolder()
    try folder.write("q.json5", scenario(Self.everyKind))
    let json = try folder.run("query", "q.json5", "--out", "q", "--json").json()
    let account = try folder.run(
      "account", "--ledger", "q/ledger.jsonl", "--delta", "1e-6", "--accountant", "pure", "--json"
    ).json()
    let epsilon = try #require(json.at("privacy.epsilon")?.asDouble)
    #expect(account["epsilon"]?.asDouble == epsilon)
    // Seven answers of ε = 1; ε is rounded down to whole multiples of 2⁻²⁰.
    #expect(abs(epsilon - 7) < 1e-4 && epsilon <= 7)
    let audit = try folder.run("audit-trail", "q").output
    #expect(audit.contains("query \"histogram\": histogram"))
    #expect(try folder.run("audit-trail", "q", "--verify").status == 0)
  }

  @Test("withhold cells below the minimum count, and only those")
  func withheld() throws {
    let folder = try TemporaryFolder()
    try folder.write("q.json5", scenario(Self.everyKind))
    let json = try folder.run("query", "q.json5", "--json").json()
    let cells = try lines(#require(answers(json, of: "histogram").first))
    let shown = cells.compactMap { $0["released"]?.asDouble }
    #expect(cells.count == 9 && shown.count < 9 && shown.count > 0)
    #expect(shown.allSatisfy { $0 >= 100 })
  }

  @Test("name a mistake and write nothing")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    try folder.write("q.json5", scenario(#"a: { kind: "cuont", epsilon: 1 }"#))
    let outcome = try folder.run("query", "q.json5")
    #expect(outcome.status == 2 && outcome.errors.contains("did you mean \"count\"?"))
    #expect(try folder.contents() == ["q.json5"])
    try folder.write("good.json5", scenario(#"a: { kind: "count", epsilon: 1 }"#))
    #expect(try folder.run("validate", "good.json5").json().at("queries.a.maximumPerClient") == .integer(1))
    let run = try folder.run("run", "good.json5")
    #expect(run.status == 2 && run.errors.contains("ask them with fedsim query"))
  }
}
