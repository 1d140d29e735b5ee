import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Foundation
import Scenarios
import TestSupport
import Testing

/// What each client does to its own answer. With three workers and three clients, each worker sends one client's answer.
@Suite("What clients hide their answers with, for every query that is accepted with local trust")
struct LocalQueryTests {
  struct Sample {
    let combination: QueryCombination
    /// By client and release.
    let tallies: [[Tally]]
    let entries: [[LedgerEntry]]
    let answers: [QueryAnswer]

    init(_ combination: QueryCombination, times: Int, seed: Int) throws {
      self.combination = combination
      let asked = try Laboratory.own().ask(
        combination.asked(of: QueryPopulations.three, times: times, epsilon: 0.5, seed: seed), workers: 3)
      tallies = asked.tallies
      answers = asked.result.answers
      entries = (1...times).map { release in asked.result.ledger.filter { $0.round == release } }
    }

    /// What a client added to a cell, release by release.
    func noise(client: Int, cell: Int) -> [Double] {
      tallies[client].map { Double($0.noisy[cell] - $0.bounded[cell]) }
    }

    var cells: Range<Int> { 0..<tallies[0][0].noisy.count }

    /// The noise of every client on every cell.
    var noises: [[Double]] { cells.flatMap { cell in tallies.indices.map { noise(client: $0, cell: cell) } } }

    func entry(cell: Int) -> LedgerEntry? {
      entries[0].count == cells.count ? entries[0][cell] : entries[0].count == 1 ? entries[0][0] : nil
    }
  }

  static let noisy = Result {
    try QueryCombination.accepted(.local, .noise).enumerated().map {
      try Sample($0.element, times: 400, seed: 60 + $0.offset)
    }
  }

  static let responses = Result {
    try QueryCombination.accepted(.local, .response).enumerated().map {
      try Sample($0.element, times: 1000, seed: 90 + $0.offset)
    }
  }

  // MARK: Noise

  @Test("deviates for each client in every cell as the ledger says")
  func deviation() throws {
    try expectNone("noise of another deviation than the ledger's", of: Self.noisy.get(), \.combination) { sample in
      sample.cells.contains { cell in
        guard let entry = sample.entry(cell: cell) else { return true }
        return sample.tallies.indices.contains { client in
          let noise = sample.noise(client: client, cell: cell)
          return Measures.excess(ofDeviation: noise, from: entry.noiseStandardDeviation, shape: .laplace) > 1
            || DiscreteLaplace(entry).map { $0.excess(of: noise.map { Int($0) }) > 1 } ?? true
        }
      }
    }
  }

  @Test("is new in every release, in every cell and for every client")
  func independence() throws {
    try expectNone("noise that is used twice", of: Self.noisy.get(), \.combination) { sample in
      let noises = sample.noises
      return noises.indices.contains { i in
        Measures.excess(ofCorrelationAlong: noises[i]) > 1
          || noises[(i + 1)...].contains { Measures.excess(ofCorrelation: noises[i], $0) > 1 }
      }
    }
  }

  @Test("is all the noise there is: counts and sums are what the clients sent")
  func answers() throws {
    let plain = try Self.noisy.get().filter { [.count, .sum, .histogram].contains($0.combination.query.kind) }
    expectNone("answers that are made otherwise", of: plain, \.combination) { sample in
      sample.answers.enumerated().contains { release, answer in
        answer.lines.enumerated().contains { cell, line in
          // Negative counts are withheld.
          line.released.map { $0 != sample.tallies.reduce(0) { $0 + Double($1[release].noisy[cell]) } } ?? false
        }
      }
    }
  }

  // MARK: Randomised response

  @Test("tells a client's own answer as often as the ledger's event says, and each other one equally often")
  func responses() throws {
    try expectNone("answers of another distribution", of: Self.responses.get(), \.combination) { sample in
      guard case .randomizedResponse(let epsilon, let categories)? = sample.entries[0].first?.event,
        categories == sample.cells.count
      else { return true }
      let lie = 1 / (exp(epsilon) + Double(categories - 1))
      return sample.tallies.contains { tallies in
        let truth = tallies[0].bounded.firstIndex(of: 1) ?? categories - 1
        let observed = (0..<categories).map { cell in tallies.count { $0.noisy[cell] == 1 } }
        let expected = (0..<categories).map { Double(tallies.count) * ($0 == truth ? exp(epsilon) * lie : lie) }
        return tallies.contains { $0.noisy.reduce(0, +) != 1 || $0.noisy.contains { $0 != 0 && $0 != 1 } }
          || Goodness.chiSquare(observed: observed, expected: expected)
            > Goodness.chiSquareThreshold(freedom: categories - 1)
      }
    }
  }

  @Test("lies anew in every release and for every client")
  func lies() throws {
    try expectNone("lies that are told together", of: Self.responses.get(), \.combination) { sample in
      let told = sample.tallies.map { tallies -> [Double] in
        let truths = tallies.map { tally in
          zip(tally.bounded, tally.noisy).contains { $0 == 1 && $1 == 1 }
            || (tally.bounded.allSatisfy { $0 == 0 } && tally.noisy.last == 1) ? 1.0 : 0
        }
        let share = truths.reduce(0, +) / Double(truths.count)
        return truths.map { $0 - share }
      }
      return told.indices.contains { i in
        Measures.excess(ofCorrelationAlong: told[i]) > 1
          || told[(i + 1)...].contains { Measures.excess(ofCorrelation: told[i], $0) > 1 }
      }
    }
  }
}
