import DifferentialPrivacy
import Foundation
import Testing

@Suite("Whole ledgers")
struct LedgerAgreementTests {
  struct Forgery: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    let change: @Sendable (inout LedgerSample) -> Void

    init(_ name: String, _ words: String, _ change: @escaping @Sendable (inout LedgerSample) -> Void) {
      (testDescription, self.words, self.change) = (name, words, change)
    }
  }

  static let contradictions = [
    Forgery("a round beyond the last", "is of round 4, and the last line counts 3") {
      $0.entries.append($0.entry(4))
    },
    Forgery("round zero", "is of round 0") { $0.entries[0] = $0.entry(0) },
    Forgery("an entry twice", "is the second release of round 2") { $0.entries.append($0.entry(2)) },
    Forgery("another unit", "protects a example") { $0.entries[1] = $0.entry(2, unit: "example") },
    Forgery("another adjacency", "is for replace-one") { $0.entries[1] = $0.entry(2, adjacency: .replaceOne) },
    Forgery("no promise", "promises nothing") { $0.promises = false },
    Forgery("a tier that is not there", "about the tier \"x\"") { $0.entries[1] = $0.entry(2, tier: "x") },
    Forgery("a client beyond the population", "client 100 of 100") { $0.entries[1] = $0.entry(2, client: 100) },
    Forgery("more clients than there are", "covers 101 clients of 100") {
      $0.entries[1] = $0.entry(2, clients: 101)
    },
    Forgery("a sample from another population", "samples from 500 clients, and there are 100") {
      $0.entries[1] = $0.entry(2, .fixedSizeSampledGaussian(sample: 5, population: 500, noiseMultiplier: 5))
    },
    Forgery("negative rounds", "counts -1 rounds") {
      ($0.rounds, $0.entries) = (-1, [])
    },
    Forgery("negative participations", "counts -3 participations") { $0.participations = [-3] },
    Forgery("more participations than numbers hold", "counts 9223372036854775807 participations") {
      $0.participations = [.max]
    },
    Forgery("more rounds than numbers hold", "counts 9223372036854775807 rounds") { $0.rounds = .max },
    Forgery("participations left out", "not one for publication") { $0.participations = [nil] },
    Forgery("contacts of tiers that are not there", "contacts of the first line's tiers") {
      $0.tiers = [LedgerOpening.Tier(name: "a", share: 1, epsilon: 1)]
      $0.participations = []
    },
    Forgery("unanswered queries that there are not", "unanswered queries") { $0.unanswered = [5] },
    Forgery("unanswered queries out of order", "unanswered queries") { $0.unanswered = [2, 1] },
    Forgery("a negative count of what was not sent", "without a release") { $0.unsent = -1 },
    Forgery("two tiers of one name", "two tiers of one name") {
      $0.tiers = [1, 1].map { LedgerOpening.Tier(name: "a", share: 0.5, epsilon: $0) }
    },
    Forgery("a share above one", "share of 1.5") {
      $0.tiers = [LedgerOpening.Tier(name: "a", share: 1.5, epsilon: 1)]
    },
    Forgery("a negative ε of a tier", "ε = -1.0") {
      $0.tiers = [LedgerOpening.Tier(name: "a", share: 1, epsilon: -1)]
    },
    Forgery("nobody", "population of 0") { $0.clients = 0 },
    Forgery("a key of another seed", "not that of seed 1") { $0.noise = .seeded(2) },
    Forgery("seeded noise without its seed", "no seed") { $0.seed = nil },
    Forgery("a publication that hides its noise", "where the noise came from") {
      ($0.isPublished, $0.noise) = (true, nil)
    },
  ]

  @Test("that contradict themselves are refused, whatever their chain says", arguments: contradictions)
  func contradiction(_ forgery: Forgery) throws {
    var sample = LedgerSample.central(rounds: 3)
    #expect(throws: Never.self) { try sample.read() }
    forgery.change(&sample)
    let error = try #require(throws: LedgerError.self) { try sample.read() }
    #expect(error.message.contains(forgery.words), "\(error)")
  }

  @Test("of another form are refused")
  func form() throws {
    let text = try LedgerSample.central(rounds: 1).ledger.encoded().text
    var chain = HashChain()
    let lines = text.split(separator: "\n").map { line in
      let object = String(line.replacing(/,"previous":"[0-9a-f]{64}"}/, with: "}"))
      return chain.link(object.replacingOccurrences(of: "\"ledger\":1", with: "\"ledger\":2"))
    }
    let error = try #require(throws: LedgerError.self) { try Ledger.verified(lines.joined(separator: "\n")) }
    #expect(error.message == "is of form 2; allowed: 1")
  }

  static let gaps = [
    Forgery("a run without privacy", "nothing was promised") { ($0.promises, $0.entries) = (false, []) },
    Forgery("no release at all", "round 1 of 3 has no release") { $0.entries = [] },
    Forgery("nothing done", "no release is in it") { ($0.entries, $0.rounds, $0.participations) = ([], 0, [0]) },
    Forgery("a round without a release", "round 2 of 3 has no release") { $0.entries.remove(at: 1) },
    Forgery("a release of a client in place of everyone's", "round 2 of 3 has no release") {
      $0.entries[1] = $0.entry(2, client: 3)
    },
    Forgery("a trust model that is unknown", "\"nobody\" is unknown") { $0.trust = "nobody" },
    Forgery("a tier that was contacted without a release", "round 1 has no release about the tier \"b\"") {
      $0 = .tiered([0.1, 0.2], rounds: 3, seed: 1)
      $0.entries.removeAll { $0.tier == "b" }
    },
    Forgery("a tier that misses one round", "round 2 has no release about the tier \"a\"") {
      $0 = .tiered([0.1, 0.2], rounds: 3, seed: 1)
      $0.entries.remove(at: 2)
    },
    Forgery("a tier without releases, published", "about the tier \"b\"") {
      $0 = .tiered([0.1, 0.2], rounds: 3, seed: 1)
      $0.entries.removeAll { $0.tier == "b" }
      ($0.isPublished, $0.participations) = (true, [nil, nil])
    },
    Forgery("clients that opted out and were asked", "opted out, and were contacted 2 times") {
      $0 = .tiered([0.1, 0.2], rounds: 3, seed: 1)
      $0.tiers[1] = LedgerOpening.Tier(name: "b", share: 0.5, epsilon: nil)
      $0.participations = [5, 2]
    },
    Forgery("participations without releases", "took part 5 times, 0 times without") {
      $0 = .local([[1, 2], [1], [2, 3]], seed: 1)
      $0.entries.removeAll { $0.client == 1 }
    },
    Forgery("participations of an empty local ledger", "took part 5 times") {
      $0 = .local([[1, 2], [1], [2, 3]], seed: 1)
      $0.entries = []
    },
    Forgery("a query that was answered without a release", "round 3 of 3 has no release") {
      ($0.entries, $0.unanswered) = ([$0.entry(1, release: "query \"q\": sum")], [2])
    },
  ]

  @Test("that do not cover what was done have no guarantee", arguments: gaps)
  func gap(_ forgery: Forgery) throws {
    var sample = LedgerSample.central(rounds: 3)
    #expect(sample.ledger.gap == nil)
    forgery.change(&sample)
    let ledger = try sample.read()
    #expect(ledger.gap?.contains(forgery.words) == true, "\(ledger.gap ?? "no gap")")
    let error = try #require(throws: LedgerCompositionError.self) {
      try LedgerComposition([LedgerComposition.Part(place: "p", ledger: ledger)])
    }
    #expect(error.description.hasPrefix("p: no guarantee: "))
  }

  @Test("that only look as if something were missing have one")
  func sound() throws {
    // A client that was lost sent nothing; a tier that nobody is in was never contacted; refused queries cost nothing.
    var local = LedgerSample.local([[1, 2], [], [2, 3]], seed: 1)
    local.participations = [6]
    #expect(try local.read().gap != nil)
    local.unsent = 2
    #expect(try local.read().gap == nil)
    var tiered = LedgerSample.tiered([0.1, 0.2], rounds: 3, seed: 1)
    tiered.entries.removeAll { $0.tier == "b" }
    tiered.participations = [5, 0]
    #expect(try tiered.read().gap == nil)
    var queries = LedgerSample(rounds: 3)
    queries.entries = [1, 1, 3].map { queries.entry($0, .pure(epsilon: 1), release: "query \"q\": mean") }
    queries.unanswered = [2]
    #expect(try queries.read().gap == nil)
    // Noise that cannot be repeated may have left a client twice: it is paid for twice.
    var twice = LedgerSample.local([[1, 2, 2]], seed: 1)
    #expect(throws: LedgerError.self) { try twice.read() }
    twice.noise = .secure()
    twice.participations = [2]
    #expect(try twice.read().gap == nil)
  }
}
