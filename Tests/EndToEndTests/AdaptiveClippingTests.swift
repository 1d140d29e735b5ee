import Foundation
import Scenarios
import Testing

/// Andrew et al. 2021: the clipping norm follows a quantile of the updates' norms, paid for out of the same budget.
@Suite("Adaptive clipping", .tags(.endToEnd))
struct AdaptiveClippingTests {
  static let scenario = SmallScenario.market.replacingOccurrences(
    of: "privacy: { epsilon: 8",
    with: "privacy: { adaptiveClipping: { quantile: 0.5, learningRate: 0.3, countNoiseMultiplier: 10 }, epsilon: 8"
  ).replacingOccurrences(of: "rounds: 12", with: "rounds: 60")

  private func run(_ folder: TemporaryFolder, _ out: String, _ arguments: String...) throws -> JSONValue {
    let outcome = try Program.run(["run", "s.json5", "--out", out, "--json"] + arguments, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  private func norms(_ folder: TemporaryFolder, _ out: String) throws -> [Double] {
    let lines = try folder.text("\(out)/rounds.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = try #require(lines[0].firstIndex(of: "clipping_norm"))
    return lines.dropFirst().compactMap { Double($0[column]) }
  }

  @Test("gives the same digest for any number of workers")
  func digests() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let first = try run(folder, "a", "--workers", "1")["digest"]
    #expect(try run(folder, "b", "--workers", "4")["digest"] == first)
    #expect(try norms(folder, "a") == norms(folder, "b"))
  }

  @Test("finds the same norm from far below and from far above")
  func convergence() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    _ = try run(folder, "low", "--set", "privacy.clippingNorm=0.05")
    _ = try run(folder, "high", "--set", "privacy.clippingNorm=50")
    let (low, high) = (try norms(folder, "low"), try norms(folder, "high"))
    #expect(low.count == 60 && low[0] == 0.05 && high[0] == 50)
    func late(_ norms: [Double]) -> Double { norms.suffix(15).reduce(0, +) / 15 }
    #expect(late(low) > 0.3 && late(high) < 8)
    #expect(late(high) / late(low) < 2.5)
  }

  @Test("pays for the count: the ledger has both parts, and the whole is what was calibrated")
  func ledger() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let result = try run(folder, "r")
    let calibrated = try #require(result.at("privacy.noiseMultiplier")?.asDouble)
    #expect(try #require(result.at("privacy.epsilon")?.asDouble) <= 8)
    let lines = try folder.releases("r/ledger.jsonl")
    let norms = try norms(folder, "r")
    #expect(lines.count == 60)
    for (line, norm) in zip(lines, norms) {
      func number(_ key: String) throws -> Double { try #require(line[key]?.asDouble) }
      #expect(try number("sensitivity") == norm)
      let sum = try number("noiseStandardDeviation") / number("sensitivity")
      let count = try number("countNoiseMultiplier")
      // Theorem 1 of the paper: z^−2 = z_Δ^−2 + c^−2.
      #expect(abs(1 / (sum * sum) + 1 / (count * count) - 1 / (calibrated * calibrated)) < 1e-12)
      #expect(abs(try number("noiseMultiplier") / calibrated - 1) < 1e-12)
      #expect(sum > calibrated)
    }
    let account = try folder.run("account", "--ledger", "r/ledger.jsonl", "--delta", "1e-5", "--json").json()
    #expect(account["epsilon"] == result.at("privacy.epsilon"))
  }

  @Test("refuses a count with less noise than the whole, and local trust")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let loud = try folder.run(
      "run", "s.json5", "--set", "privacy.adaptiveClipping.countNoiseMultiplier=0.5")
    #expect(loud.status == 2 && loud.errors.contains("of which the count takes a part"))
    let local = try folder.run(
      "run", "s.json5", "--set", "privacy.trust=local", "--set", "privacy.adjacency=replace-one")
    #expect(local.status == 2 && local.errors.contains("needs central trust"))
    #expect(try folder.contents() == ["s.json5"])
  }
}
