import FederationProtocol
import Recommender

/// The updates that held-out clients would send: how long they are, and how many bytes their messages have on average.
struct UpdateProbe: Probe {
  let round: Int
  /// nil without privacy.
  let clippingNorm: Double?
  let weights: [Float]

  var request: CoordinatorMessage {
    .measureUpdates(round: round, clippingNorm: clippingNorm ?? 1, weights: weights)
  }

  /// nil where there is no held-out client.
  func finding(_ total: UpdateCounts) -> (norms: RunResult.UpdateNorms?, bytes: Double?) {
    let bytes = total.clients > 0 ? Double(total.bits) / 8 / Double(total.clients) : nil
    let norms = total.norms
    let updates = norms.counts.reduce(0, +)
    guard let tenth = norms.quantile(0.1), let median = norms.quantile(0.5), let ninetieth = norms.quantile(0.9)
    else { return (nil, bytes) }
    return (
      RunResult.UpdateNorms(
        clippedShare: clippingNorm.map { _ in Double(total.beyond) / Double(updates) }, tenth: tenth,
        median: median,
        ninetieth: ninetieth), bytes
    )
  }
}
