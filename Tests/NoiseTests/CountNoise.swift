import DifferentialPrivacy
import Foundation
import NumericalCore
import Scenarios

/// The noise on the count of updates within the norm, with adaptive clipping. The count itself is not published, but the
/// norm that it moves is: C ← C·exp(−η·(share − γ)) gives the noisy share back, and the workers sent the exact one.
struct CountNoise {
  /// On Σ ±1, one a round but the last.
  let noises: [Double]

  init?(_ run: Observation) {
    guard let privacy = run.scenario.privacy, let adaptive = privacy.adaptiveClipping else { return nil }
    let expected = Double(privacy.exampleSampling?.expectedExamples ?? run.scenario.training.cohort.expectedSize)
    noises = zip(run.clippingNorms, run.clippingNorms.dropFirst()).enumerated().map { index, norms in
      let share = adaptive.quantile - log(norms.1 / norms.0) / adaptive.learningRate
      return (share - 0.5) * 2 * expected - Double(run.signedCounts[index])
    }
  }
}
