import Coordinator
import DifferentialPrivacy
import Scenarios
import Testing

/// The system's source has no seed, so these tests draw anew each time. Right noise fails one of them in 10⁸ runs.
@Suite("Noise from the system's secure source")
struct SecureNoiseTests {
  private static let guarantees = Combination.accepted.filter {
    $0.scenario.training.compression == nil && $0.scenario.training.aggregation.rule == .mean
      && $0.privacy.tiers == nil
  }

  @Test("added by the coordinator deviates as the ledger says, and is another in every run")
  func central() throws {
    let start = [Double](repeating: 0, count: Combination.dimension)
    for combination in Self.guarantees where combination.privacy.trust == .central {
      let runs = try (0..<2).map { _ in
        try Laboratory.own().run(combination.scenario, on: .few, noise: .secure)
      }
      let noises = runs.map { run in run.noise(from: start).map { $0 * run.spacing(1) } }
      for (run, noise) in zip(runs, noises) {
        let deviation = run.ledger.first?.noiseStandardDeviation ?? .nan
        #expect(!(Measures.excess(ofDeviation: noise, from: deviation) > 1), "\(combination)")
        #expect(!(Measures.excess(of: noise.map { $0 / deviation }, from: Measures.normal) > 1), "\(combination)")
        #expect(Measures.excess(ofCorrelationAlong: noise) < 1, "\(combination)")
      }
      #expect(Measures.excess(ofCorrelation: noises[0], noises[1]) < 1, "\(combination)")
    }
  }

  @Test("added by each client deviates as the ledger says, and is another for every client and run")
  func local() throws {
    for combination in Self.guarantees
    where combination.privacy.trust == .local && combination.scenario.training.cohort.sampling == .full {
      let runs = try (0..<2).map { _ in
        try Laboratory.own().run(combination.scenario, on: .few, workers: 3, noise: .secure)
      }
      let noises = runs.flatMap { run in run.sums[0].map { ($0 ?? []).map { Double($0) * run.spacing(1) } } }
      #expect(noises.count == 6)
      let isLaplace = combination.privacy.mechanism == .laplace
      for (index, noise) in noises.enumerated() {
        let deviation = runs[0].ledger.first?.noiseStandardDeviation ?? .nan
        let excess = Measures.excess(
          ofDeviation: noise, from: deviation, shape: isLaplace ? .laplace : .gaussian)
        #expect(excess < 1, "\(combination)")
        for other in noises[(index + 1)...] {
          #expect(Measures.excess(ofCorrelation: noise, other) < 1, "\(combination)")
        }
      }
    }
  }
}
