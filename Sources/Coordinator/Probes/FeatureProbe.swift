import FederationProtocol
import Recommender

/// The coordinate that outweighs all others together in most held-out examples; nil where there is none.
struct FeatureProbe: Probe {
  /// Of the model.
  let dimension: Int

  var request: CoordinatorMessage { .measureFeatures }

  func accepts(_ counts: FeatureCounts) -> Bool {
    counts.outweighed.count == (dimension + 2 <= Limits.counts ? dimension : 0)
  }

  func finding(_ total: FeatureCounts) -> Int? { total.outweighed.firstIndex { 2 * $0 > total.examples } }
}
