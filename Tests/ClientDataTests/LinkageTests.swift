import ClientData
import Foundation
import NumericalCore
import Scenarios
import Testing

@Suite("Anonymised clients")
struct LinkageTests {
  private func anonymisation(_ text: String) throws -> Anonymisation {
    let scenario = try makeScenario(
      population: #"{"kind": "market", "clients": 5000}"#, features: #""anonymisation": \#(text),"#)
    return try #require(scenario.anonymisation)
  }

  private func profiles(_ count: Int, seed: UInt64) -> [Anonymiser.Profile] {
    var stream = RandomStream(seed: seed, purpose: .examples)
    // Uneven: some combinations are common, some are one of a kind.
    return (0..<count).map { _ in
      let rank = stream.nextUniform()
      return Anonymiser.Profile(segment: Int(rank * rank * 40), budget: stream.nextInteger(below: 16))
    }
  }

  @Test(
    "share their combination with k − 1 others at least, or are left out, and few are",
    arguments: [1, 2, 5, 40, 900])
  func anonymity(k: Int) throws {
    for seed: UInt64 in 1...10 {
      for share in [0, 0.03, 0.3] {
        let profiles = profiles(1000, seed: seed)
        let anonymiser = Anonymiser(
          try anonymisation(#"{"k": \#(k), "suppression": \#(share)}"#), profiles: profiles)
        let kept = profiles.filter(anonymiser.keeps)
        let sizes = Dictionary(grouping: kept, by: anonymiser.generalised).mapValues(\.count)
        #expect(sizes.values.allSatisfy { $0 >= k })
        #expect(anonymiser.suppressed == 1000 - kept.count && Double(anonymiser.suppressed) <= share * 1000)
        if k == 1 { #expect(anonymiser.levels == [0, 0]) }
      }
    }
  }

  @Test("lose detail only in the fields that are named, and only as much as is needed")
  func levels() throws {
    let profiles = profiles(1000, seed: 3)
    let segmentsOnly = Anonymiser(
      try anonymisation(#"{"k": 30, "quasiIdentifiers": ["segment"]}"#), profiles: profiles)
    for profile in profiles { #expect(segmentsOnly.generalised(profile).budget == profile.budget) }
    var before = 0
    for k in [1, 5, 25, 125, 625] {
      let anonymiser = Anonymiser(try anonymisation(#"{"k": \#(k)}"#), profiles: profiles)
      let total = anonymiser.levels.reduce(0, +)
      #expect(total >= before)
      before = total
    }
    #expect(before > 5)
  }

  private func market(_ anonymisation: String?) throws -> Market {
    let text = anonymisation.map { #""anonymisation": \#($0),"# } ?? ""
    let scenario = try makeScenario(
      population: """
        {"kind": "market", "clients": 400, "heldOutClients": 20, "segments": 30, "budgetBands": 10, "items": 60,
         "examplesPerClient": {"median": 15, "spread": 0.5}}
        """, features: #""features": {"groups": ["segment", "item"], "hashedDimension": 1048576}, \#(text)"#)
    return try #require(try makeClientSource(for: scenario, folder: "/") as? Market)
  }

  @Test("are in the released table as rows that always fit them, and never in too small a combination")
  func table() throws {
    for k in [1, 4, 50] {
      let market = try market(#"{"k": \#(k)}"#)
      let table = try #require(ReleasedTable(market))
      #expect(table.smallestCombination >= k)
      var left = 0
      for client in 0..<400 {
        let nothing = market.dossier(of: client, heldOut: false, knownExamples: 0)
        let little = market.dossier(of: client, heldOut: false, knownExamples: 2)
        let all = market.dossier(of: client, heldOut: false, knownExamples: 1000)
        let shard = try #require(market.trainingShard(client))
        guard table.has(nothing) else {
          left += 1
          #expect(table.matches(nothing) == 0 && shard.labels.isEmpty)
          continue
        }
        #expect(all.examples == Array(shard.labels.indices) && little.examples.count == min(2, shard.labels.count))
        #expect(table.matches(nothing) >= max(k, table.matches(little)))
        #expect(table.matches(little) >= table.matches(all) && table.matches(all) >= 1)
      }
      #expect(left == market.skippedClients)
    }
    #expect(ReleasedTable(try market(nil)) == nil)
  }

  @Test("have features of their coarser fields, held-out clients too")
  func features() throws {
    let (plain, coarse) = (try market(nil), try market(#"{"k": 100, "suppression": 0}"#))
    func coordinates(_ market: Market) throws -> Int {
      let shards =
        try (0..<20).map { try #require(market.heldOutShard($0)) }
        + (0..<400).map { try #require(market.trainingShard($0)) }
      return Set(shards.flatMap { shard in shard.labels.indices.flatMap { shard.example($0).map(\.0) } }).count
    }
    // 60 items and a bias, and as many segments as are left.
    #expect(try coordinates(plain) == 91)
    let left = Set(
      (0..<400).map { coarse.anonymiser?.generalised(coarse.quasiIdentifiers(of: $0, heldOut: false)).segment })
    #expect(left.count < 5)
    #expect(try coordinates(coarse) == 61 + left.count)
  }
}
