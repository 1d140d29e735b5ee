import DifferentialPrivacy
import Scenarios
import Testing

/// What the coordinator adds: the model's step times the expected cohort, less the exact sum that the workers sent.
@Suite("The coordinator's noise, in every accepted combination")
struct CentralNoiseTests {
  /// A combination with the noise of its first two rounds, in lattice steps.
  struct Sample {
    let combination: Combination
    let run: Observation
    let noises: [[Double]]
    /// The noise on the count of updates within the norm, of the first round; nil where none is released.
    let countNoise: Double?

    init(_ combination: Combination, seed: Int) throws {
      self.combination = combination
      let runs = try Laboratory.own().run(
        afterOneRoundAndAll: combination.with(("seed", .integer(seed)), ("training.rounds", .integer(2))), on: .few)
      run = runs[1]
      let start = [Double](repeating: 0, count: Combination.dimension)
      noises = [runs[0].noise(from: start), run.noise(from: runs[0].weights)]
      countNoise = CountNoise(run)?.noises[0]
    }

    /// The noise of a round in the ledger's unit, that of the model's.
    func noise(_ round: Int) -> [Double] { noises[round - 1].map { $0 * run.spacing(round) } }
  }

  /// Each with a seed of its own, so that all of them together see many numbers.
  static let samples = Result {
    try Combination.central.enumerated().map { try Sample($0.element, seed: 1000 + $0.offset) }
  }

  @Test("deviates in each round as the ledger says of that round")
  func deviation() throws {
    try expectNone("noise of another deviation than the ledger's", of: Self.samples.get(), \.combination) {
      sample in
      (1...2).contains { round in
        sample.run.entries(round).isEmpty
          || sample.run.entries(round).contains {
            Measures.excess(ofDeviation: sample.noise(round), from: $0.noiseStandardDeviation) > 1
          }
      }
    }
  }

  @Test("is what the ledger's events, and so ε, are made of")
  func events() throws {
    try expectNone("events of another noise", of: Self.samples.get(), \.combination) { sample in
      sample.run.ledger.contains { !LedgerAgreement.holds($0) }
    }
  }

  @Test("is Gaussian")
  func shape() throws {
    try expectNone("noise of another shape", of: Self.samples.get(), \.combination) { sample in
      let standard = (1...2).flatMap { round -> [Double] in
        let deviation = sample.run.entries(round).first?.noiseStandardDeviation ?? .nan
        return sample.noise(round).map { $0 / deviation }
      }
      return Measures.excess(of: standard, from: Measures.normal) > 1
    }
  }

  @Test("is whole lattice steps, so that gaps of floating point tell nothing")
  func wholeSteps() throws {
    try expectNone("noise between lattice steps", of: Self.samples.get(), \.combination) { sample in
      sample.noises.joined().contains { abs($0 - $0.rounded()) > 0x1p-10 }
    }
  }

  @Test("is new in every round")
  func rounds() throws {
    try expectNone("noise that rounds share", of: Self.samples.get(), \.combination) { sample in
      Measures.excess(ofCorrelation: sample.noises[0], sample.noises[1]) > 1 || Self.repeats(sample.noises)
    }
  }

  @Test("is new in every coordinate")
  func coordinates() throws {
    try expectNone("noise that coordinates share", of: Self.samples.get(), \.combination) { sample in
      sample.noises.contains { Measures.excess(ofCorrelationAlong: $0) > 1 || Self.repeats([$0]) }
    }
  }

  @Test("on the sum is not the noise on the count of updates within the norm")
  func count() throws {
    // One count a run, so runs of different seeds are put beside each other: coordinate j of all runs against the count.
    let samples = try Self.samples.get().filter { $0.countNoise != nil }
    try #require(samples.count > 100)
    let counts = samples.compactMap(\.countNoise)
    let scaled = samples.map { sample in
      let length = Measures.norm(sample.noises[0])
      return sample.noises[0].map { $0 / length }
    }
    // A correlation of 0.6 over 100 pairs, in any of 4096 coordinates, has a probability below 10⁻⁶.
    for coordinate in 0..<Combination.dimension {
      let noise = scaled.map { $0[coordinate] }
      let correlation =
        Measures.excess(ofCorrelation: noise, counts) * Measures.standardErrors
        / Double(counts.count).squareRoot()
      #expect(correlation < 0.6, "the count has the noise of coordinate \(coordinate)")
    }
  }

  private static func repeats(_ noises: [[Double]]) -> Bool {
    let deviation = noises.map { Measures.norm($0) / Double($0.count).squareRoot() }.min() ?? .nan
    return Measures.repetitions(noises) > Measures.repetitionsAllowed(noises, deviation: deviation)
  }
}
