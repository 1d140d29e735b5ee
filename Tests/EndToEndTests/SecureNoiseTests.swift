import Foundation
import Scenarios
import Testing

/// With `--secure-noise`, nothing that a guarantee rests on follows from the seed.
@Suite("Secure noise", .tags(.endToEnd))
struct SecureNoiseTests {
  private func run(_ folder: TemporaryFolder, _ out: String, _ arguments: String...) throws -> JSONValue {
    let outcome = try Program.run(["run", "s.json5", "--out", out, "--json"] + arguments, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  /// How many clients each round drew.
  private func sizes(_ folder: TemporaryFolder, _ out: String) throws -> [Substring] {
    try folder.text("\(out)/rounds.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
  }

  @Test(
    "is not reproducible, says so, and draws the cohorts too where sampling amplifies",
    arguments: ["", #"training.cohort={"sampling": "full"}"#])
  func central(change: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let changes = change.isEmpty ? [] : ["--set", change]
    func run(_ out: String, _ more: String...) throws -> JSONValue {
      let outcome = try Program.run(["run", "s.json5", "--out", out, "--json"] + more + changes, in: folder.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.json()
    }
    let first = try run("a", "--secure-noise")
    let second = try run("b", "--secure-noise")
    #expect(first["digest"] != second["digest"])
    #expect(first.at("privacy.randomness") == .string("the system's secure generator (not reproducible)"))
    #expect(first.at("privacy.epsilon") == second.at("privacy.epsilon"))
    let seeded = try run("c")
    guard case .string(let holds)? = first.at("privacy.holds"),
      case .string(let weaker)? = seeded.at("privacy.holds")
    else {
      Issue.record("no run says against whom its guarantee holds")
      return
    }
    #expect(weaker.contains("do not know the seed"))
    // Twelve binomial sizes are all equal in one of 10⁸ runs.
    if change.isEmpty {
      #expect(try sizes(folder, "a") != sizes(folder, "b"))
      #expect(try sizes(folder, "a") != sizes(folder, "c"))
      #expect(holds.contains("noise and cohorts") && weaker.contains("noise and cohorts"))
    } else {
      #expect(!holds.contains("cohorts") && !weaker.contains("cohorts"))
    }
  }

  @Test("leaves the cohorts where everyone sees who takes part: the most participations are known beforehand")
  func local() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", LocalTrustTests.scenario)
    let first = try run(folder, "a", "--secure-noise")
    let second = try run(folder, "b", "--secure-noise")
    #expect(first["digest"] != second["digest"])
    #expect(try sizes(folder, "a") == sizes(folder, "b"))
    #expect(first.at("privacy.epsilon") == second.at("privacy.epsilon"))
  }

  @Test("pays for updates that a replaced worker may have sent twice, where clients add the noise")
  func repeatedUpdates() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", LocalTrustTests.scenario)
    let failing = "faults.workers={garbage: 0.3, timeoutSeconds: 20}"
    func releases(_ out: String) throws -> Int { try folder.releases("\(out)/ledger.jsonl").count }
    let calm = try run(folder, "calm", "--workers", "1", "--secure-noise")
    let repeated = try run(folder, "repeated", "--workers", "1", "--secure-noise", "--set", failing)
    let seeded = try run(folder, "seeded", "--workers", "1", "--set", failing)
    let replaced = try #require(repeated.at("timing.workerRestarts")?.asDouble)
    #expect(replaced > 0)
    #expect(try releases("repeated") > releases("calm"))
    #expect(
      try #require(repeated.at("privacy.epsilon")?.asDouble) > #require(calm.at("privacy.epsilon")?.asDouble))
    // Seeded updates are the same bits again.
    #expect(try releases("seeded") == releases("calm"))
    #expect(seeded.at("privacy.epsilon") == calm.at("privacy.epsilon"))
  }

  @Test("is refused where a run could release a round twice, and where there is no noise")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    for arguments in [["--resume"], ["--checkpoint-every", "5"]] {
      let outcome = try Program.run(["run", "s.json5", "--secure-noise"] + arguments, in: folder.url)
      #expect(outcome.status == 2 && outcome.errors.contains("two models of one round would be out"))
    }
    let open = try folder.run("run", "s.json5", "--secure-noise", "--set", "privacy=none")
    #expect(open.status == 2 && open.errors.contains("has no privacy section"))
    #expect(try folder.contents() == ["s.json5"])
  }
}
