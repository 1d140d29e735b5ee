import DifferentialPrivacy
import Testing

@Suite("Ledger entries whose parts contradict each other")
struct LedgerConsistencyTests {
  private static func entry(
    _ event: PrivacyEvent, sensitivity: Double, deviation: Double, count: Double? = nil
  ) -> LedgerEntry {
    LedgerEntry(
      round: 1, event: event, adjacency: .addOrRemove, unit: "client", sensitivity: sensitivity,
      noiseStandardDeviation: deviation, countNoiseMultiplier: count)
  }

  /// Entries that agree, with deviations from Python's math module.
  static let sound = [
    entry(.gaussian(noiseMultiplier: 100), sensitivity: 0.5, deviation: 50),
    entry(.poissonSampledGaussian(samplingRate: 0.5, noiseMultiplier: 1.2), sensitivity: 2, deviation: 3, count: 2),
    entry(.fixedSizeSampledGaussian(sample: 2, population: 4, noiseMultiplier: 3), sensitivity: 2, deviation: 6),
    entry(.laplace(noiseMultiplier: 3), sensitivity: 2, deviation: 8.485281374238571),
    entry(.discreteGaussian(standardDeviation: 3.5, sensitivity: 7), sensitivity: 1, deviation: 0.5),
    entry(.discreteLaplace(scale: 3.5, sensitivity: 2), sensitivity: 2, deviation: 4.932951591902599),
    entry(.randomizedResponse(epsilon: 1, categories: 2), sensitivity: 1, deviation: 0),
    // A selection; Laplace noise on real sums; discrete Laplace noise of scale 3.5 on whole ones.
    entry(.pure(epsilon: 0.5), sensitivity: 7, deviation: 0),
    entry(.pure(epsilon: 0.5), sensitivity: 7, deviation: 19.79898987322333),
    entry(.pure(epsilon: 2), sensitivity: 7, deviation: 4.932951591902599),
    // The count has nearly all of the noise multiplier, and the sum hardly any.
    entry(
      .gaussian(noiseMultiplier: 9999.999999), sensitivity: 1, deviation: 707106781.1335145, count: 10000),
  ]

  @Test("are refused when they are read, whichever part was changed", arguments: sound)
  func changed(_ sound: LedgerEntry) throws {
    #expect(try LedgerEntry(line: sound.line(), number: 1) == sound)
    func refuses(_ entry: LedgerEntry) throws {
      let error = try #require(throws: LedgerError.self, "\(entry)") {
        try LedgerEntry(line: entry.line(), number: 7)
      }
      #expect(error.line == 7 && error.message.contains("contradicts itself"))
    }
    // Noise that is a thousandth more or less than the event says.
    for factor in [1.001, 0.999] {
      let deviation = sound.noiseStandardDeviation * factor
      if deviation > 0, sound.countNoiseMultiplier != 10000 {
        try refuses(
          Self.entry(
            sound.event, sensitivity: sound.sensitivity, deviation: deviation, count: sound.countNoiseMultiplier))
      }
      if let count = sound.countNoiseMultiplier {
        try refuses(
          Self.entry(
            sound.event, sensitivity: sound.sensitivity, deviation: sound.noiseStandardDeviation,
            count: count * factor))
      }
    }
    // A count beside an event that has none.
    if sound.countNoiseMultiplier == nil {
      try refuses(
        Self.entry(
          sound.event, sensitivity: sound.sensitivity, deviation: sound.noiseStandardDeviation, count: 2))
    }
  }

  @Test("are refused when the multiplier is a hundred times what the noise is")
  func multiplier() throws {
    let line =
      #"{"adjacency":"add-or-remove","mechanism":"gaussian","noiseMultiplier":100,"noiseStandardDeviation":1,"round":1,"sensitivity":1,"unit":"client"}"#
    let error = try #require(throws: LedgerError.self) { try LedgerEntry(line: line, number: 3) }
    #expect(
      error.message == "contradicts itself: noise over sensitivity is 1.0, and its gaussian event needs 100.0")
  }

  @Test("are refused where an answer by chance claims noise of its own")
  func response() throws {
    let entry = Self.entry(.randomizedResponse(epsilon: 1, categories: 2), sensitivity: 1, deviation: 1)
    #expect(throws: LedgerError.self) { try LedgerEntry(line: entry.line(), number: 1) }
  }

  @Test("are not what mechanisms make: the event of each agrees with its deviation")
  func mechanisms() throws {
    for epsilon in [0.01, 0.3, 1, 7.5] {
      let laplace = try DiscreteLaplaceMechanism(sensitivity: 3, epsilon: epsilon)
      let gaussian = try DiscreteGaussianMechanism(sensitivity: 3, standardDeviation: 2 / epsilon)
      for entry in [
        Self.entry(laplace.event, sensitivity: 3, deviation: laplace.variance.squareRoot()),
        Self.entry(.pure(epsilon: laplace.epsilon.value), sensitivity: 3, deviation: laplace.variance.squareRoot()),
        Self.entry(gaussian.event, sensitivity: 3, deviation: gaussian.variance.squareRoot()),
      ] {
        #expect(try LedgerEntry(line: entry.line(), number: 1) == entry)
      }
    }
  }
}
