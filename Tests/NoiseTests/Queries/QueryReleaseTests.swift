import Coordinator
import DifferentialPrivacy
import Foundation
import Scenarios
import TestSupport
import Testing

/// Beside its answers a session draws trials, chooses several values one after the other, and withholds small counts.
@Suite("Releases of queries")
struct QueryReleaseTests {
  private static func combination(
    _ trust: Privacy.Trust = .central, where isWanted: (Query) -> Bool
  ) throws -> QueryCombination {
    try #require(QueryCombination.accepted.first { $0.protection.trust == trust && isWanted($0.query) })
  }

  @Test("are not what the trials draw, whose error is printed", arguments: Privacy.Trust.allCases)
  func trials(trust: Privacy.Trust) throws {
    let times = 300
    let count = try Self.combination(trust) { $0.kind == .count && $0.counted == .records }
    let asked = try Laboratory.own().ask(
      count.asked(of: QueryPopulations.three, times: times, epsilon: 0.05, seed: 8, trials: 2))
    // The squares of both errors add up to twice that of the measured one.
    let errors = asked.result.answers.map { answer -> (release: Double, trial: Double) in
      let line = answer.lines[0]
      let own = (line.released ?? .nan) - (line.truth ?? .nan)
      return (
        abs(own),
        max(0, 2 * (answer.error?.measured ?? .nan) * (answer.error?.measured ?? .nan) - own * own).squareRoot()
      )
    }
    #expect(errors.count { abs($0.release - $0.trial) < 1e-6 } < times / 4)
    func centred(_ values: [Double]) -> [Double] { values.map { $0 - values.reduce(0, +) / Double(values.count) } }
    let (own, trial) = (centred(errors.map(\.release)), centred(errors.map(\.trial)))
    for shift in -2...2 {
      let (a, b) = (own.dropFirst(max(0, shift)), trial.dropFirst(max(0, -shift)))
      #expect(Measures.excess(ofCorrelation: a, b) < 1, "a release has the noise of a trial \(shift) away")
    }
  }

  @Test("of several choices draw anew for each, and each costs its part")
  func choices() throws {
    let times = 2000
    for selection in Query.Selection.allCases {
      let top = try Self.combination { $0.kind == .top && $0.selections == [selection] }
      let asked = try Laboratory.own().ask(
        top.asked(
          of: QueryPopulations.close, times: times, epsilon: 1, seed: 9,
          changing: ("choices", .integer(2))))
      let counts = asked.tallies[0][0].bounded.map { Int($0) }
      let entries = asked.result.ledger.filter { $0.round == 1 }
      #expect(entries.count == 2)
      guard case .pure(let epsilon)? = entries.first?.event else { return }
      #expect(epsilon <= 0.5)
      let law = SelectionLaw(selection, rate: epsilon / (2 * entries[0].sensitivity))
      // Every pair: the first among all, the second among those that are left.
      let (first, pairs) = (law.probabilities(counts), [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)])
      let expected = pairs.map { one, other -> Double in
        let left = [0, 1, 2].filter { $0 != one }
        let second = law.probabilities(left.map { counts[$0] })
        return Double(times) * first[one] * second[left.firstIndex(of: other) ?? 0]
      }
      let chosen = asked.result.answers.map { $0.lines.map { Int($0.released ?? -1) } }
      let observed = pairs.map { one, other in chosen.count { $0 == [one, other] } }
      #expect(
        Goodness.chiSquare(observed: observed, expected: expected) < Goodness.chiSquareThreshold(freedom: 5),
        "\(selection)")
    }
  }

  @Test("withhold a count by its noisy value, which is the one that would be shown")
  func withheld() throws {
    let histogram = try Self.combination { $0.kind == .histogram && $0.counted == .records }
    func lines(_ minimum: Int) throws -> [Double?] {
      try Laboratory.own().ask(
        histogram.asked(
          of: QueryPopulations.close, times: 100, epsilon: 0.3, seed: 10,
          changing: ("minimumCount", .integer(minimum)))
      ).result.answers.flatMap { $0.lines.map(\.released) }
    }
    let (all, some) = (try lines(0), try lines(10))
    // Negative counts are withheld even at a minimum of 0.
    #expect(some.contains(nil) && some.contains { $0 != nil })
    for (shown, value) in zip(some, all) { #expect(shown == value.flatMap { $0 >= 10 ? $0 : nil }) }
  }

  @Test("from the system's secure source deviate as the ledger says, and are others in every run")
  func secure() throws {
    for trust in Privacy.Trust.allCases {
      let count = try Self.combination(trust) {
        $0.kind == .count && $0.counted == .records && $0.localMechanism == .laplace
      }
      let runs = try (0..<2).map { _ in
        try Laboratory.own().ask(
          count.asked(of: QueryPopulations.three, times: 500, epsilon: 0.1, seed: 1), workers: 1, noise: .secure)
      }
      let noises = runs.map { run in
        zip(run.result.answers, run.tallies[0]).map { ($0.lines[0].released ?? .nan) - Double($1.bounded[0]) }
      }
      // With local trust the noise of all three clients is in the answer.
      let clients = trust == .local ? 3.0 : 1
      let deviation = (runs[0].result.ledger.first?.noiseStandardDeviation ?? .nan) * clients.squareRoot()
      for noise in noises {
        #expect(Measures.excess(ofDeviation: noise, from: deviation, shape: .laplace) < 1, "\(trust)")
        #expect(Measures.excess(ofCorrelationAlong: noise) < 1, "\(trust)")
      }
      #expect(Measures.excess(ofCorrelation: noises[0], noises[1]) < 1, "\(trust)")
    }
  }
}
