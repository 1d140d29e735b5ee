import Curves
import Recommender
import Scenarios

/// Curves made by hand.
enum Sample {
  static func outcome(seed: UInt64, epsilon: Double?, auc: Double) -> RunOutcome {
    RunOutcome(
      seed: seed, digest: "\(seed) \(auc)", epsilon: epsilon, epsilonLowerBound: epsilon.map { $0 * 0.99 },
      noiseMultiplier: epsilon.map { 4 / $0 }, metrics: MetricValues([.auc: auc, .logLoss: 1 - auc]))
  }

  /// A curve with one value an ε and seed.
  /// - Parameter auc: from ε and seed.
  static func curve(
    _ name: String = "curve", epsilons: [Double], seeds: [UInt64] = [1, 2, 3],
    lines: [CurveReference.Kind: Double] = [:], auc: (Double, UInt64) -> Double
  ) -> Curve {
    Curve(
      name: name, settings: ["a.b": .integer(3)], scenario: .object(["name": .string(name)]),
      points: epsilons.map { epsilon in
        CurvePoint(
          position: epsilon,
          outcomes: seeds.map {
            outcome(seed: $0, epsilon: epsilon.isFinite ? epsilon : nil, auc: auc(epsilon, $0))
          })
      },
      references: lines.map { kind, value in
        CurveReference(
          kind: kind,
          values: seeds.map { SeedValues(seed: $0, values: MetricValues([.auc: value, .logLoss: 1 - value])) })
      })
  }

  static func set(_ curves: [Curve], missing: [String] = []) -> CurveSet {
    CurveSet(name: "sample", axis: "privacy.epsilon", curves: curves, missing: missing, version: "1")
  }
}
