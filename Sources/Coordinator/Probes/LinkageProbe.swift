import FederationProtocol
import Recommender

/// How often an attacker finds clients in what is released.
struct LinkageProbe: Probe {
  let weights: [Float]

  var request: CoordinatorMessage { .attack(weights: weights) }
  func finding(_ total: LinkageCounts) -> LinkageCounts { total }
}
