import DifferentialPrivacy
import Foundation
import Testing

/// Events whose exact δ(ε) can be summed directly.
@Suite("Laplace, discrete and pure events")
struct PureAndDiscreteTests {
  private func bracket(_ events: [RepeatedEvent], delta: Double) throws -> (lower: Double, upper: Double) {
    let found = try PrivacyLossAccountant().epsilon(of: events, adjacency: .replaceOne, delta: delta)
    return (try #require(found.lower), found.upper)
  }

  /// The least ε with Σ max(p − e^ε·q, 0) ≤ δ, by bisection.
  private func exact(_ delta: Double, _ excess: (Double) -> Double) -> Double {
    var (low, high) = (0.0, 100.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if excess(middle) > delta { low = middle } else { high = middle }
    }
    return high
  }

  /// T independent answers of binary randomised response: the number of true ones is binomial.
  private func composedResponse(_ epsilon: Double, rounds: Int, delta: Double) -> Double {
    let p = exp(epsilon) / (1 + exp(epsilon))
    var logChoose = [0.0]
    for k in 1...rounds { logChoose.append(logChoose[k - 1] + log(Double(rounds - k + 1)) - log(Double(k))) }
    return exact(delta) { candidate in
      (0...rounds).reduce(0.0) { sum, k in
        let logP = logChoose[k] + Double(k) * log(p) + Double(rounds - k) * log(1 - p)
        let loss = Double(2 * k - rounds) * epsilon
        return sum + (loss > candidate ? exp(logP) * (1 - exp(candidate - loss)) : 0)
      }
    }
  }

  @Test(
    "randomised response composes to the binomial sum",
    arguments: [(0.1, 100, 1e-6), (0.5, 40, 1e-5), (1, 10, 1e-9)])
  func randomizedResponse(epsilon: Double, rounds: Int, delta: Double) throws {
    let exact = composedResponse(epsilon, rounds: rounds, delta: delta)
    let event = PrivacyEvent.randomizedResponse(epsilon: epsilon, categories: 2)
    let found = try bracket([RepeatedEvent(event, count: rounds)], delta: delta)
    #expect(found.lower <= exact && exact <= found.upper)
    #expect(found.upper - found.lower <= 0.005 * found.upper)
    // It dominates every pure mechanism; how much of it one reaches is not known.
    let pure = [RepeatedEvent(PrivacyEvent.pure(epsilon: epsilon), count: rounds)]
    let bound = try PrivacyLossAccountant().epsilon(of: pure, adjacency: .replaceOne, delta: delta)
    #expect(bound.lower == nil && exact <= bound.upper && bound.upper <= exact * 1.005)
  }

  @Test("one Laplace mechanism has the closed form", arguments: [(1.0, 1e-5), (0.5, 0.01), (3.0, 1e-3)])
  func laplace(multiplier: Double, delta: Double) throws {
    // δ(ε) = 1 − e^((ε − 1/b)/2) (Balle and Wang 2018, theorem 3).
    let exact = 1 / multiplier + 2 * log(1 - delta)
    let found = try bracket([RepeatedEvent(.laplace(noiseMultiplier: multiplier), count: 1)], delta: delta)
    #expect(found.lower <= exact && exact <= found.upper)
    #expect(found.upper - found.lower <= 0.005 * found.upper)
  }

  @Test("a discrete Laplace with a fine lattice is close to the continuous one, and its own ε is exact")
  func discreteLaplace() throws {
    let (scale, sensitivity) = (200.0, 100)
    let event = PrivacyEvent.discreteLaplace(scale: scale, sensitivity: sensitivity)
    let found = try bracket([RepeatedEvent(event, count: 20)], delta: 1e-6)
    let continuous = try bracket([RepeatedEvent(.laplace(noiseMultiplier: 2), count: 20)], delta: 1e-6)
    #expect(abs(found.upper / continuous.upper - 1) < 0.01)
    let mass = tanh(1 / (2 * scale))
    let one = exact(0.01) { candidate in
      (-20_000...20_000).reduce(0.0) { sum, k in
        let loss = Double(abs(k - sensitivity) - abs(k)) / scale
        return sum + (loss > candidate ? mass * exp(-Double(abs(k)) / scale) * (1 - exp(candidate - loss)) : 0)
      }
    }
    let single = try bracket([RepeatedEvent(event, count: 1)], delta: 0.01)
    #expect(single.lower <= one && one <= single.upper && single.upper - single.lower < 0.005 * one)
  }

  @Test("a discrete Gaussian has the ε of its sum", arguments: [(2.0, 1, 1e-6), (0.7, 1, 1e-4), (30, 10, 1e-8)])
  func discreteGaussian(deviation: Double, sensitivity: Int, delta: Double) throws {
    let weights = (-2000...2000).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
    let total = weights.reduce(0, +)
    let exact = exact(delta) { candidate in
      zip(-2000...2000, weights).reduce(0.0) { sum, point in
        let loss = Double(sensitivity * sensitivity - 2 * point.0 * sensitivity) / (2 * deviation * deviation)
        return sum + (loss > candidate ? point.1 / total * (1 - exp(candidate - loss)) : 0)
      }
    }
    let event = PrivacyEvent.discreteGaussian(standardDeviation: deviation, sensitivity: sensitivity)
    let found = try bracket([RepeatedEvent(event, count: 1)], delta: delta)
    #expect(found.lower <= exact && exact <= found.upper)
    #expect(found.upper - found.lower <= 0.005 * found.upper)
    // The Rényi curve of the continuous Gaussian holds for it (Canonne, Kamath and Steinke 2020).
    for kind in [AccountantKind.rdp, .zcdp] {
      #expect(
        try kind.accountant.epsilon(of: [RepeatedEvent(event, count: 1)], adjacency: .replaceOne, delta: delta)
          .upper
          >= found.lower)
    }
  }

