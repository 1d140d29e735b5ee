import DifferentialPrivacy
import Foundation
import TestSupport
import Testing

/// δ for a stated ε, and what pairs of both say about every test.
@Suite("δ and trade-off curves")
struct DeltaTests {
  static let references = ReferenceTable("delta_reference", in: .module).rows

  @Test("δ is bracketed, and dp-accounting's lies in it or just above", .tags(.conformance), arguments: references)
  func conformance(row: ReferenceTable.Row) throws {
    let event = PrivacyEvent.poissonSampledGaussian(
      samplingRate: row.number("sampling_rate"), noiseMultiplier: row.number("noise_multiplier"))
    let found = try PrivacyLossAccountant().delta(
      of: [RepeatedEvent(event, count: row.integer("rounds"))], adjacency: .addOrRemove,
      epsilon: row.number("epsilon"))
    let reference = row.number("delta")
    let lower = try #require(found.lower)
    #expect(lower <= reference && found.upper >= reference * 0.98 && found.upper <= reference * 1.01)
    #expect(lower <= found.upper && lower >= found.upper * 0.98)
  }

  static let mixed = [
    RepeatedEvent(.laplace(noiseMultiplier: 2), count: 10), RepeatedEvent(.gaussian(noiseMultiplier: 3), count: 5),
    RepeatedEvent(.pure(epsilon: 0.3), count: 3),
  ]

  @Test("δ at an ε is what ε at a δ was computed from", arguments: [AccountantKind.pld, .rdp, .zcdp])
  func inverse(kind: AccountantKind) throws {
    for delta in [1e-8, 1e-4, 0.05] {
      let epsilon = try kind.accountant.epsilon(of: Self.mixed, adjacency: .replaceOne, delta: delta)
      let back = try kind.accountant.delta(of: Self.mixed, adjacency: .replaceOne, epsilon: epsilon.upper)
      #expect(back.upper <= delta * 1.05)
      let below = try kind.accountant.delta(of: Self.mixed, adjacency: .replaceOne, epsilon: epsilon.upper * 0.97)
      #expect(below.upper > delta)
    }
  }

  @Test("several ε are answered as each alone, whatever their order", arguments: AccountantKind.allCases)
  func several(kind: AccountantKind) throws {
    let events = [RepeatedEvent(.laplace(noiseMultiplier: 2), count: 10)]
    let epsilons = [3.0, 0, 1, 4.9, 2, 6]
    let together = try kind.accountant.deltas(of: events, adjacency: .addOrRemove, epsilons: epsilons)
    for (epsilon, found) in zip(epsilons, together) {
      let alone = try kind.accountant.delta(of: events, adjacency: .addOrRemove, epsilon: epsilon)
      #expect(abs(found.upper - alone.upper) <= 0.05 * alone.upper + 1e-15)
      #expect((found.lower ?? 0) <= alone.upper && (alone.lower ?? 0) <= found.upper)
    }
    // Ten times 1/2 is all there is; zCDP does not know that it ends.
    if kind != .zcdp { #expect(together[5].upper <= 1e-15) }
  }

  @Test("pure mechanisms have the δ of randomised response")
  func pure() throws {
    let found = try PureAccountant().delta(
      of: [RepeatedEvent(.pure(epsilon: 0.5), count: 4)], adjacency: .replaceOne, epsilon: 0.7)
    #expect(abs(found.upper - (exp(2) - exp(0.7)) / (exp(2) + 1)) < 1e-12)
  }

  @Test("refuse an ε without a meaning", arguments: AccountantKind.allCases)
  func invalid(kind: AccountantKind) {
    for epsilon in [-1, .nan, .infinity] {
      #expect(throws: AccountingError.self) {
        try kind.accountant.delta(of: [], adjacency: .addOrRemove, epsilon: epsilon)
      }
    }
  }

  @Test("the trade-off curve of a Gaussian is the closed form, from below", .tags(.conformance))
  func gaussianTradeOff() throws {
    // Φ(Φ⁻¹(1 − α) − 1), Dong, Roth and Su 2022, equation 6; 12 digits by mpmath 1.4.
    let exact = [
      (0.001, 0.981701531594), (0.01, 0.907637751926), (0.05, 0.740488977159), (0.2, 0.437079172266),
      (0.5, 0.158655253931), (0.9, 0.0112579145126),
    ]
    // The same mechanism, in closed form and composed by Fourier transform with a release that tells next to nothing.
    let gaussian = RepeatedEvent(.gaussian(noiseMultiplier: 1), count: 1)
    let nothing = RepeatedEvent(.laplace(noiseMultiplier: 1e6), count: 1)
    for events in [[gaussian], [gaussian, nothing]] {
      let curve = try PrivacyLossAccountant().tradeOff(
        of: events, adjacency: .addOrRemove, typeIErrors: exact.map(\.0))
      for (point, exact) in zip(curve, exact) {
        #expect(point.typeI == exact.0)
        #expect(point.typeII <= exact.1 + 1e-9 && point.typeII >= exact.1 - 0.001)
      }
    }
  }

  @Test("a trade-off curve runs from 1 to 0 and is no higher by an accountant that proves less")
  func tradeOffShape() throws {
    let event = PrivacyEvent.poissonSampledGaussian(samplingRate: 0.05, noiseMultiplier: 1)
    let events = [RepeatedEvent(event, count: 200)]
    let alphas = (0...20).map { Double($0) / 20 }
    let curve = try PrivacyLossAccountant().tradeOff(of: events, adjacency: .addOrRemove, typeIErrors: alphas)
    let weaker = try RenyiAccountant().tradeOff(of: events, adjacency: .addOrRemove, typeIErrors: alphas)
    #expect(curve[0].typeII > 0.99 && curve[20].typeII == 0)
    for (left, right) in zip(curve, curve.dropFirst()) { #expect(right.typeII <= left.typeII) }
    for (tight, weak) in zip(curve, weaker) { #expect(weak.typeII <= tight.typeII + 1e-9) }
    #expect(weaker[4].typeII > 0)
  }

  @Test("one pair of ε and δ rules out the tests that it rules out")
  func onePair() {
    let curve = TradeOffCurve(guarantees: [(epsilon: log(3), delta: 0.1)])
    #expect(abs(curve.typeII(at: 0) - 0.9) < 1e-12)
    #expect(abs(curve.typeII(at: 0.2) - 0.3) < 1e-12)
    #expect(abs(curve.typeII(at: 0.6) - 0.1) < 1e-12)
    #expect(curve.typeII(at: 1) == 0)
  }
}
