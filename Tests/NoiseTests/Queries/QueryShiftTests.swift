import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Foundation
import NumericalCore
import Scenarios
import Testing
import Worker

/// How far one client's records move the numbers that a query is answered from.
@Suite("One client more, less or replaced, for every query that is accepted")
struct QueryShiftTests {
  /// A query with what each client adds to its cells.
  struct Sample {
    let combination: QueryCombination
    let contributions: [[Int]]
    /// The releases of one answer.
    let entries: [LedgerEntry]
  }

  /// By guarantee: the clients' contributions come from workers that each have one client, the entries from a session.
  static let samples = Result {
    try Dictionary(grouping: QueryCombination.accepted) {
      "\($0.protection.trust.rawValue), \($0.protection.adjacency.rawValue)"
    }.sorted { $0.key < $1.key }.flatMap { try measure($0.value) }
  }

  private static func measure(_ combinations: [QueryCombination]) throws -> [Sample] {
    let scenario = try QueryCombination.together(combinations, of: QueryPopulations.market)
    let text = [UInt8](try scenario.resolved.encoded(pretty: false))
    let clients = QueryPopulations.marketClients
    let workers = try (0..<clients).map { client in
      try QueryWorker(
        WorkerConfiguration(
          worker: client, workers: clients, cacheBytes: 0, scenario: text, folder: "/",
          secureNoise: false, task: .queries))
    }
    let ledger = try Laboratory.own().ask(scenario).result.ledger
    return try combinations.enumerated().map { number, combination in
      let contributions = try workers.map { worker -> [Int] in
        let request = TallyRequest(query: number, level: 0, release: number + 1, trial: 0)
        guard case .tallied(let tally) = try worker.tally(request) else { return [] }
        return tally.bounded.map { Int($0) }
      }
      return Sample(
        combination: combination, contributions: contributions, entries: ledger.filter { $0.round == number + 1 })
    }
  }

  @Test("moves them by no more than the ledger's sensitivity, and some client by all of that")
  func sensitivity() throws {
    let samples = try Self.samples.get()
    #expect(samples.count > 50)
    for sample in samples {
      switch sample.combination.way {
      case .noise: expectSums(sample)
      case .selection: expectUtilities(sample)
      case .response: expectOneAnswer(sample)
      }
    }
  }

  /// Cells that share an entry are moved in L1 norm.
  private func expectSums(_ sample: Sample) {
    let cells = sample.contributions[0].count
    let parts = sample.entries.count == cells ? (0..<cells).map { $0..<$0 + 1 } : [0..<cells]
    #expect(parts.count == sample.entries.count, "\(sample.combination)")
    for (part, entry) in zip(parts, sample.entries) {
      let moved = sample.largest { one, other in part.reduce(0) { $0 + abs(one[$1] - other[$1]) } }
      #expect(
        Double(moved) == entry.sensitivity, "\(sample.combination): \(moved) instead of \(entry.sensitivity)")
    }
  }

  /// A candidate's utility is moved on its own.
  private func expectUtilities(_ sample: Sample) {
    let cells = sample.contributions[0].count
    let total = sample.contributions.reduce([Int](repeating: 0, count: cells)) { zip($0, $1).map(+) }
    func utilities(_ cells: [Int]) -> [Int] {
      sample.combination.query.kind == .quantile ? Utilities.quantile(0.7, cells) : cells
    }
    // All others, and one of two clients or none in the place of one.
    let rest = zip(total, sample.contributions[0]).map(-)
    let moved = sample.largest(of: { utilities(zip(rest, $0).map(+)) }) { one, other in
      zip(one, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
    for entry in sample.entries {
      #expect(
        Double(moved) == entry.sensitivity, "\(sample.combination): \(moved) instead of \(entry.sensitivity)")
    }
  }

  /// A client is in one cell or in none, and names one of the cells or none.
  private func expectOneAnswer(_ sample: Sample) {
    let cells = sample.contributions[0].count
    #expect(sample.contributions.allSatisfy { $0.reduce(0, +) <= 1 && $0.allSatisfy { (0...1).contains($0) } })
    #expect(sample.entries.count == 1, "\(sample.combination)")
    guard case .randomizedResponse(_, let categories)? = sample.entries.first?.event else {
      Issue.record("\(sample.combination): another event than the response")
      return
    }
    #expect(categories == cells + 1, "\(sample.combination)")
  }
}

extension QueryShiftTests.Sample {
  /// The largest distance between neighbours: a client's contribution and nothing, or another's.
  fileprivate func largest(
    of function: ([Int]) -> [Int] = { $0 }, _ distance: ([Int], [Int]) -> Int
  ) -> Int {
    let none = function([Int](repeating: 0, count: contributions[0].count))
    let distinct = Set(contributions).map(function)
    switch combination.protection.adjacency {
    case .addOrRemove: return distinct.map { distance($0, none) }.max() ?? 0
    case .replaceOne: return distinct.flatMap { one in distinct.map { distance(one, $0) } }.max() ?? 0
    }
  }
}

/// How good a candidate is, written down a second time.
enum Utilities {
  /// How many thousandths of a record a value is away from having a share of the records below it, negative.
  static func quantile(_ share: Double, _ counts: [Int]) -> [Int] {
    let wanted = Int((share * 1000).rounded()) * counts.reduce(0, +)
    var upTo = 0
    return counts.map { count in
      let below = upTo
      upTo += 1000 * count
      return upTo < wanted ? upTo - wanted : below > wanted ? wanted - below : 0
    }
  }
}
