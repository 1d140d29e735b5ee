import Coordinator
import Foundation
import DifferentialPrivacy
import NumericalCore
import Releases
import Scenarios
import Testing

@Suite("Privacy plans")
struct PrivacyPlanTests {
  private func plan(_ cohort: String, _ privacy: String, rounds: Int = 50) throws -> (PrivacyPlan, Lattice) {
    let scenario = try makeScenario(cohort: cohort, privacy: privacy, rounds: rounds)
    let plan = try PrivacyPlan(
      try #require(scenario.privacy), training: scenario.training, clients: scenario.population.clients,
      dimension: scenario.dimension, seed: 1)
    return (plan, scenario.lattice)
  }

  static let cases = [
    (#"{"expectedSize": 100}"#, "add-or-remove", "pld"),
    (#"{"expectedSize": 100}"#, "add-or-remove", "rdp"),
    (#"{"sampling": "full"}"#, "add-or-remove", "pld"),
    (#"{"sampling": "full"}"#, "replace-one", "pld"),
    (#"{"sampling": "full"}"#, "replace-one", "rdp"),
    (#"{"sampling": "fixed-size", "expectedSize": 100}"#, "replace-one", "rdp"),
    (#"{"sampling": "fixed-size", "expectedSize": 100}"#, "replace-one", "pld"),
    (#"{"expectedSize": 100}"#, "replace-one", "pld"),
    (#"{"expectedSize": 100}"#, "replace-one", "rdp"),
  ]

  @Test("that are calibrated meet their ε after all rounds, and not with less noise", arguments: cases)
  func calibration(cohort: String, adjacency: String, accountant: String) throws {
    let privacy = """
      {"epsilon": 3, "delta": 1e-5, "clippingNorm": 0.5, "adjacency": "\(adjacency)", "accountant": "\(accountant)"}
      """
    let (plan, lattice) = try plan(cohort, privacy)
    let ledger = try (1...50).map { try plan.entry(round: $0, on: lattice) }
    let spent = try plan.epsilon(of: ledger).upper
    #expect(spent <= 3)
    let less = privacy.replacingOccurrences(
      of: "\"epsilon\": 3", with: "\"noiseMultiplier\": \(plan.noiseMultiplier - 1e-4)")
    let (weaker, _) = try self.plan(cohort, less)
    let weakerLedger = try (1...50).map { try weaker.entry(round: $0, on: lattice) }
    #expect(try weaker.epsilon(of: weakerLedger).upper > 3)
  }

  @Test("enter the noise that is added, against the sensitivity of their adjacency")
  func entries() throws {
    for (adjacency, sensitivity) in [("add-or-remove", 0.5), ("replace-one", 1.0)] {
      let privacy = """
        {"noiseMultiplier": 2, "delta": 1e-5, "clippingNorm": 0.5, "adjacency": "\(adjacency)"}
        """
      let (plan, lattice) = try plan(#"{"sampling": "full"}"#, privacy)
      let noise = try plan.serverNoise(on: lattice)
      let entry = try plan.entry(round: 4, on: lattice)
      #expect(entry.round == 4)
      #expect(entry.sensitivity == sensitivity)
      #expect(entry.noiseStandardDeviation == 2 * sensitivity)
      #expect(noise.standardDeviation(spacing: 1) == 2 * sensitivity / 0.5 * 0x1p24)
      #expect(entry.event == .gaussian(noiseMultiplier: 2))
    }
  }

  @Test("add more noise where random rounding can make an update longer, and enter that", arguments: [1, 4, 8])
  func rounding(bits: Int) throws {
    let privacy = """
      {"noiseMultiplier": 2, "delta": 1e-5, "clippingNorm": 0.5,
       "adaptiveClipping": {"quantile": 0.5, "learningRate": 0.2, "countNoiseMultiplier": 9}}
      """
    let compression = #"{"sparsification": "top-k", "share": 0.5, "bits": \#(bits), "range": 0.1}"#
    let scenario = try makeScenario(cohort: #"{"expectedSize": 100}"#, privacy: privacy, compression: compression)
    let plan = try PrivacyPlan(
      try #require(scenario.privacy), training: scenario.training, clients: 1000, dimension: scenario.dimension,
      seed: 1)
    let lattice = scenario.lattice
    let entry = try plan.entry(round: 1, on: lattice)
    // By hand: half of the coordinates, each moved by less than a step of range / (2^(b − 1) − 1), or all at the range.
    let coordinates = Double((scenario.dimension + 1) / 2).squareRoot()
    let longest = bits == 1 ? 0.1 * coordinates : 0.5 + 0.1 / Double(1 << (bits - 1) - 1) * coordinates
    #expect(abs(entry.sensitivity - min(longest, 0.1 * coordinates)) < 1e-5)
    // The multipliers are those without rounding: the noise is larger, and so is the sensitivity.
    let (whole, _) = try self.plan(#"{"expectedSize": 100}"#, privacy)
    #expect(try plan.serverNoise(on: lattice).countMultiplier == whole.serverNoise(on: lattice).countMultiplier)
    #expect(entry.countNoiseMultiplier == 9)
    let sum = 1 / (1.0 / 4 - 1.0 / 81).squareRoot()
    #expect(abs(entry.noiseStandardDeviation / entry.sensitivity - sum) < 1e-9)
  }

  @Test("name the sampling that was done")
  func samplings() throws {
    func event(_ cohort: String, adjacency: String, accountant: String) throws -> PrivacyEvent {
      let privacy = """
        {"noiseMultiplier": 2, "delta": 1e-5, "adjacency": "\(adjacency)", "accountant": "\(accountant)"}
        """
      let (plan, lattice) = try plan(cohort, privacy)
      return try plan.entry(round: 1, on: lattice).event
    }
    #expect(
      try event(#"{"expectedSize": 100}"#, adjacency: "add-or-remove", accountant: "pld")
        == .poissonSampledGaussian(samplingRate: 0.1, noiseMultiplier: 2))
    #expect(
      try event(#"{"expectedSize": 100}"#, adjacency: "replace-one", accountant: "pld")
        == .poissonSampledGaussian(samplingRate: 0.1, noiseMultiplier: 2))
    #expect(
      try event(
        #"{"sampling": "fixed-size", "expectedSize": 100}"#, adjacency: "replace-one", accountant: "pld")
        == .fixedSizeSampledGaussian(sample: 100, population: 1000, noiseMultiplier: 2))
  }

  /// Adaptive clipping beside a noise multiplier of 10 000.
  private static func beside(_ countNoiseMultiplier: Double) -> String {
    """
    {"noiseMultiplier": 10000, "delta": 1e-5, "adaptiveClipping": {"countNoiseMultiplier": \(countNoiseMultiplier)}}
    """
  }

  @Test("refuse a count so near to the whole that the sum's noise does not fit, and say from where on it does")
  func countTooNear() throws {
    let cohort = #"{"expectedSize": 100}"#
    var least = 0.0
    for near in [10_000.000000000002, 10_000.000000001] {
      do {
        _ = try plan(cohort, Self.beside(near))
        Issue.record("\(near) was accepted")
      } catch AccountingError.invalidEvent(let message) {
        #expect(message.hasPrefix("privacy.adaptiveClipping.countNoiseMultiplier is \(near)"))
        least = try #require(Double(message.split(separator: " ").last ?? ""))
      }
    }
    #expect(least > 10_000.000000001 && least < 10_001)
    let (plan, lattice) = try plan(cohort, Self.beside(least * (1 + 1e-6)))
    #expect(try plan.serverNoise(on: lattice).standardDeviation(spacing: 1) < GaussianLatticeNoise.largestDeviation)
  }

  @Test("refuse noise on roundings that does not fit, and say what does")
  func roundingTooLong() throws {
    let cohort = #"{"expectedSize": 10}"#
    func plan(_ multiplier: Double) throws -> PrivacyPlan {
      let scenario = try makeScenario(
        cohort: cohort, privacy: "{\"noiseMultiplier\": \(multiplier), \"delta\": 1e-5}",
        compression: #"{"bits": 1, "range": 1}"#)
      return try PrivacyPlan(
        try #require(scenario.privacy), training: scenario.training, clients: 1000, dimension: 1 << 20, seed: 1)
    }
    do {
      _ = try plan(10_000)
      Issue.record("10 000 was accepted")
    } catch AccountingError.invalidEvent(let message) {
      #expect(message.contains("training.compression") && message.contains("privacy.noiseMultiplier"))
      #expect(message.contains("allowed: below 2048.0"))
    }
    #expect(throws: AccountingError.self) { try plan(2048) }
    let noise = try plan(2047.9).serverNoise(on: .clipped(to: 1))
    #expect(noise.standardDeviation(spacing: 1) < GaussianLatticeNoise.largestDeviation)
  }

  @Test("have noise that fits in every round, however far the clipping norm moves")
  func everyNorm() throws {
    var accepted = 0
    for multiplier in [0.001, 1, 200, 10_000] {
      for range in [1e-9, 1e-6, 1e-3, 1] {
        for bits in [1, 2, 16] {
          let privacy = """
            {"noiseMultiplier": \(multiplier), "delta": 1e-5,
             "adaptiveClipping": {"countNoiseMultiplier": \(multiplier < 1 ? 0.01 : multiplier * 1.001)}}
            """
          let scenario = try makeScenario(
            cohort: #"{"expectedSize": 10}"#, privacy: privacy,
            compression: "{\"bits\": \(bits), \"range\": \(range)}")
          guard
            let plan = try? PrivacyPlan(
              try #require(scenario.privacy), training: scenario.training, clients: 1000, dimension: 1 << 20,
              seed: 1)
          else { continue }
          accepted += 1
          for norm in [1e-6, 1e-3, 1, 1e6] {
            let noise = try plan.serverNoise(on: .clipped(to: norm))
            #expect(noise.standardDeviation(spacing: 1) < GaussianLatticeNoise.largestDeviation)
          }
        }
      }
    }
    #expect(accepted > 10)
  }
}

extension PrivacyPlan {
  /// What the ledger says of a round whose sum has three clients.
  fileprivate func entry(round: Int, on lattice: Lattice) throws -> LedgerEntry {
    try guarantee(on: lattice).entries(
      round: round, Guarantee.Participants(contacted: [3], sent: [], summed: [3]))[0]
  }

  /// The noise that the coordinator adds.
  fileprivate func serverNoise(on lattice: Lattice) throws -> any NoiseProcess {
    guard case .server(let noise, _) = try guarantee(on: lattice) else {
      throw AccountingError.invalidEvent("the coordinator adds no noise")
    }
    return noise
  }
}
