import Foundation
import NumericalCore
import Scenarios
import Testing

/// Random scenarios whose keys are at the ends of what is allowed: each runs, or is refused in words, and none brings a
/// process down. A longer search is `FEDSIM_EXTREMES=5000 swift test --filter Extremes`.
@Suite("Scenarios at the ends of what is allowed", .tags(.endToEnd))
struct ExtremesTests {
  /// Chooses among texts by a seed.
  private struct Chooser {
    var stream: RandomStream

    mutating func pick(_ options: [String]) -> String { options[stream.nextInteger(below: options.count)] }

    mutating func maybe(_ probability: Double, _ options: [String]) -> String {
      let chosen = pick(options)
      return stream.nextUniform() < probability ? chosen : ""
    }
  }

  private static func scenario(_ seed: Int) -> String {
    var choose = Chooser(stream: RandomStream(seed: UInt64(seed), purpose: .examples))
    let population = choose.pick([
      #"kind: "market", clients: 5, heldOutClients: 2, items: 2, signal: 10, positiveRate: 0.0001, examplesPerClient: { median: 3, spread: 1 }"#,
      #"kind: "synthetic-alpha-beta", clients: 4, heldOutClients: 1, features: 2, alpha: 100, beta: 100, examplesPerClient: { median: 3 }"#,
      #"kind: "synthetic-alpha-beta", clients: 1, heldOutClients: 1, features: 40, examplesPerClient: { median: 1 }"#,
      #"kind: "files", train: "t", heldOut: "t", clients: 3, dimension: 4"#,
      #"kind: "files", train: "t", heldOut: "t", clients: 100000000, dimension: 4"#,
      #"kind: "files", train: "t", heldOut: "t", clients: 3, dimension: 1048576"#,
    ])
    let features =
      population.contains("market") ? "features: { hashedDimension: \(choose.pick(["2", "50"])) }," : ""
    let cohort = choose.pick([
      #"sampling: "full""#, "expectedSize: 1", #"sampling: "fixed-size", expectedSize: 1"#, "expectedSize: 3",
    ])
    let training =
      choose.maybe(
        0.6,
        [
          #"client: { algorithm: "fedsgd" },"#, "client: { learningRate: 1e6, proximal: 1000, epochs: 9 },",
          #"client: { learningRate: 1e-9, batchSize: 1000000, schedule: "cosine" },"#,
        ])
      + choose.maybe(
        0.6,
        [
          "server: { learningRate: 1e6 },",
          #"server: { optimizer: "momentum", momentum: 0.9999, learningRate: 1e6 },"#,
          #"server: { optimizer: "adam", beta1: 0.9999, beta2: 0.999999, adaptivity: 1e-12 },"#,
          #"server: { optimizer: "yogi", beta1: 0, beta2: 0, learningRate: 1e6, adaptivity: 1 },"#,
        ])
      + choose.maybe(
        0.3,
        [
          #"aggregation: { rule: "median", groups: 1000 },"#,
          #"aggregation: { rule: "trimmed-mean", groups: 999, trimmed: 499 },"#,
          #"aggregation: { rule: "trimmed-mean", groups: 3 },"#,
        ])
      + choose.maybe(
        0.5,
        [
          "compression: { bits: 1, range: 1e6 },", "compression: { bits: 1, range: 1e-6 },",
          "compression: { bits: 16, range: 1e-9 },", "compression: { bits: 2, range: 1 },",
          #"compression: { sparsification: "top-k", share: 1e-6, bits: 1, range: 1e-9 },"#,
          #"compression: { sparsification: "random", share: 1e-6 },"#,
        ])
      + choose.maybe(
        0.2, ["personalisation: { adapter: 1000, biasL2: 0.001 },", "personalisation: { adapter: 0 },"])
      + choose.maybe(0.2, ["l2: 100,"])
    let multiplier = choose.pick(["10000", "10000", "9999.9", "2", "0.05"])
    let near = ["", "0000000000002", "000000001", "001", "1"].map {
      multiplier + (multiplier.contains(".") ? "" : ".0") + $0
    }
    let privacy =
      choose.maybe(0.5, ["clippingNorm: 1e-6,", "clippingNorm: 1e6,"])
      + choose.maybe(
        0.5,
        [
          #"trust: "local", adjacency: "replace-one","#,
          #"trust: "local", adjacency: "replace-one", mechanism: "laplace","#,
          #"adjacency: "replace-one","#, #"adjacency: "replace-one", accountant: "rdp","#,
          #"unit: "example", exampleSampling: { rate: 1, expectedExamples: 10000000 },"#,
          #"unit: "example", exampleSampling: { rate: 0.01, expectedExamples: 1 },"#,
        ])
      + choose.maybe(
        0.4,
        near.map { "adaptiveClipping: { countNoiseMultiplier: \($0), learningRate: 2, quantile: 0 }," }
          + ["adaptiveClipping: { countNoiseMultiplier: 1e6, quantile: 1 },"])
    let faults = choose.maybe(
      0.3,
      [
        #"faults: { clients: { byzantine: 1, attack: "drift", scale: 1e6 } },"#,
        #"faults: { clients: { corrupted: 1, corruption: "enormous" } },"#,
        "faults: { clients: { corrupted: 1 }, dropout: { afterTraining: 0.5 } },",
        "faults: { stragglers: { medianSeconds: 1e6, deadlineSeconds: 0.001, spread: 4 } },",
        "faults: { dropout: { beforeTraining: 1 } },",
      ])
    return """
      { name: "extreme", seed: \(choose.pick(["0", "9007199254740992"])), population: { \(population) }, \(features)
        training: { rounds: 2, cohort: { \(cohort) }, \(training) },
        privacy: { \(privacy) noiseMultiplier: \(multiplier), delta: \(choose.pick(["1e-15", "0.1", "1e-5"])) }, \(faults)
        evaluation: { every: 1 } }
      """
  }

  @Test("run or are refused in words, and bring no process down")
  func extremes() throws {
    let folder = try TemporaryFolder()
    let values = [1, 1e30, -1e-30, 5, 3.4e38, 0.1, -3, 2, -1e20, 0]
    try folder.write(
      "t", values.enumerated().map { "\($0 % 2) qid:c\($0 % 3) 1:\($1) \($0 % 3 + 2):1\n" }.joined())
    let wanted = ProcessInfo.processInfo.environment["FEDSIM_EXTREMES"].flatMap { Int($0) } ?? 20
    var (runs, seed) = (0, 0)
    while runs < wanted {
      seed += 1
      let text = Self.scenario(seed)
      try folder.write("s.json5", text)
      // What the scenario itself refuses needs no process.
      guard (try? ScenarioFile(path: folder.url.appendingPathComponent("s.json5").path).scenario()) != nil else {
        continue
      }
      runs += 1
      let outcome = try folder.run("run", "s.json5", "--json", "--force", "--out", "o", "--workers", "1")
      #expect([0, 2, 3].contains(outcome.status), "seed \(seed): status \(outcome.status)\n\(text)")
      // A worker that comes down is started again: the run may hide it.
      #expect(!outcome.errors.contains("Fatal error"), "seed \(seed)\n\(text)\n\(outcome.errors.prefix(500))")
      #expect(outcome.status == 0 || outcome.errors.contains("fedsim: "), "seed \(seed)\n\(text)")
    }
  }
}
