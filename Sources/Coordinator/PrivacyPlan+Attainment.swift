import NumericalCore
import Scenarios

extension PrivacyPlan {
  /// Whether two neighbouring populations exist between which a round's release tells as much as its event says it can, so
  /// that a lower bound on the event's ε is one on that of the run.
  ///
  /// They are a population that contributes nothing, and the same with a unit whose contribution is as long as clipping
  /// allows, in one coordinate, in every round; where units are replaced, one with the opposite contribution. (Where a
  /// fixed number is sampled, all others contribute as the unit that is replaced does.) A unit is taken to be able to
  /// contribute any vector, as a client can that does not keep to the protocol: the guarantee is about such, too.
  func isAttained(on lattice: Lattice) -> Bool {
    // An L1 norm spread over coordinates, or in one, is hidden better than by the worst ε-private mechanism.
    if settings.mechanism == .laplace { return false }
    // The count is released in whole numbers, which tells less than the Gaussian that the event has for it.
    if settings.adaptiveClipping != nil { return false }
    // Whether a unit's group is one of those that are kept is chance.
    if training.aggregation.rule != .mean { return false }
    if let compression = training.compression {
      // Rounding by chance seldom makes an update as long as it can; which coordinates are drawn is not told.
      let sendsAny = compression.sparsification != .random || compression.coordinates(of: dimension) == dimension
      if compression.quantization != nil || !sendsAny { return false }
    }
    if let faults {
      // Who is lost is less often in a sum than its sampling rate says; with local trust everyone sees who is.
      switch settings.trust {
      case .central: if faults.losesUpdates { return false }
      case .local: break
      }
      if faults.hasMisbehavingClients { return false }
    }
    return longestContribution.map { $0 >= lattice.clippingNorm } ?? true
  }
}
