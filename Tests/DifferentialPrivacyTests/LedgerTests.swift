import DifferentialPrivacy
import Testing

@Suite("Ledger entries")
struct LedgerTests {
  static let entries = [
    LedgerEntry(
      round: 1, event: .poissonSampledGaussian(samplingRate: 0.1, noiseMultiplier: 1.5110), adjacency: .addOrRemove,
      unit: "client", sensitivity: 1, noiseStandardDeviation: 1.5110),
    LedgerEntry(
      round: 7, event: .gaussian(noiseMultiplier: 1 / 3.0), adjacency: .replaceOne, unit: "client",
      sensitivity: 0.2, noiseStandardDeviation: 0.2 / 3),
    LedgerEntry(
      round: 9, event: .fixedSizeSampledGaussian(sample: 3, population: 9, noiseMultiplier: 2),
      adjacency: .replaceOne,
      unit: "client", sensitivity: 2, noiseStandardDeviation: 4),
  ]

  @Test("read back what they wrote, to the bit", arguments: entries)
  func roundTrip(entry: LedgerEntry) throws {
    let line = try entry.line()
    #expect(!line.contains("\n"))
    #expect(try LedgerEntry(line: line, number: 1) == entry)
  }

  @Test("are flat JSON with sorted keys")
  func form() throws {
    #expect(
      try Self.entries[0].line()
        == #"{"adjacency":"add-or-remove","mechanism":"poisson-sampled-gaussian","noiseMultiplier":1.511,"noiseStandardDeviation":1.511,"round":1,"samplingRate":0.1,"sensitivity":1,"unit":"client"}"#
    )
  }

  @Test(
    "that are damaged are refused with their line",
    arguments: [
      "", "{", "[]", "null", #"{"round": 1}"#,
      #"{"adjacency":"add-or-remove","mechanism":"magic","noiseMultiplier":1,"noiseStandardDeviation":1,"round":1,"sensitivity":1,"unit":"client"}"#,
      #"{"adjacency":"add-or-remove","mechanism":"gaussian","noiseMultiplier":0,"noiseStandardDeviation":1,"round":1,"sensitivity":1,"unit":"client"}"#,
      #"{"adjacency":"add-or-remove","mechanism":"gaussian","noiseMultiplier":1,"noiseStandardDeviation":1,"round":1,"samplingRate":0.5,"sensitivity":1,"unit":"client"}"#,
      #"{"adjacency":"add-or-remove","mechanism":"poisson-sampled-gaussian","noiseMultiplier":1,"noiseStandardDeviation":1,"round":1,"samplingRate":1.5,"sensitivity":1,"unit":"client"}"#,
      #"{"adjacency":"sideways","mechanism":"gaussian","noiseMultiplier":1,"noiseStandardDeviation":1,"round":1,"sensitivity":1,"unit":"client"}"#,
    ])
  func damaged(line: String) throws {
    let error = try #require(throws: LedgerError.self) { try LedgerEntry(line: line, number: 12) }
    #expect(error.line == 12)
  }
}