  @Test("different events compose together, to less than their sum and more than each")
  func composition() throws {
    let events = [
      RepeatedEvent(.laplace(noiseMultiplier: 2), count: 10),
      RepeatedEvent(.gaussian(noiseMultiplier: 3), count: 5),
      RepeatedEvent(.discreteLaplace(scale: 10, sensitivity: 5), count: 4),
      RepeatedEvent(.randomizedResponse(epsilon: 0.3, categories: 2), count: 3),
    ]
    let whole = try bracket(events, delta: 1e-6)
    let parts = try events.map { try bracket([$0], delta: 1e-6) }
    #expect(whole.lower > (parts.map(\.upper).max() ?? 0))
    #expect(whole.upper < parts.map(\.upper).reduce(0, +))
    #expect(whole.upper - whole.lower <= 0.005 * whole.upper)
    for kind in [AccountantKind.rdp, .zcdp] {
      #expect(try kind.accountant.epsilon(of: events, adjacency: .replaceOne, delta: 1e-6).upper >= whole.lower)
    }
    let reversed = try bracket(events.reversed(), delta: 1e-6)
    #expect(abs(reversed.upper / whole.upper - 1) < 1e-9)
  }

  @Test("pure accounting adds up")
  func pure() throws {
    let events = [
      RepeatedEvent(.laplace(noiseMultiplier: 2), count: 10), RepeatedEvent(.pure(epsilon: 0.3), count: 3),
      RepeatedEvent(.randomizedResponse(epsilon: 0.5, categories: 4), count: 2),
      RepeatedEvent(.discreteLaplace(scale: 4, sensitivity: 1), count: 1),
    ]
    let found = try PureAccountant().epsilon(of: events, adjacency: .replaceOne, delta: 1e-5).upper
    #expect(abs(found - (5 + 0.9 + 1 + 0.25)) < 1e-12)
  }

  @Test("zCDP of Gaussians is the Rényi bound at the best order")
  func concentrated() throws {
    let events = [RepeatedEvent(.gaussian(noiseMultiplier: 5), count: 30)]
    let concentrated = try ConcentratedAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: 1e-6).upper
    let renyi = try RenyiAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: 1e-6).upper
    #expect(concentrated <= renyi * (1 + 1e-9) && concentrated > renyi * 0.999)
  }

  @Test("calibration finds the largest sampling rate and the most rounds, to the last step")
  func otherCalibrations() throws {
    func events(_ rate: Double, _ rounds: Int) -> [RepeatedEvent] {
      [RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: 1), count: rounds)]
    }
    let accountant = PrivacyLossAccountant()
    func epsilon(_ rate: Double, _ rounds: Int) throws -> Double {
      try accountant.upperBound(of: events(rate, rounds), adjacency: .addOrRemove, delta: 1e-6)
    }
    let rate = try Calibration.samplingRate(
      epsilon: 2, delta: 1e-6, adjacency: .addOrRemove, accountant: accountant
    ) { events($0, 1000) }
    #expect(try epsilon(rate, 1000) <= 2 && epsilon(rate + 1e-5, 1000) > 2)
    let rounds = try Calibration.rounds(
      epsilon: 2, delta: 1e-6, adjacency: .addOrRemove, accountant: accountant
    ) { events(0.01, $0) }
    #expect(try epsilon(0.01, rounds) <= 2 && epsilon(0.01, rounds + 10) > 2)
    #expect(throws: AccountingError.self) {
      try Calibration.rounds(epsilon: 0.001, delta: 1e-9, adjacency: .addOrRemove, accountant: accountant) {
        [RepeatedEvent(.gaussian(noiseMultiplier: 0.5), count: $0)]
      }
    }
  }

  @Test(
    "extreme settings give an ordered bracket of finite numbers", arguments: [1e-7, 1e-3, 0.3, 1], [0.2, 5, 1000])
  func extremes(rate: Double, multiplier: Double) throws {
    for rounds in [1, 1000, 10_000_000] {
      for delta in [1e-12, 0.1] {
        let event = PrivacyEvent.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
        let found = try PrivacyLossAccountant().epsilon(
          of: [RepeatedEvent(event, count: rounds)], adjacency: .addOrRemove, delta: delta)
        let lower = try #require(found.lower)
        #expect(found.upper.isFinite && lower >= 0 && lower <= found.upper)
      }
    }
  }
}
