import Coordinator
import DifferentialPrivacy
import Foundation
import Recommender
import Releases
import Testing

@Suite("The digest of a run")
struct RunDigestTests {
  /// Metrics in their coded form, of which a field can be changed.
  private static func metrics(_ changes: [String: Any] = [:]) throws -> EvaluationMetrics {
    var fields: [String: Any] = [
      "examples": 100, "positives": 20, "auc": 0.75, "coarseAUC": 0.75, "averagePrecision": 0.5, "logLoss": 0.4,
      "accuracy": 0.8, "calibrationError": 0.01, "hitRateAt10": 0.6, "ndcgAt10": 0.3, "rankedClients": 9,
      "saturatedExamples": 0, "notFiniteExamples": 0,
      "calibration": [["examples": 100, "meanPrediction": 0.25, "positiveShare": 0.5]],
    ]
    fields.merge(changes) { $1 }
    return try JSONDecoder().decode(EvaluationMetrics.self, from: JSONSerialization.data(withJSONObject: fields))
  }

  private static func digest(_ metrics: EvaluationMetrics?, ledger: String = "0") throws -> String {
    var digest = RunDigest(weights: [1, 2])
    try digest.add(metrics)
    return digest.finish(ledger: ledger)
  }

  @Test("moves when any metric moves by the last bit, or has no value")
  func everyMetric() throws {
    let whole = try Self.metrics()
    let coded = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(whole)) as? [String: Any])
    #expect(coded.count == 14)
    var seen: Set<String> = [try Self.digest(whole), try Self.digest(nil)]
    for (name, value) in coded.sorted(by: { $0.key < $1.key }) {
      let other: Any =
        switch value {
        case let bins as [[String: Any]]:
          bins.map { $0.merging(["meanPrediction": 0.25.nextUp]) { $1 } }
        case let number as NSNumber where number.doubleValue == number.doubleValue.rounded(): number.intValue + 1
        case let number as NSNumber: number.doubleValue.nextUp
        default: value
        }
      #expect(seen.insert(try Self.digest(Self.metrics([name: other]))).inserted, "\(name)")
    }
    for name in ["auc", "averagePrecision", "logLoss", "accuracy", "calibrationError", "hitRateAt10", "ndcgAt10"] {
      #expect(seen.insert(try Self.digest(Self.metrics([name: NSNull()]))).inserted, "\(name) without a value")
    }
  }

  @Test("moves with a weight, a round, an attacker's rate and the ledger's hash")
  func everythingElse() throws {
    var seen: Set<String> = []
    func expectNew(_ name: String, _ change: (inout RunDigest) throws -> Void, weights: [Double] = [1, 2]) throws {
      var digest = RunDigest(weights: weights)
      try change(&digest)
      #expect(seen.insert(digest.finish(ledger: "0")).inserted, "\(name)")
    }
    func round(_ round: Int, cohort: Int, lost: Int, norm: Double?) -> RunResult.RoundRecord {
      RunResult.RoundRecord(
        round: round, cohortSize: cohort, lostClients: lost, clippingNorm: norm, metrics: nil, epsilon: nil,
        norms: nil,
        fingerprint: nil)
    }
    try expectNew("nothing", { _ in })
    try expectNew("a weight", { _ in }, weights: [1, 2.0.nextUp])
    try expectNew("the weights' number", { _ in }, weights: [1, 2, 0])
    for record in [
      round(1, cohort: 5, lost: 1, norm: 0.5), round(2, cohort: 5, lost: 1, norm: 0.5),
      round(1, cohort: 6, lost: 1, norm: 0.5), round(1, cohort: 5, lost: 0, norm: 0.5),
      round(1, cohort: 5, lost: 1, norm: 0.5.nextUp), round(1, cohort: 5, lost: 1, norm: nil),
    ] {
      try expectNew("\(record)", { try $0.add(record) })
    }
    for rates in [
      LinkageRates(candidates: 10, linked: 0.1, singledOut: 0.05, told: 0.2, bound: nil),
      LinkageRates(candidates: 11, linked: 0.1, singledOut: 0.05, told: 0.2, bound: nil),
      LinkageRates(candidates: 10, linked: nil, singledOut: 0.05, told: 0.2, bound: nil),
      LinkageRates(candidates: 10, linked: 0.1, singledOut: 0.06, told: 0.2, bound: nil),
      LinkageRates(candidates: 10, linked: 0.1, singledOut: 0.05, told: 0.3, bound: nil),
    ] {
      try expectNew("\(rates)", { $0.add(rates) })
    }
    #expect(try Self.digest(Self.metrics()) != Self.digest(Self.metrics(), ledger: "1"))
  }
}
