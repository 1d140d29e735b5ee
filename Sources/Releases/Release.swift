/// What a round released: the one thing that moves the model.
///
/// Only `ExactSum.release` makes one.
package struct Release: Sendable {
  /// The round it is of.
  package let round: Int
  /// The noisy sum, in lattice steps, one number a coordinate.
  package let steps: [Double]
  /// With adaptive clipping, the noisy Σ ±1 over the updates within (+1) and beyond (−1) the norm; otherwise nil.
  package let count: Double?

  init(round: Int, steps: [Double], count: Double?) {
    self.round = round
    self.steps = steps
    self.count = count
  }
}
