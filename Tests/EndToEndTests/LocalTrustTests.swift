import FederationProtocol
import Foundation
import Scenarios
import Testing

/// With local trust every client adds its own noise before anything leaves its worker.
@Suite("Local trust", .tags(.endToEnd))
struct LocalTrustTests {
  static let scenario = SmallScenario.market.replacingOccurrences(
    of: "privacy: { epsilon: 8", with: "privacy: { trust: \"local\", adjacency: \"replace-one\", epsilon: 8")

  private func run(_ folder: TemporaryFolder, _ out: String, _ arguments: String...) throws -> JSONValue {
    let outcome = try Program.run(["run", "s.json5", "--out", out, "--json"] + arguments, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  @Test("gives the same digest for any number of workers, and another than central trust")
  func digests() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let first = try run(folder, "a", "--workers", "1")
    #expect(try run(folder, "b", "--workers", "3")["digest"] == first["digest"])
    #expect(try run(folder, "c", "--secure-noise")["digest"] != first["digest"])
    try folder.write("s.json5", SmallScenario.market)
    #expect(try run(folder, "d")["digest"] != first["digest"])
  }

  @Test("accounts for each client over its own participations; ε is that of the busiest")
  func ledger() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let result = try run(folder, "r")
    let lines = try folder.releases("r/ledger.jsonl")
    var counts: [Int: Int] = [:]
    for line in lines {
      #expect(line["mechanism"] == .string("gaussian"))
      guard case .integer(let client)? = line["client"] else {
        Issue.record("an entry names no client")
        return
      }
      counts[client, default: 0] += 1
    }
    // Everyone who was sampled, every time.
    let updates = try #require(result.at("timing.clientUpdates")?.asDouble)
    #expect(Double(lines.count) == updates)
    let busiest = try #require(counts.values.max())
    #expect(busiest < 12 && busiest > 3)
    let multiplier = try #require(result.at("privacy.noiseMultiplier")?.asDouble)
    let plan = try folder.run(
      "account", "--sampling-rate", "1", "--noise-multiplier", "\(multiplier)", "--rounds", "\(busiest)", "--delta",
      "1e-5", "--json"
    ).json()
    #expect(plan["epsilon"] == result.at("privacy.epsilon"))
    #expect(try #require(plan["epsilon"]?.asDouble) <= 8)
    let recomputed = try folder.run("account", "--ledger", "r/ledger.jsonl", "--delta", "1e-5", "--json").json()
    #expect(recomputed["epsilon"] == result.at("privacy.epsilon"))
  }

  @Test(
    "Laplace noise makes every release purely private, by any accountant",
    arguments: ["pld", "rdp", "zcdp", "pure"])
  func laplace(accountant: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let changes = ["--set", "privacy.mechanism=laplace", "--set", "privacy.accountant=\(accountant)"]
    let outcome = try Program.run(
      ["run", "s.json5", "--out", "r", "--json", "--workers", "2"] + changes, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let result = try outcome.json()
    let again = try Program.run(
      ["run", "s.json5", "--out", "q", "--json", "--workers", "1"] + changes, in: folder.url)
    #expect(try again.json()["digest"] == result["digest"])
    #expect(try #require(result.at("privacy.epsilon")?.asDouble) <= 8)
    let line = try #require(folder.releases("r/ledger.jsonl").first)
    #expect(line["mechanism"] == .string("pure"))
    let multiplier = try #require(result.at("privacy.noiseMultiplier")?.asDouble)
    #expect(abs(try #require(line["epsilon"]?.asDouble) * multiplier - 1) < 1e-9)
    // Replacing a client moves the clipped update by 2 in L1 norm; Laplace noise of scale b deviates by √2·b.
    #expect(line["sensitivity"] == .integer(2))
    #expect(abs(try #require(line["noiseStandardDeviation"]?.asDouble) - 2 * multiplier * 2.0.squareRoot()) < 1e-9)
  }

  @Test("noise is in the sums that leave a worker: as many shares as clients")
  func noiseOnTheWire() throws {
    let folder = try TemporaryFolder()
    func firstSum(_ text: String, _ name: String) throws -> [Double] {
      try folder.write("s.json5", text)
      let arguments = ["run", "s.json5", "--workers", "1", "--out", name, "--record-traffic", name + "-traffic"]
      #expect(try Program.run(arguments, in: folder.url).status == 0)
      let bytes = [UInt8](
        try Data(contentsOf: folder.url.appendingPathComponent(name + "-traffic/worker-0.frames")))
      var position = 0
      while position < bytes.count {
        let (kind, length) = try Frame.parseHeader(Array(bytes[position..<position + Frame.headerLength]))
        let start = position + Frame.headerLength
        if kind == .sum,
          case .sum(1, let sums) = try WorkerMessage(
            Frame(kind: kind, body: Array(bytes[start..<start + length])))
        {
          return sums.map(Double.init)
        }
        position = start + length
      }
      return []
    }
    let multiplier = "noiseMultiplier: 2"
    let local = try firstSum(Self.scenario.replacingOccurrences(of: "epsilon: 8", with: multiplier), "local")
    let central = try firstSum(
      SmallScenario.market.replacingOccurrences(of: "epsilon: 8", with: multiplier), "central")
    #expect(local.count == 300 && central.count == 300)
    // The first round trains the same clients on the same model, so the difference is the noise: a Gaussian of
    // variance clients·(2·2·2²⁴)². A chi-square of 300 degrees leaves ±35 % with probability below 10⁻⁵.
    let rounds = try folder.text("local/rounds.csv").split(separator: "\n")
    let clients = try #require(Double(rounds[1].split(separator: ",")[1]))
    let deviation = 4 * 0x1p24
    let variance = zip(local, central).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 300
    #expect(abs(variance / (clients * deviation * deviation) - 1) < 0.35)
  }

  @Test("refuses what it cannot prove or sum exactly")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let adjacency = try folder.run("run", "s.json5", "--set", "privacy.adjacency=add-or-remove")
    #expect(adjacency.status == 2 && adjacency.errors.contains("where everyone sees who takes part"))
    let noisy = try folder.run(
      "run", "s.json5", "--set", "privacy.epsilon=0.001", "--set", "population.clients=1000000", "--set",
      "training.cohort.expectedSize=100000", "--set", "training.rounds=2")
    #expect(noisy.status == 2 && noisy.errors.contains("too much for exact sums"))
    #expect(try folder.contents() == ["s.json5"])
  }

  @Test("a budget ends the run before anyone exceeds it")
  func budget() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", Self.scenario)
    let result = try run(folder, "r", "--set", "privacy.budget=6")
    #expect(result["status"] == .string("budget-reached"))
    #expect(try #require(result.at("privacy.epsilon")?.asDouble) <= 6)
  }
}
