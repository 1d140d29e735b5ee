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
    let pairs = try DominatingPairs(events, adjacency: adjacency)
    if pairs.dominating.isEmpty {
      return pairs.squares == 0
        ? EpsilonBracket(lower: 0, upper: 0)
        : GaussianTradeOff(mu: pairs.squares.squareRoot()).epsilon(delta: delta)
    }
    let renyi = RenyiAccountant()
    // Where telling the neighbours apart at all is less likely than δ, there is nothing to compute.
    if try renyi.totalVariation(of: events, adjacency: adjacency) <= delta {
      return EpsilonBracket(lower: 0, upper: 0)
    }
    var result = search(pairs.dominating, delta: delta, wantsLower: wantsLower && pairs.isTight)
    if !result.isResolved {
      // Another proof about the same events; where the grid did not resolve δ it may be the better one.
      let other = try renyi.epsilon(of: events, adjacency: adjacency, delta: delta)
      result.upper = min(result.upper, other.upper)
    }
    guard wantsLower, let attained = pairs.attained else {
      return EpsilonBracket(lower: nil, upper: result.upper)
    }
    if !pairs.isTight { result.lower = search(attained, delta: delta, wantsLower: true).lower }
    return EpsilonBracket(lower: min(result.lower, result.upper), upper: result.upper)
  }

  /// Both directions of adjacency.
  private func search(_ parts: [DominatingPairs.Part], delta: Double, wantsLower: Bool) -> Search.Result {
    var result = Search(parts, .remove, delta: delta).bracket(wantsLower: wantsLower)
    if parts.allSatisfy(\.loss.isSymmetric) { return result }
    let added = Search(parts, .add, delta: delta)
    // Where the other direction cannot be worse there is nothing to compute.
    if added.largest > result.upper {
      let other = added.bracket(wantsLower: wantsLower)
      result.lower = max(result.lower, other.lower)
      result.upper = max(result.upper, other.upper)
      result.isResolved = result.isResolved && other.isResolved
    }
    return result
  }

  /// See `Accountant`.
  public func deltas(
    of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]
  ) throws -> [DeltaBracket] {
    for epsilon in epsilons { try checkEpsilon(epsilon) }
    let pairs = try DominatingPairs(events, adjacency: adjacency)
    if pairs.dominating.isEmpty {
      let tradeOff = GaussianTradeOff(mu: pairs.squares.squareRoot())
      return epsilons.map {
        pairs.squares == 0 ? DeltaBracket(lower: 0, upper: 0) : tradeOff.deltaBracket(epsilon: $0)
      }
    }
    // Each ε is cheap to answer near one that was answered before, so they are taken in order.
    let order = epsilons.indices.sorted { epsilons[$0] < epsilons[$1] }
    let sorted = order.map { epsilons[$0] }
    let found = largestDeltas(pairs.dominating, at: sorted)
    let upper = found.map(\.upper)
    let lower =
      pairs.isTight ? found.map(\.lower) : pairs.attained.map { largestDeltas($0, at: sorted).map(\.lower) }
    let other = try RenyiAccountant().deltas(of: events, adjacency: adjacency, epsilons: sorted)
    var brackets = [DeltaBracket](repeating: DeltaBracket(lower: nil, upper: 1), count: epsilons.count)
    for (position, index) in order.enumerated() {
      let most = min(upper[position], other[position].upper)
      brackets[index] = DeltaBracket(lower: lower.map { min($0[position], most) }, upper: most)
    }
    return brackets
  }

  /// δ is computed down to about this.
  private static let leastDelta = 1e-18

  /// The larger δ of both directions at each of some ascending ε.
  private func largestDeltas(
    _ parts: [DominatingPairs.Part], at epsilons: [Double]
  ) -> [(lower: Double, upper: Double)] {
    let removed = Search(parts, .remove, delta: Self.leastDelta).deltas(at: epsilons)
    if parts.allSatisfy(\.loss.isSymmetric) { return removed }
    let added = Search(parts, .add, delta: Self.leastDelta).deltas(at: epsilons)
    return zip(removed, added).map { (max($0.lower, $1.lower), max($0.upper, $1.upper)) }
  }
}

/// Refuses an ε below 0 or without a value.
func checkEpsilon(_ epsilon: Double) throws {
  guard epsilon >= 0, epsilon.isFinite else { throw AccountingError.invalidEpsilon(epsilon) }
}
