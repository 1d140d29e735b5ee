import Foundation
import Scenarios
import Testing

@Suite("The command line", .tags(.endToEnd))
struct CommandLineTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let words: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let mistakes = [
    Mistake(arguments: ["rnu", "s.json5"], words: "unknown command \"rnu\"; did you mean run?"),
    Mistake(arguments: ["run"], words: "run takes SCENARIO"),
    Mistake(
      arguments: ["run", "s.json5", "--worker", "2"], words: "unknown option --worker; did you mean --workers?"),
    Mistake(
      arguments: ["run", "s.json5", "--workers", "many"],
      words: "--workers: found \"many\"; allowed: a whole number from 1 to 1024"),
    Mistake(arguments: ["run", "s.json5", "--out"], words: "--out needs a value: --out DIR"),
    Mistake(arguments: ["run", "s.json5", "--seed", "1", "--seed", "2"], words: "--seed is given twice"),
    Mistake(arguments: ["run", "s.json5", "--json=yes"], words: "--json takes no value"),
    Mistake(arguments: ["run", "s.json5", "--set", "epsilon"], words: "allowed: PATH=VALUE"),
    Mistake(arguments: ["run", "s.json5", "-w", "2"], words: "options start with two dashes"),
    Mistake(arguments: ["run", "missing.json5"], words: "missing.json5: no such file"),
    Mistake(
      arguments: ["run", "s.json5", "--set", "privacy.epsilno=2"],
      words: "s.json5: privacy.epsilno: unknown key; did you mean epsilon?"),
    Mistake(
      arguments: ["run", "s.json5", "--out", "s.json5/x"], words: "is a file, not a folder; choose another --out"),
    Mistake(arguments: ["run", "s.json5", "--out", "s.json5"], words: "s.json5: exists already"),
    Mistake(
      arguments: ["run", "s.json5", "--record-traffic", "s.json5"], words: "takes a folder that does not exist yet"),
    Mistake(arguments: ["generate", "s.json5"], words: "--out DIR is missing"),
    Mistake(arguments: ["account", "--rounds", "3"], words: "--delta is missing"),
    Mistake(arguments: ["account", "--rounds", "3", "--delta", "1e-5"], words: "a plan needs --sampling-rate"),
    Mistake(
      arguments: ["account", "--rounds", "3", "--delta", "1e-5", "--accountant", "pld,rpd"],
      words: "--accountant: found \"rpd\"; allowed: pld, rdp, zcdp, pure"),
    Mistake(
      arguments: ["account", "--rounds", "3", "--delta", "1e-5", "--accountant", "pld,pld"],
      words: "each can be asked once"),
    Mistake(
      arguments: [
        "account", "--rounds", "3", "--delta", "1e-5", "--sampling-rate", "0.1", "--noise-multiplier", "1",
        "--accountant", "zcdp",
      ], words: "the zcdp accountant proves nothing about poisson-sampled-gaussian"),
    Mistake(
      arguments: ["calibrate", "--rounds", "3", "--epsilon", "1", "--delta", "1e-5"],
      words: "give two of --sampling-rate, --noise-multiplier and --rounds"),
    Mistake(arguments: ["account", "--ledger", "nowhere", "--delta", "1e-5"], words: "nowhere: no such file"),
    Mistake(arguments: ["account", "--ledger", ".", "--delta", "1e-5"], words: ".: holds no ledger.jsonl"),
    Mistake(
      arguments: ["account", "--ledger", "s.json5", "--rounds", "3", "--delta", "1e-5"],
      words: "--rounds describes a plan"),
    Mistake(
      arguments: [
        "calibrate", "--sampling-rate", "2", "--rounds", "1", "--epsilon", "1", "--delta", "1e-5",
      ], words: "--sampling-rate: found \"2\""),
  ]

  @Test("answers mistakes with status 2, what is allowed, and nothing written", arguments: mistakes)
  func refusals(_ mistake: Mistake) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let outcome = try Program.run(mistake.arguments, in: folder.url)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("fedsim: "))
    #expect(outcome.errors.contains(mistake.words), "\(outcome.errors)")
    #expect(try folder.contents() == ["s.json5"])
  }

  @Test("places a scenario's mistakes in its file")
  func scenarioMistake() throws {
    let folder = try TemporaryFolder()
    let wrong = SmallScenario.market.replacingOccurrences(of: "epsilon: 8", with: "epsilno: 8")
    try folder.write("ads.json5", wrong)
    let outcome = try folder.run("run", "ads.json5")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("fedsim: ads.json5:9: privacy.epsilon: neither is given"))
    #expect(outcome.errors.contains("\nads.json5:9: privacy.epsilno: unknown key; did you mean epsilon?"))
    #expect(try folder.contents() == ["ads.json5"])
  }

  @Test("places a shard's mistakes in its file and line")
  func shardMistake() throws {
    let folder = try TemporaryFolder()
    try folder.write("train", "1 qid:a 1:1\n0 qid:a 1:nan\n")
    try folder.write(
      "s.json5",
      """
      { name: "bad", population: { kind: "files", train: "train", heldOut: "train", clients: 10, dimension: 2 },
        training: { rounds: 2, cohort: { sampling: "full" } }, privacy: "none" }
      """)
    let outcome = try folder.run("run", "s.json5", "--out", "r")
    #expect(outcome.status == 2)
    #expect(outcome.errors == "fedsim: train:2: field 3 is not a finite number of single precision\n")
    #expect(try folder.contents() == ["s.json5", "train"])
  }

  @Test("does not overwrite a folder without --force")
  func force() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.withoutPrivacy)
    #expect(try folder.run("run", "s.json5", "--out", "r").status == 0)
    let before = try folder.text("r/run.json")
    let refused = try folder.run("run", "s.json5", "--out", "r", "--seed", "5")
    #expect(refused.status == 2 && refused.errors.contains("--force"))
    #expect(try folder.text("r/run.json") == before)
    #expect(try folder.run("run", "s.json5", "--out", "r", "--seed", "5", "--force").status == 0)
    #expect(try folder.json("r/run.json")["seed"] == .integer(5))
    #expect(try folder.contents() == ["r", "s.json5"])
  }

  @Test("validate prints a scenario that is itself valid and means the same")
  func validate() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let first = try folder.run("validate", "s.json5", "--set", "privacy.epsilon=3")
    #expect(first.status == 0)
    try folder.write("resolved.json5", first.output)
    #expect(try folder.run("validate", "resolved.json5").output == first.output)
    #expect(try first.json().at("privacy.epsilon") == .integer(3))
    #expect(try first.json().at("training.client.proximal") == .integer(0))
  }

  @Test("calibrate and account agree")
  func calibrate() throws {
    let folder = try TemporaryFolder()
    let plan = ["--sampling-rate", "0.02", "--rounds", "500", "--delta", "1e-6", "--json"]
    let calibrated = try Program.run(["calibrate", "--epsilon", "2"] + plan, in: folder.url).json()
    let multiplier = try #require(calibrated["noiseMultiplier"]?.asDouble)
    let account = try Program.run(["account", "--noise-multiplier", "\(multiplier)"] + plan, in: folder.url).json()
    #expect(account["epsilon"] == calibrated["epsilon"])
    #expect(try #require(account["epsilon"]?.asDouble) <= 2)
  }

  @Test("calibrate finds whichever of the three is left out")
  func calibrateAll() throws {
    let folder = try TemporaryFolder()
    let target = ["--epsilon", "3", "--delta", "1e-6", "--json"]
    func solve(_ plan: [String]) throws -> JSONValue {
      try Program.run(["calibrate"] + plan + target, in: folder.url).json()
    }
    let rounds = try solve(["--sampling-rate", "0.01", "--noise-multiplier", "1"])
    let most = try #require(rounds["rounds"]?.asDouble)
    #expect(most > 1500 && most < 3000)
    let rate = try solve(["--rounds", "\(Int(most))", "--noise-multiplier", "1"])
    #expect(abs(try #require(rate["samplingRate"]?.asDouble) / 0.01 - 1) < 0.01)
    let noise = try solve(["--rounds", "\(Int(most))", "--sampling-rate", "0.01"])
    #expect(abs(try #require(noise["noiseMultiplier"]?.asDouble) - 1) < 0.01)
    for found in [rounds, rate, noise] { #expect(try #require(found["epsilon"]?.asDouble) <= 3) }
  }

  @Test("account shows several accountants side by side")
  func sideBySide() throws {
    let folder = try TemporaryFolder()
    let plan = ["--sampling-rate", "1", "--noise-multiplier", "5", "--rounds", "10", "--delta", "1e-5"]
    let outcome = try Program.run(["account"] + plan + ["--accountant", "pld,rdp,zcdp", "--json"], in: folder.url)
    guard case .array(let results) = try outcome.json() else {
      Issue.record("not a list")
      return
    }
    let epsilons = results.compactMap { $0["epsilon"]?.asDouble }
    #expect(results.compactMap { $0["accountant"] } == [.string("pld"), .string("rdp"), .string("zcdp")])
    // The closed form is the sharpest; zCDP is the Rényi bound at the best order.
    #expect(epsilons[0] < epsilons[1] && abs(epsilons[1] / epsilons[2] - 1) < 1e-3)
  }

  @Test("tells its commands, its options and its version")
  func help() throws {
    let folder = try TemporaryFolder()
    let help = try folder.run("--help")
    #expect(help.status == 0)
    for command in ["run", "validate", "schema", "generate", "account", "calibrate"] {
      #expect(help.output.contains("  \(command) "))
      let own = try folder.run(command, "--help")
      #expect(own.status == 0 && own.output.hasPrefix("usage: fedsim \(command)"))
    }
    #expect(!help.output.contains("worker "))
    #expect(try folder.run("--version").output.hasPrefix("fedsim "))
  }
}
