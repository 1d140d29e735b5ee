import Foundation
import Scenarios
import Testing

/// δ for an ε, and curves with their pictures.
@Suite("Curves of an accountant", .tags(.endToEnd))
struct AccountCurveTests {
  private static let plan = ["--sampling-rate", "0.1", "--noise-multiplier", "1.2", "--rounds", "50"]

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> Program.Outcome {
    try Program.run(["account"] + Self.plan + arguments, in: folder.url)
  }

  @Test("δ at an ε is the one whose ε it is", arguments: ["pld", "rdp"])
  func delta(accountant: String) throws {
    let folder = try TemporaryFolder()
    let epsilon = try run(folder, "--delta", "1e-5", "--accountant", accountant, "--json").json()
    let upper = try #require(epsilon["epsilon"]?.asDouble)
    let back = try run(folder, "--epsilon", "\(upper)", "--accountant", accountant, "--json").json()
    let delta = try #require(back["delta"]?.asDouble)
    // Two bounds, computed apart.
    #expect(abs(delta / 1e-5 - 1) < 0.02 && back["epsilon"]?.asDouble == upper)
    let lower = back["deltaLowerBound"]?.asDouble
    #expect(accountant == "pld" ? (lower ?? 1) < delta && (lower ?? 0) > 0.9 * delta : lower == nil)
    // And back: to within the width of the brackets.
    let again = try run(folder, "--delta", "\(delta)", "--accountant", accountant, "--json").json()
    #expect(try #require(again["epsilon"]?.asDouble) <= upper * 1.005)
    let text = try run(folder, "--epsilon", "\(upper)", "--accountant", accountant).output
    #expect(text.hasPrefix("δ ≤ \(delta)") && text.contains("at ε = \(upper) (add-or-remove, \(accountant))"))
  }

  @Test("a Gaussian's δ is Φ(1/2 − ε) − e^ε·Φ(−1/2 − ε) (Balle and Wang 2018, theorem 8)")
  func gaussian() throws {
    let folder = try TemporaryFolder()
    let outcome = try folder.run(
      "account", "--sampling-rate", "1", "--noise-multiplier", "1", "--rounds", "1", "--epsilon", "1", "--json")
    let delta = try #require(outcome.json()["delta"]?.asDouble)
    // By Python's statistics.NormalDist.
    #expect(abs(delta / 0.1269367 - 1) < 1e-3)
  }

  @Test("are printed, and are in JSON where they are asked for")
  func table() throws {
    let folder = try TemporaryFolder()
    let json = try run(folder, "--curve", "--json").json()
    guard case .array(let points)? = json["curve"], case .array(let errors)? = json["tradeOff"] else {
      Issue.record("no curve")
      return
    }
    #expect(points.count > 20 && errors.count > 100 && json["epsilon"] == nil)
    let at = try #require(points.first { $0["delta"]?.asDouble == 1e-5 }?["epsilon"]?.asDouble)
    let alone = try run(folder, "--delta", "1e-5", "--json").json()
    #expect(alone["epsilon"]?.asDouble == at && alone["curve"] == nil)
    let text = try run(folder, "--curve", "--delta", "1e-5", "--accountant", "pld,zcdp").output
    #expect(text.hasPrefix("ε ≤ ") && text.contains("false negatives, at least"))
    #expect(text.contains("no answer: the zcdp accountant") && !text.contains("\nzcdp\n"))
  }

  @Test("are drawn into a page, or into two files, and replace nothing")
  func picture() throws {
    let folder = try TemporaryFolder()
    let page = try run(folder, "--delta", "1e-5", "--accountant", "pld,rdp,pure", "--out", "c.html")
    #expect(page.status == 0 && page.output.contains("picture   c.html"))
    let html = try folder.text("c.html")
    for words in ["ε at each δ", "Errors of any attacker", "guessing", "ε ≤ ", "Figures by the rdp accountant"] {
      #expect(html.contains(words), "\(words)")
    }
    #expect(!html.contains("https://") && !html.contains("Figures by the pure"))
    #expect(try run(folder, "--out", "c.svg").status == 0)
    #expect(try folder.contents() == ["c-trade-off.svg", "c.html", "c.svg"])
    for name in ["c.svg", "c-trade-off.svg"] { #expect(try folder.text(name).hasPrefix("<svg")) }
    let again = try run(folder, "--delta", "1e-5", "--out", "c.html")
    #expect(again.status == 2 && again.errors.contains("c.html: exists already"))
    let refused = try run(folder, "--accountant", "pure", "--out", "d.html")
    #expect(refused.status == 2 && refused.errors.contains("the pure accountant"))
    #expect(try run(folder, "--out", "c.pdf").errors.contains("ends in .html or .svg"))
    #expect(try run(folder, "--delta", "1e-5", "--epsilon", "1").errors.contains("leave one of them out"))
    #expect(try folder.contents() == ["c-trade-off.svg", "c.html", "c.svg"])
  }

  @Test("are of ledgers, too")
  func ledgers() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    for seed in ["1", "2"] {
      #expect(try folder.run("run", "s.json5", "--quiet", "--seed", seed, "--out", seed).status == 0)
    }
    let outcome = try folder.run(
      "account", "--ledger", "1", "--ledger", "2", "--epsilon", "10", "--out", "c.html", "--json")
    let delta = try #require(outcome.json()["delta"]?.asDouble, "\(outcome)")
    let back = try folder.run("account", "--ledger", "1", "--ledger", "2", "--delta", "\(delta)", "--json").json()
    #expect(try #require(back["epsilon"]?.asDouble) <= 10 * 1.005)
    #expect(try folder.text("c.html").contains("2 ledgers together: 24 releases, unit client, add-or-remove."))
  }
}
