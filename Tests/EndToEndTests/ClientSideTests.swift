import Foundation
import Scenarios
import Testing

/// What clients send, what they keep, and who finds them: runs of the built program.
@Suite("Runs of clients", .tags(.endToEnd))
struct ClientSideTests {
  private func run(
    _ folder: TemporaryFolder, _ out: String, _ settings: [String] = [], workers: Int = 2
  ) throws -> JSONValue {
    let outcome = try attempt(folder, out, settings, workers: workers)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  /// - Parameter settings: each a path and a value.
  private func attempt(
    _ folder: TemporaryFolder, _ out: String, _ settings: [String], workers: Int = 2
  ) throws -> Program.Outcome {
    let arguments = ["run", "s.json5", "--json", "--out", out, "--workers", "\(workers)"]
    return try Program.run(arguments + settings.flatMap { ["--set", $0] }, in: folder.url)
  }

  /// Runs that have to be refused, with a part of the message.
  private func expectRefusals(_ folder: TemporaryFolder, _ refusals: [(settings: [String], message: String)]) throws
  {
    for (settings, message) in refusals {
      let outcome = try attempt(folder, "refused", settings)
      #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome.errors)")
    }
  }

  /// Clips the gradients of examples one by one.
  private static let exampleUnit = [
    "training.client={algorithm: \"fedsgd\"}", "training.cohort={sampling: \"full\"}",
    "privacy={noiseMultiplier: 1, delta: 1e-5, unit: \"example\", exampleSampling: {rate: 0.1, expectedExamples: 60}}",
  ]

  @Test("that shorten their updates give one digest for any number of workers, and say what is sent")
  func compression() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    func up(_ json: JSONValue) throws -> Double { try #require(json.at("traffic.bytesUp")?.asDouble) }
    let whole = try run(folder, "a")
    #expect(whole.at("traffic.bytesDown") == .integer(300 * 4))
    // A list of floats with their places among 300 coordinates; the list is never longer than all of them.
    #expect(try up(whole) < 1200 && up(whole) > 41)
    let variants = [
      #"{bits: 8, range: 0.5}"#, #"{bits: 1, range: 0.1}"#, #"{sparsification: "top-k", share: 0.05}"#,
      #"{sparsification: "random", share: 0.2, bits: 4, range: 0.5}"#,
    ]
    for (index, variant) in variants.enumerated() {
      let setting = "training.compression=\(variant)"
      let one = try run(folder, "one-\(index)", [setting], workers: 1)
      let three = try run(folder, "three-\(index)", [setting], workers: 3)
      #expect(one["digest"] == three["digest"] && one["digest"] != whole["digest"])
      #expect(one["traffic"] == three["traffic"])
      #expect(try up(one) < up(whole))
      // The guarantee is the one that was asked for, whatever rounding does to the sensitivity.
      #expect(one.at("privacy.epsilon") == whole.at("privacy.epsilon"))
    }
    // Nine bits say which of 300 coordinates it is; 15 values at most are kept of 300.
    let top = try #require(try folder.json("one-2/run.json").at("traffic.bytesUp")?.asDouble)
    #expect(top <= 15 * (32 + 9) / 8)
    #expect(try folder.text("one-2/report.html").contains("the largest 5"))
    let setting = "training.compression={bits: 8, range: 0.5}"
    try expectRefusals(
      folder,
      [
        (["privacy.trust=local", "privacy.adjacency=replace-one", setting], "saves nothing with local trust"),
        (Self.exampleUnit + [setting], "shortens the update of a client"),
      ])
  }

  @Test("with a part that each client keeps give one digest for any number of workers, at the same ε")
  func personalisation() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    let plain = try run(folder, "a", ["evaluation.supportShare=0.5"])
    let own = try run(folder, "b", ["training.personalisation={}"], workers: 1)
    #expect(try run(folder, "c", ["training.personalisation={}"], workers: 3)["digest"] == own["digest"])
    #expect(own["digest"] != plain["digest"])
    #expect(own.at("privacy.epsilon") == plain.at("privacy.epsilon"))
    #expect(own.at("metrics.heldOutExamples") == plain.at("metrics.heldOutExamples"))
    #expect(plain.at("metrics.sharedPart") == .null)
    let shared = try #require(own.at("metrics.sharedPart.auc")?.asDouble)
    #expect(try #require(own.at("metrics.auc")?.asDouble) != shared)
    #expect(own.at("metrics.untrained.auc") == .number(0.5))
    #expect(try folder.text("b/report.html").contains("kept by each client"))
    try expectRefusals(
      folder,
      [
        (Self.exampleUnit + ["training.personalisation={}"], "would be in the gradients of all others"),
        (["training.personalisation={adapter: 0, adapterL2: 1}"], "only has a meaning with an adapter above 0"),
      ])
  }

  @Test("that are anonymised and attacked give one digest and one answer for any number of workers")
  func linkage() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    func rate(_ json: JSONValue, _ name: String) throws -> Double {
      try #require(json.at("linkage.\(name)")?.asDouble)
    }
    let attack = "linkage={targets: 60, knownExamples: 3, candidates: 5}"
    let table = try run(
      folder, "a", ["privacy=none", attack, "anonymisation={k: 4, suppression: 0.2}"], workers: 1)
    let same = try run(folder, "b", ["privacy=none", attack, "anonymisation={k: 4, suppression: 0.2}"], workers: 3)
    #expect(table["digest"] == same["digest"] && table["linkage"] == same["linkage"])
    // Who knows three examples links most clients; who knows none is held back by k.
    let blind = try run(
      folder, "c",
      ["privacy=none", "linkage={targets: 60, knownExamples: 0}", "anonymisation={k: 4, suppression: 0.2}"])
    #expect(try rate(table, "linked") > 0.5 && rate(blind, "linked") <= 0.25 && rate(blind, "singledOut") == 0)
    #expect(try rate(table, "told") > 0.3)
    #expect(table.at("linkage.bound") == .null)
    #expect(try folder.text("a/report.html").contains("clients with rare quasi-identifiers"))

    // Without any known example, and with many clients left out, those looked for and the others are alike but for the
    // luck of having been counted: naming one of four is right once in four times. Who is left out is never named instead
    // of someone who fits.
    let sparse = try run(
      folder, "f",
      [
        "privacy=none", "population.clients=800", "linkage={targets: 400, knownExamples: 0, candidates: 4}",
        "anonymisation={k: 21, suppression: 0.7}",
      ])
    #expect(try abs(rate(sparse, "told") - 0.25) < 0.1)

    let model = try run(folder, "d", [attack])
    #expect(model.at("linkage.linked") == .null)
    #expect(try rate(model, "told") < 0.45 && rate(model, "bound") > 0.999)
    let strict = try run(folder, "e", [attack, "privacy.epsilon=0.3"])
    #expect(try abs(rate(strict, "bound") - (exp(0.3) / 5 + 1e-5)) < 1e-3)
    try expectRefusals(
      folder,
      [
        (["anonymisation.k=3"], "does not go with differential privacy"),
        (["privacy=none", "anonymisation.k=61"], "allowed: at most the population's 60 clients"),
        (["privacy=none", "anonymisation={k: 3, quasiIdentifiers: [\"age\"]}"], "allowed: segment, budget"),
        (["linkage={candidates: 21, targets: 2}"], "allowed: at most the population's 20 held-out clients"),
        (["linkage={}"], "allowed: at most the population's 60 clients"),
      ])
    try folder.write("s.json5", SmallScenario.synthetic)
    try expectRefusals(
      folder, [(["linkage={targets: 2, candidates: 2}"], "this population has no quasi-identifiers")])
  }
}
