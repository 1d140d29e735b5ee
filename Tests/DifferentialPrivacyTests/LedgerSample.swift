import DifferentialPrivacy

/// Small ledgers to change.
struct LedgerSample {
  var name = "a"
  var seed: UInt64? = 1
  var clients = 100
  var unit = "client"
  var trust = "central"
  var adjacency = Adjacency.addOrRemove
  var promises = true
  var tiers: [LedgerOpening.Tier] = []
  var noise: LedgerOpening.Noise? = .seeded(1)
  var isPublished = false
  var entries: [LedgerEntry] = []
  var rounds = 0
  var participations: [Int?] = [10]
  var unanswered: [Int] = []
  var unsent = 0

  var ledger: Ledger {
    let names: [String?] = tiers.isEmpty ? [nil] : tiers.map(\.name)
    return Ledger(
      opening: LedgerOpening(
        name: name, seed: seed, clients: clients,
        promise: promises
          ? LedgerOpening.Promise(unit: unit, trust: trust, adjacency: adjacency, delta: 1e-5, accountant: .pld)
          : nil,
        tiers: tiers, noise: noise, isPublished: isPublished),
      entries: entries,
      closing: LedgerClosing(
        entries: entries.count, rounds: rounds,
        contacts: zip(names, participations).map { LedgerClosing.Contacts(tier: $0, participations: $1) },
        unanswered: unanswered, unsent: unsent))
  }

  /// The text, and what reading it says.
  func read() throws -> Ledger { try Ledger.verified(ledger.encoded().text).ledger }

  mutating func setSeed(_ number: UInt64) { (seed, noise) = (number, .seeded(number)) }

  func entry(
    _ round: Int, _ event: PrivacyEvent? = nil, client: Int? = nil, tier: String? = nil, unit: String? = nil,
    adjacency: Adjacency? = nil, multiplier: Double = 5, release: String? = nil, clients: Int? = nil
  ) -> LedgerEntry {
    LedgerEntry(
      round: round, client: client, tier: tier, event: event ?? .gaussian(noiseMultiplier: multiplier),
      adjacency: adjacency ?? self.adjacency, unit: unit ?? self.unit, sensitivity: 1,
      noiseStandardDeviation: event.map { if case .pure = $0 { 0 } else { multiplier } } ?? multiplier,
      release: release, clients: clients, isAttained: true)
  }

  /// Rounds of a Gaussian on everyone.
  static func central(rounds: Int, seed: UInt64 = 1, multiplier: Double = 5) -> LedgerSample {
    var sample = LedgerSample(rounds: rounds)
    sample.setSeed(seed)
    sample.entries = (1...rounds).map { sample.entry($0, multiplier: multiplier, clients: 7) }
    return sample
  }

  /// Tiers a and b, sampled at these rates in each round.
  static func tiered(_ rates: [Double], rounds: Int, seed: UInt64, multiplier: Double = 1) -> LedgerSample {
    var sample = LedgerSample(rounds: rounds)
    sample.setSeed(seed)
    let names = ["a", "b"]
    sample.tiers = names.map { LedgerOpening.Tier(name: $0, share: 0.5, epsilon: 1) }
    sample.participations = [5, 5]
    sample.entries = (1...rounds).flatMap { round in
      zip(names, rates).map { name, rate in
        sample.entry(
          round, .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier), tier: name,
          multiplier: multiplier)
      }
    }
    return sample
  }

  /// Local trust, where each client takes part in its own rounds.
  static func local(_ rounds: [[Int]], seed: UInt64, multiplier: Double = 5) -> LedgerSample {
    var sample = LedgerSample(trust: "local", adjacency: .replaceOne, rounds: rounds.count)
    sample.setSeed(seed)
    sample.entries = rounds.enumerated().flatMap { index, clients in
      clients.map { sample.entry(index + 1, client: $0, multiplier: multiplier, clients: 1) }
    }
    sample.participations = [sample.entries.count]
    return sample
  }
}
