import Foundation
import Scenarios
import Testing

/// Plans in the words of centralised training.
@Suite("Plans", .tags(.endToEnd))
struct PlanTests {
  private func run(_ arguments: String...) throws -> Program.Outcome {
    let folder = try TemporaryFolder()
    return try Program.run(arguments, in: folder.url)
  }

  private func number(_ outcome: Program.Outcome, _ path: String) throws -> Double {
    try #require(outcome.json().at(path)?.asDouble, "\(outcome)")
  }

  /// Noise multiplier, epochs, and ε at δ = 10⁻⁵ for 60 000 examples in batches of 256, as TensorFlow Privacy's tutorial on
  /// MNIST states it: by the Rényi accountant of its time, which a sharper one stays below.
  @Test(
    "of batches are Poisson sampling with rate B/N for E·N/B steps",
    arguments: [(1.3, 15, 1.19), (1.1, 60, 3.01), (0.7, 45, 7.10)])
  func tutorial(multiplier: Double, epochs: Int, stated: Double) throws {
    let batches = [
      "--examples", "60000", "--batch-size", "256", "--epochs", "\(epochs)", "--noise-multiplier", "\(multiplier)",
      "--delta", "1e-5",
    ]
    let folder = try TemporaryFolder()
    let words = try Program.run(["account"] + batches + ["--json"], in: folder.url)
    let epsilon = try number(words, "epsilon")
    #expect(epsilon < stated && epsilon > 0.7 * stated)
    let steps = (Double(epochs) * 60000 / 256).rounded(.up)
    #expect(try number(words, "plan.steps") == steps && number(words, "releases") == steps)
    let plain = try run(
      "account", "--sampling-rate", "\(256.0 / 60000)", "--rounds", "\(Int(steps))", "--noise-multiplier",
      "\(multiplier)",
      "--delta", "1e-5", "--json")
    #expect(try number(plain, "epsilon") == epsilon && plain.json()["plan"] == nil)
    let text = try Program.run(["account"] + batches, in: folder.url).output
    #expect(
      text.hasPrefix(
        "plan: 60000 examples, each in a step's batch by itself with probability \(256.0 / 60000), 256 on average; \(Int(steps)) steps, which are \(epochs) epochs; noise multiplier \(multiplier); unit example, add-or-remove\nε ≤ "
      ), "\(text)")
  }

  @Test("are calibrated in the same words")
  func calibrate() throws {
    let batches = ["--examples", "60000", "--batch-size", "600", "--epochs", "10", "--delta", "1e-5"]
    let folder = try TemporaryFolder()
    let found = try Program.run(["calibrate", "--epsilon", "2"] + batches + ["--json"], in: folder.url)
    let multiplier = try number(found, "noiseMultiplier")
    #expect(try number(found, "plan.steps") == 1000 && number(found, "samplingRate") == 0.01)
    let account = try Program.run(
      ["account", "--noise-multiplier", "\(multiplier)"] + batches + ["--json"], in: folder.url)
    #expect(try number(account, "epsilon") == number(found, "epsilon"))
    // Without epochs, their number is what is found.
    let rounds = try run(
      "calibrate", "--examples", "60000", "--batch-size", "600", "--noise-multiplier", "\(multiplier)", "--epsilon",
      "2",
      "--delta", "1e-5", "--json")
    #expect(try abs(number(rounds, "rounds") - 1000) <= 20)
    #expect(try number(rounds, "plan.epochs") == number(rounds, "rounds") / 100)
    let text = try Program.run(["calibrate", "--epsilon", "2"] + batches, in: folder.url).output
    #expect(text.hasPrefix("plan: 60000 examples") && text.contains("\nnoise multiplier "))
  }

  @Test("measure noise against the clipping norm, and say what that is where a unit is replaced")
  func replaced() throws {
    // dp-accounting 0.6.0, PLDAccountant, REPLACE_ONE: see replace_one_reference.csv.
    let plan = ["--sampling-rate", "0.01", "--rounds", "100", "--delta", "1e-6", "--adjacency", "replace-one"]
    let folder = try TemporaryFolder()
    let found = try number(
      Program.run(["account", "--noise-multiplier", "1", "--json"] + plan, in: folder.url), "epsilon")
    #expect(abs(found / 1.1104284482175881 - 1) < 0.003)
    let calibrated = try Program.run(["calibrate", "--epsilon", "\(found)"] + plan, in: folder.url).output
    #expect(
      calibrated.hasPrefix("noise multiplier 1.0 of the clipping norm (0.5 of what replacing a unit moves"),
      "\(calibrated)")
  }

  @Test("of whole passes are on everyone, and of fixed batches are sampled without replacement")
  func sampling() throws {
    let all = try run(
      "account", "--examples", "500", "--batch-size", "500", "--epochs", "10", "--noise-multiplier", "5", "--delta",
      "1e-5", "--json")
    let full = try run(
      "account", "--sampling-rate", "1", "--rounds", "10", "--noise-multiplier", "5", "--delta", "1e-5", "--json")
    #expect(try number(all, "epsilon") == number(full, "epsilon"))
    let fixed = [
      "--examples", "1000", "--batch-size", "100", "--epochs", "2", "--noise-multiplier", "2", "--delta", "1e-5",
      "--sampling", "fixed-size", "--accountant", "rdp", "--json",
    ]
    let folder = try TemporaryFolder()
    let replaced = try Program.run(["account", "--adjacency", "replace-one"] + fixed, in: folder.url)
    #expect(
      try replaced.json()["adjacency"] == .string("replace-one") && replaced.json()["releases"] == .integer(20))
    #expect(try replaced.json().at("plan.sampling") == .string("fixed-size"))
    #expect(try number(replaced, "epsilon") > 0)
    // About adding and removing, nothing is proved.
    let added = try Program.run(["account"] + fixed, in: folder.url)
    #expect(added.status == 2 && added.errors.contains("proves nothing about fixed-size-sampled-gaussian"))
    // Epochs that do not come out even take one step more, never one less.
    let odd = try run(
      "account", "--examples", "1000", "--batch-size", "300", "--epochs", "1", "--noise-multiplier", "2", "--delta",
      "1e-5", "--json")
    #expect(try number(odd, "plan.steps") == 4)
  }

  @Test(
    "say each thing once",
    arguments: [
      (["--sampling-rate", "0.1"], "--sampling-rate and --examples"), (["--rounds", "3"], "--rounds and --epochs"),
      (["--sampling", "shuffled"], "--sampling: found \"shuffled\"; allowed: poisson, fixed-size"),
      (["--adjacency", "none"], "--adjacency: found \"none\"; allowed: add-or-remove, replace-one"),
      (["--ledger", "x"], "describes a plan"),
    ])
  func refusals(more: [String], words: String) throws {
    let plan = [
      "account", "--examples", "100", "--batch-size", "10", "--epochs", "2", "--noise-multiplier", "1", "--delta",
      "1e-5",
    ]
    let folder = try TemporaryFolder()
    let outcome = try Program.run(plan + more, in: folder.url)
    #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome)")
  }

  @Test(
    "in words are whole",
    arguments: [
      (["--examples", "100"], "by the first two together"), (["--batch-size", "10"], "by the first two together"),
      (["--epochs", "10"], "by the first two together"),
      (["--examples", "10", "--batch-size", "11"], "--batch-size: found 11; allowed: at most --examples, 10"),
      (["--examples", "10", "--batch-size", "1"], "a plan needs"),
      (["--examples", "1000000000000", "--batch-size", "1", "--epochs", "1000"], "--epochs: make"),
      (
        ["--sampling", "fixed-size", "--sampling-rate", "0.1", "--rounds", "2"], "needs --examples and --batch-size"
      ),
    ])
  func incomplete(options: [String], words: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      ["account", "--noise-multiplier", "1", "--delta", "1e-5"] + options, in: folder.url)
    #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome)")
  }
}
