import DifferentialPrivacy
import Foundation
import Testing

@Suite("The best of a random number of trials")
struct PrivateTuningTests {
  private static let gaussian = [RepeatedEvent(.gaussian(noiseMultiplier: 4), count: 1)]

  /// Theorems 2 and 6 of Papernot and Steinke 2022, written down once more in Python, for a Gaussian of multiplier 4.
  @Test(
    "costs what the theorems say",
    arguments: [
      (TrialDistribution.negativeBinomial(shape: 1, mean: 20), 2.4556967928939466),
      (.negativeBinomial(shape: 0, mean: 20), 2.014232238100263),
      (.negativeBinomial(shape: 0.5, mean: 100), 2.534766529195374),
      (.negativeBinomial(shape: -0.5, mean: 20), 1.7573103025908907), (.poisson(mean: 20), 3.7268928950195113),
    ])
  func known(trials: TrialDistribution, epsilon: Double) throws {
    let found = try TunedAccountant(trials).epsilon(of: Self.gaussian, adjacency: .addOrRemove, delta: 1e-6)
    #expect(abs(found.upper / epsilon - 1) < 1e-9 && found.lower == nil)
    let back = try TunedAccountant(trials).delta(of: Self.gaussian, adjacency: .addOrRemove, epsilon: epsilon)
    #expect(abs(back.upper / 1e-6 - 1) < 1e-6)
  }

  /// The probability generating function of the number of trials (definitions 1 and 2 there).
  private func generating(_ trials: TrialDistribution, _ x: Double) -> Double {
    switch trials {
    case .poisson(let mean): return exp(mean * (x - 1))
    case .negativeBinomial(let shape, let mean):
      // γ by its mean.
      var (low, high) = (1e-9, 1.0)
      for _ in 0..<200 {
        let gamma = (low + high) / 2
        let found =
          shape == 0 ? (1 / gamma - 1) / log(1 / gamma) : shape * (1 - gamma) / (gamma * (1 - pow(gamma, shape)))
        if found > mean { low = gamma } else { high = gamma }
      }
      if shape == 0 { return log(1 - (1 - low) * x) / log(low) }
      return (pow(1 - (1 - low) * x, -shape) - 1) / (pow(low, -shape) - 1)
    }
  }

  /// Randomised response about one bit, the best answer released: both distributions can be written down.
  @Test(
    "is never less than what the best answer of randomised response really costs",
    arguments: [
      TrialDistribution.negativeBinomial(shape: 1, mean: 5), .negativeBinomial(shape: 0, mean: 30),
      .negativeBinomial(shape: 2, mean: 10), .negativeBinomial(shape: -0.5, mean: 4), .poisson(mean: 6),
      .poisson(mean: 0.5), .poisson(mean: 1),
    ], [0.1, 0.5, 1.5])
  func exact(trials: TrialDistribution, response: Double) throws {
    func outcomes(_ worse: Double) -> [Double] {
      // No trial; none of them has the better answer; one has.
      let (none, all) = (generating(trials, 0), generating(trials, worse))
      return [none, all - none, 1 - all]
    }
    let one = outcomes(1 / (1 + exp(response)))
    let other = outcomes(exp(response) / (1 + exp(response)))
    let events = [RepeatedEvent(.pure(epsilon: response), count: 1)]
    let accountant = try TunedAccountant(trials)
    for epsilon in stride(from: 0, to: 6, by: 0.25) {
      func delta(_ p: [Double], _ q: [Double]) -> Double {
        zip(p, q).reduce(0) { $0 + max(0, $1.0 - exp(epsilon) * $1.1) }
      }
      let attained = max(delta(one, other), delta(other, one))
      let proved = try accountant.delta(of: events, adjacency: .replaceOne, epsilon: epsilon).upper
      #expect(proved >= attained - 1e-12, "at ε = \(epsilon)")
    }
  }

  @Test("costs more than one trial, and more the more there are", arguments: [-0.5, 0, 1, 3])
  func grows(shape: Double) throws {
    let one = try RenyiAccountant().epsilon(of: Self.gaussian, adjacency: .addOrRemove, delta: 1e-6).upper
    var last = one
    for mean in [1.1, 2, 10, 100, 10_000] {
      let found = try TunedAccountant(.negativeBinomial(shape: shape, mean: mean)).epsilon(
        of: Self.gaussian, adjacency: .addOrRemove, delta: 1e-6
      ).upper
      #expect(found >= last)
      last = found
    }
  }

  @Test("refuses what is no distribution, and knows nothing is nothing")
  func limits() throws {
    for trials in [
      TrialDistribution.negativeBinomial(shape: -1, mean: 5), .negativeBinomial(shape: 1, mean: 1),
      .negativeBinomial(shape: 1, mean: .infinity), .poisson(mean: 0), .poisson(mean: .nan),
    ] {
      #expect(throws: AccountingError.self) { try TunedAccountant(trials) }
    }
    let found = try TunedAccountant(.poisson(mean: 5)).epsilon(of: [], adjacency: .addOrRemove, delta: 1e-6)
    #expect(found == EpsilonBracket(lower: nil, upper: 0))
  }
}
