import DifferentialPrivacy
import Foundation
import Testing

@Suite("Ledger entries")
struct LedgerTests {
  /// √(2r)/(1 − r) with r = e^(−1/3.5).
  private static let discreteLaplaceDeviation = 4.932951591902599
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
    LedgerEntry(
      round: 2, client: 17, event: .laplace(noiseMultiplier: 2), adjacency: .replaceOne, unit: "client",
      sensitivity: 2, noiseStandardDeviation: 4 * 2.0.squareRoot()),
    LedgerEntry(
      round: 2, tier: "strict",
      event: .poissonSampledGaussian(
        samplingRate: 0.25, noiseMultiplier: 1 / (1 / (1.6 * 1.6) + 1 / (4.26 * 4.26)).squareRoot()),
      adjacency: .addOrRemove, unit: "client", sensitivity: 1, noiseStandardDeviation: 1.6,
      countNoiseMultiplier: 4.26),
    LedgerEntry(
      round: 3, event: .discreteGaussian(standardDeviation: 3.5, sensitivity: 2), adjacency: .addOrRemove,
      unit: "client", sensitivity: 2, noiseStandardDeviation: 3.5),
    LedgerEntry(
      round: 3, event: .discreteLaplace(scale: 3.5, sensitivity: 2), adjacency: .addOrRemove, unit: "client",
      sensitivity: 2, noiseStandardDeviation: discreteLaplaceDeviation),
    LedgerEntry(
      round: 3, event: .randomizedResponse(epsilon: 0.5, categories: 3), adjacency: .replaceOne, unit: "client",
      sensitivity: 1, noiseStandardDeviation: 0),
    LedgerEntry(
      round: 3, event: .pure(epsilon: 0.5), adjacency: .replaceOne, unit: "client", sensitivity: 1,
      noiseStandardDeviation: 0),
    LedgerEntry(
      round: 4, event: .poissonSampledLaplace(samplingRate: 0.25, noiseMultiplier: 2), adjacency: .addOrRemove,
      unit: "client", sensitivity: 1, noiseStandardDeviation: 2 * 2.0.squareRoot()),
    LedgerEntry(
      round: 4, event: .concentrated(rho: 0.125), adjacency: .addOrRemove, unit: "client", sensitivity: 1,
      noiseStandardDeviation: 0),
  ]

  @Test("have the ε of the client or tier that paid most")
  func scopes() throws {
    func entry(_ round: Int, client: Int? = nil, tier: String? = nil) -> LedgerEntry {
      LedgerEntry(
        round: round, client: client, tier: tier, event: .gaussian(noiseMultiplier: 5), adjacency: .replaceOne,
        unit: "client", sensitivity: 2, noiseStandardDeviation: 10)
    }
    func epsilon(_ ledger: [LedgerEntry]) throws -> Double {
      try LedgerEntry.epsilon(
        of: ledger, adjacency: .replaceOne, delta: 1e-5, accountant: PrivacyLossAccountant()
      ).upper
    }
    func gaussians(_ count: Int) throws -> Double {
      try PrivacyLossAccountant().epsilon(
        of: [RepeatedEvent(.gaussian(noiseMultiplier: 5), count: count)], adjacency: .replaceOne, delta: 1e-5
      ).upper
    }
    #expect(try epsilon([]) == 0)
    #expect(try epsilon([entry(1, client: 1), entry(1, client: 2), entry(2, client: 2)]) == gaussians(2))
    // What concerns everyone adds to everyone's own.
    #expect(try epsilon([entry(1, client: 1), entry(2), entry(3)]) == gaussians(3))
    #expect(try epsilon([entry(1, tier: "a"), entry(2, tier: "a"), entry(1, tier: "b")]) == gaussians(2))
  }

  @Test("have a lower end only where what was done attains every event of the client that paid most")
  func attained() throws {
    func entry(client: Int? = nil, tier: String? = nil, times multiplier: Double = 5, _ isAttained: Bool)
      -> LedgerEntry
    {
      LedgerEntry(
        round: 1, client: client, tier: tier, event: .gaussian(noiseMultiplier: multiplier), adjacency: .replaceOne,
        unit: "client", sensitivity: 2, noiseStandardDeviation: 2 * multiplier, isAttained: isAttained)
    }
    func bracket(_ ledger: [LedgerEntry]) throws -> EpsilonBracket {
      try LedgerEntry.epsilon(
        of: ledger, adjacency: .replaceOne, delta: 1e-5, accountant: PrivacyLossAccountant())
    }
    let known = try bracket([entry(true), entry(true)])
    #expect(try #require(known.lower) > 0.999 * known.upper)
    let unknown = try bracket([entry(true), entry(false)])
    #expect(unknown.lower == nil)
    #expect(unknown.upper == known.upper)
    // The worst client's own entries, and those of everyone, matter; those of others do not.
    #expect(try bracket([entry(client: 1, times: 9, false), entry(client: 2, true)]).lower != nil)
    #expect(try bracket([entry(client: 1, times: 2, false), entry(client: 2, true)]).lower == nil)
    #expect(try bracket([entry(client: 1, true), entry(times: 50, false)]).lower == nil)
    #expect(try bracket([entry(tier: "a", false), entry(tier: "b", times: 4, true)]).lower != nil)
    #expect(try bracket([entry(tier: "a", true), entry(tier: "b", times: 4, false)]).lower == nil)
    // Of two clients that paid the same the one that is known from below says more.
    #expect(try bracket([entry(client: 1, false), entry(client: 2, true)]).lower != nil)
  }

  @Test("say that they are attained in a member of their own, and are upper bounds without it")
  func attainedMember() throws {
    let entry = LedgerEntry(
      round: 1, event: .gaussian(noiseMultiplier: 5), adjacency: .addOrRemove, unit: "client", sensitivity: 1,
      noiseStandardDeviation: 5, isAttained: true)
    let line = try entry.line()
    #expect(line.contains("\"attained\":true"))
    #expect(try LedgerEntry(line: line, number: 1) == entry)
    let old = line.replacingOccurrences(of: "\"attained\":true,", with: "")
    #expect(try !LedgerEntry(line: old, number: 1).isAttained)
    #expect(throws: LedgerError.self) {
      try LedgerEntry(line: line.replacingOccurrences(of: "true", with: "false"), number: 1)
    }
  }

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

  @Test("make a ledger that reads back, whose chain is the published hash of each line")
  func wholeLedger() throws {
    var rounds: Set<Int> = []
    let entries = Self.entries.filter { $0.adjacency == .addOrRemove && rounds.insert($0.round).inserted }
    let ledger = Ledger(
      opening: LedgerOpening(
        name: "a", seed: 3, clients: 10,
        promise: LedgerOpening.Promise(
          unit: "client", trust: "central", adjacency: .addOrRemove, delta: 1e-6, accountant: .pld),
        tiers: [
          LedgerOpening.Tier(name: "gone", share: 0.5, epsilon: nil),
          LedgerOpening.Tier(name: "strict", share: 0.5, epsilon: 3),
        ], noise: .seeded(3)),
      entries: entries,
      closing: LedgerClosing(
        entries: entries.count, rounds: 9,
        contacts: [
          LedgerClosing.Contacts(tier: "gone", participations: 0),
          LedgerClosing.Contacts(tier: "strict", participations: 2),
        ]))
    let (text, head) = try ledger.encoded()
    let read = try Ledger.verified(text)
    #expect(read.ledger == ledger && read.head == head)
    // Several whole ledgers in one file are several.
    let twice = try Ledger.allVerified(text + text)
    #expect(twice.map(\.ledger) == [ledger, ledger] && twice.map(\.line) == [1, entries.count + 4])
    #expect(throws: LedgerError.self) { try Ledger.verified(text + text) }
  }

  @Test("hang together by SHA-256")
  func chain() {
    var chain = HashChain()
    let first = chain.link(#"{"a":1}"#)
    #expect(first == #"{"a":1,"previous":"\#(HashChain.start)"}"#)
    // sha256sum of the first line, without its end.
    #expect(chain.head == "4fff265b93558fe80ead168d5885e767dde681c9de490095fda650657c820412")
    var reader = HashChain()
    #expect(reader.take(first[...]) == #"{"a":1}"#)
    #expect(reader.take(first[...]) == nil)
  }
}
