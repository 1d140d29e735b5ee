import FederationProtocol
import Recommender

/// Held-out clients by their number of examples.
struct SizeProbe: Probe {
  var request: CoordinatorMessage { .measureSizes }
  func finding(_ total: SizeCounts) -> OctaveHistogram { total.histogram }
}
