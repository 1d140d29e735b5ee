import NumericalCore

/// Privacy-loss distributions: a bracket on ε, tight on both sides.
///
/// From above, losses are discretised so that the discrete pair dominates the true one (connect the dots). From
/// below, an observer is told only the cell of each loss and thresholds the sum of the cells' labels: the error rates
/// of that one test already rule out every smaller ε. Both gaps shrink with the square of the cells' width. Gaussians
/// on everyone's data are composed in closed form instead.
public struct PrivacyLossAccountant: Accountant {
  /// `.pld`.
  public var kind: AccountantKind { .pld }

  /// An accountant; it has no state.
  public init() {}

  /// See `Accountant`.
  public func epsilon(
    of events: [RepeatedEvent], adjacency: Adjacency, delta: Double
  ) throws -> EpsilonBracket {
    try bracket(events, adjacency: adjacency, delta: delta, wantsLower: true)
  }

  /// See `Accountant`. Leaves out the work for the lower bound.
  public func upperBound(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> Double {
    try bracket(events, adjacency: adjacency, delta: delta, wantsLower: false).upper
  }

  private func bracket(
    _ events: [RepeatedEvent], adjacency: Adjacency, delta: Double, wantsLower: Bool
  ) throws -> EpsilonBracket {
    guard delta > 0, delta < 1 else { throw AccountingError.invalidDelta(delta) }
    var losses: [(loss: any PrivacyLoss, count: Int)] = []
    var squares = 0.0
    for repeated in events where repeated.count > 0 {
      try repeated.event.validate()
      if let multiplier = repeated.event.multiplierOnEveryone {
        squares += Double(repeated.count) / (multiplier * multiplier)
      } else {
        losses.append((try loss(of: repeated.event, adjacency: adjacency), repeated.count))
      }
    }
    if losses.isEmpty {
      return squares == 0
        ? EpsilonBracket(lower: 0, upper: 0) : GaussianTradeOff(mu: squares.squareRoot()).epsilon(delta: delta)
    }
    // Several Gaussians on everyone's data are one, which is a sampled one with rate 1.
    if squares > 0 { losses.append((SampledGaussianLoss(rate: 1, multiplier: 1 / squares.squareRoot()), 1)) }
    var result = Search(losses, .remove, delta: delta).bracket(wantsLower: wantsLower)
    let added = Search(losses, .add, delta: delta)
    // Where the other direction cannot be worse there is nothing to compute.
    if !losses.allSatisfy(\.loss.isSymmetric) && added.largest > result.upper {
      let other = added.bracket(wantsLower: wantsLower)
      result.lower = max(result.lower, other.lower)
      result.upper = max(result.upper, other.upper)
      result.isResolved = result.isResolved && other.isResolved
    }
    if !result.isResolved {
      // Another proof about the same events; where the grid did not resolve δ it may be the better one.
      let other = try RenyiAccountant().epsilon(of: events, adjacency: adjacency, delta: delta)
      result.upper = min(result.upper, other.upper)
    }
    return EpsilonBracket(lower: min(result.lower, result.upper), upper: result.upper)
  }

  /// The dominating pair of an event.
  private func loss(of event: PrivacyEvent, adjacency: Adjacency) throws -> any PrivacyLoss {
    switch (event, adjacency) {
    case (.poissonSampledGaussian(let rate, let multiplier), .addOrRemove):
      return SampledGaussianLoss(rate: rate, multiplier: multiplier)
    case (.laplace(let multiplier), _):
      return LaplaceLoss(multiplier: multiplier)
    case (.discreteLaplace(let scale, let sensitivity), _) where sensitivity <= Self.mostAtoms:
      return AtomicLoss.discreteLaplace(scale: scale, sensitivity: sensitivity)
    case (.discreteGaussian(let deviation, let sensitivity), _) where deviation * 80 <= Double(Self.mostAtoms):
      return AtomicLoss.discreteGaussian(standardDeviation: deviation, sensitivity: sensitivity)
    case (.randomizedResponse(let epsilon, let categories), .replaceOne):
      return AtomicLoss.randomizedResponse(epsilon: epsilon, categories: categories)
    case (.pure(let epsilon), _):
      return AtomicLoss.randomizedResponse(epsilon: epsilon, categories: 2)
    default:
      throw AccountingError.unproved(event: event.name, adjacency: adjacency, accountant: kind)
    }
  }

  private static let mostAtoms = 1 << 20
}
