import DifferentialPrivacy
import NumericalCore
import Testing

@Suite("Privacy curves")
struct PrivacyCurveTests {
  private func curve(_ kind: AccountantKind, _ events: [RepeatedEvent]) throws -> PrivacyCurve {
    try PrivacyCurve(kind) {
      try kind.accountant.epsilon(of: events, adjacency: .addOrRemove, delta: $0)
    }
  }

  /// False-positive and false-negative rates of the best test between N(0, 1) and N(1, 1) by Python's
  /// statistics.NormalDist: cdf(inv_cdf(1 − α) − 1) (Dong, Roth and Su 2022, equation 6).
  static let errors = [
    (0.001, 0.9817015315943434), (0.01, 0.9076377519263059), (0.05, 0.7404889771585556), (0.1, 0.6108563083546391),
    (0.3, 0.3171798703640042), (0.5, 0.15865525393145707), (0.8, 0.03276528645272375),
  ]

  @Test("leave a Gaussian's attacker the errors that he has, to within the spacing of the curve", arguments: errors)
  func gaussian(falsePositives: Double, falseNegatives: Double) throws {
    let curve = try curve(.pld, [RepeatedEvent(.gaussian(noiseMultiplier: 1), count: 1)])
    let bound = curve.leastFalseNegativeRate(at: falsePositives)
    #expect(bound <= falseNegatives + 1e-6 && bound > falseNegatives - 0.006, "\(bound)")
  }

  @Test("leave randomised response's attacker what it proves: β ≥ 1 − e^ε·α and β ≥ e^−ε·(1 − α)")
  func pure() throws {
    let curve = try curve(.pure, [RepeatedEvent(.pure(epsilon: 1), count: 1)])
    for alpha in [0.0, 0.1, 0.25, 0.268, 0.4, 0.9] {
      let exact = max(1 - 2.718281828459045 * alpha, (1 - alpha) / 2.718281828459045)
      #expect(abs(curve.leastFalseNegativeRate(at: alpha) - exact) < 1e-9)
    }
  }

  @Test("rise as δ falls, and their trade-off falls from at most 1 to 0 and is convex")
  func shape() throws {
    let events = [
      RepeatedEvent(.poissonSampledGaussian(samplingRate: 0.05, noiseMultiplier: 0.8), count: 100)
    ]
    for kind in [AccountantKind.pld, .rdp] {
      let curve = try curve(kind, events)
      #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.delta > $1.delta })
      #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.epsilon.upper <= $1.epsilon.upper })
      let errors = curve.tradeOff
      #expect(errors.first?.leastFalseNegativeRate ?? 2 <= 1 && errors.last?.leastFalseNegativeRate == 0)
      #expect(
        zip(errors, errors.dropFirst()).allSatisfy {
          $0.leastFalseNegativeRate >= $1.leastFalseNegativeRate - 1e-15
        })
      let even = errors.suffix(100).map(\.leastFalseNegativeRate)
      for index in even.indices.dropFirst().dropLast() {
        #expect(even[index] <= (even[index - 1] + even[index + 1]) / 2 + 1e-12)
      }
    }
  }

  @Test("of an ε beyond all numbers guarantee nothing")
  func beyond() throws {
    let curve = PrivacyCurve(.pure) { _ in EpsilonBracket(lower: nil, upper: 1e6) }
    #expect(curve.leastFalseNegativeRate(at: 0) == 1 - 1e-12)
    #expect(curve.leastFalseNegativeRate(at: 0.01) == 0)
  }
}
