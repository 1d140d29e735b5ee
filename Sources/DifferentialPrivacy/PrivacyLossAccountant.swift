import NumericalCore

/// Privacy-loss distributions: a bracket on ε, tight on both sides.
///
/// From above, losses are discretised so that the discrete pair dominates the true one (connect the dots). From
/// below, an observer is told only the cell of each loss and thresholds the sum of the cells' midpoints: the
/// error rates of that one test already rule out every smaller ε. Both gaps shrink with the square of the cells'
/// width. Events on everyone's data are composed in closed form instead.
public struct PrivacyLossAccountant: Accountant {
  /// `.pld`.
  public var kind: AccountantKind { .pld }

  /// Relative width that the grid is chosen for.
  private static let tolerance = 2e-4
  private static let longestTransform = 1 << 22
  /// Taken off the lower bound, relatively: far more than double precision can have moved it, and what other
  /// implementations in double precision lose (docs/privacy-model.md, "How exact the numbers are").
  private static let lowerMargin = 2e-4

  /// An accountant; it has no state.
  public init() {}

  /// See `Accountant`.
  public func epsilon(
    of events: [RepeatedEvent], adjacency: Adjacency, delta: Double
  ) throws -> EpsilonBracket {
    guard delta > 0, delta < 1 else { throw AccountingError.invalidDelta(delta) }
    var sampled: [(loss: SampledGaussianLoss, count: Int)] = []
    var gaussians: [(multiplier: Double, count: Int)] = []
    for repeated in events where repeated.count > 0 {
      try repeated.event.validate()
      switch (repeated.event, adjacency) {
      case (.gaussian(let multiplier), _):
        gaussians.append((multiplier, repeated.count))
      case (.poissonSampledGaussian(let rate, let multiplier), .addOrRemove):
        if rate == 1 {
          gaussians.append((multiplier, repeated.count))
        } else {
          sampled.append((SampledGaussianLoss(rate: rate, multiplier: multiplier), repeated.count))
        }
      case (.poissonSampledGaussian, .replaceOne), (.fixedSizeSampledGaussian, _):
        throw AccountingError.unproved(event: repeated.event.name, adjacency: adjacency, accountant: kind)
      }
    }
    let squares = gaussians.reduce(0) { $0 + Double($1.count) / ($1.multiplier * $1.multiplier) }
    if sampled.isEmpty {
      return squares == 0
        ? EpsilonBracket(lower: 0, upper: 0) : GaussianTradeOff(mu: squares.squareRoot()).epsilon(delta: delta)
    }
    // Several Gaussians on everyone's data are one, which is a sampled one with rate 1.
    if squares > 0 { sampled.append((SampledGaussianLoss(rate: 1, multiplier: 1 / squares.squareRoot()), 1)) }
    var bracket = (lower: 0.0, upper: 0.0)
    for direction in SampledGaussianLoss.Direction.allCases {
      let one = bound(sampled, direction, delta: delta)
      bracket = (max(bracket.lower, one.lower), max(bracket.upper, one.upper))
    }
    return EpsilonBracket(lower: min(bracket.lower, bracket.upper), upper: bracket.upper)
  }

  /// The bracket for one direction of adjacency.
  private func bound(
    _ events: [(loss: SampledGaussianLoss, count: Int)], _ direction: SampledGaussianLoss.Direction,
    delta: Double
  ) -> (lower: Double, upper: Double) {
    let total = events.reduce(0) { $0 + Double($1.count) }
    // How many deviations of x to look at: what lies beyond costs at most 10⁻⁷·δ in all.
    var reach = 4.0
    while normalUpperTail(reach) > 1e-7 * delta / total { reach += 0.25 }
    func range(_ loss: SampledGaussianLoss) -> ClosedRange<Double> {
      (-reach * loss.multiplier)...(1 + reach * loss.multiplier)
    }
    let moments = LossMoments(events, direction, range: range)
    var (tilt, guess) = moments.chernoff(logDelta: deterministicLog(delta))
    while true {
      let window = moments.window(tilt: tilt, exponent: 20.8)
      let width = window.upperBound - window.lowerBound
      // Cells of width h raise the log-moment of order λ by about T·λ(λ + 1)·h²/12, and so ε by a λ-th of that.
      let wanted = (12 * Self.tolerance * max(guess, 1e-9) / (total * (tilt + 1))).squareRoot()
      var length = 1024
      while Double(length) * wanted < width && length < Self.longestTransform { length *= 2 }
      let spacing = width / Double(length - 8)
      let answer = bound(
        events, direction, delta: delta, tilt: tilt, spacing: spacing, window: window, range: range,
        transform: FastFourierTransform(count: length))
      if let answer { return answer }
      // The guess was far above ε; a smaller tilt looks further down.
      tilt /= 2
      guess = moments.at(tilt).mean
    }
  }

  /// The bracket with a given tilt and grid; nil when ε lies below the window.
  private func bound(
    _ events: [(loss: SampledGaussianLoss, count: Int)], _ direction: SampledGaussianLoss.Direction,
    delta: Double, tilt: Double, spacing: Double, window: ClosedRange<Double>,
    range: (SampledGaussianLoss) -> ClosedRange<Double>, transform: FastFourierTransform
  ) -> (lower: Double, upper: Double)? {
    let cells = events.map { event in
      (SampledGaussianCells(event.loss, direction, spacing: spacing, range: range(event.loss)), event.count)
    }
    let first = Int((window.lowerBound / spacing).rounded(.down)) - 4
    let above = TiltedComposition(
      cells.map { ($0.0.pessimistic, $0.1) }, tilt: tilt, spacing: spacing, first: first, transform: transform)
    func upperDelta(_ epsilon: Double) -> Double {
      let entry = above.entry(atOrAbove: epsilon)
      return above.infinite + above.error(from: entry) + above.massFrom[entry]
        - deterministicExp(epsilon) * above.discountedFrom[entry]
    }
    let floor = max(0, above.lowestLoss)
    if upperDelta(floor) <= delta { return floor == 0 ? (0, 0) : nil }
    let top = window.upperBound
    let upper = leastEpsilon(from: floor, to: top) { upperDelta($0) <= delta }

    // The observer's test: whether the sum of the guessed losses reaches a threshold.
    let offset = cells.reduce(0) { $0 + Double($1.1) * $1.0.typicalOffset(tilt: tilt) }
    let firstCell = Int(((window.lowerBound - offset) / spacing).rounded(.down)) - 4
    let observed = cells.map { ($0.0.observed, $0.1) }
    let underP = TiltedComposition(
      observed.map { ($0.0.p, $0.1) }, tilt: tilt, spacing: spacing, first: firstCell, transform: transform,
      offset: offset)
    let underQ = TiltedComposition(
      observed.map { ($0.0.q, $0.1) }, tilt: tilt + 1, spacing: spacing, first: firstCell, transform: transform,
      offset: offset)
    func lowerDelta(_ epsilon: Double) -> Double {
      let factor = deterministicExp(epsilon)
      // The best threshold is where the observer's own likelihood ratio crosses e^ε; any is valid.
      var (low, high) = (0, transform.count)
      while low < high {
        let middle = (low + high) / 2
        if underP.mass(middle) > factor * underQ.mass(middle) { high = middle } else { low = middle + 1 }
      }
      return underP.massFrom[low] - underP.error(from: low)
        - factor * (underQ.massFrom[low] + underQ.error(from: low))
    }
    // Far below ε the error term drowns the test, so look for the first success downwards from above.
    var step = upper * 1e-6
    while step < upper - floor && lowerDelta(upper - step) <= delta { step *= 2 }
    let start = max(floor, upper - step)
    guard lowerDelta(start) > delta else { return (0, upper) }
    let lower = leastEpsilon(from: start, to: upper) { lowerDelta($0) <= delta }
    return (lower * (1 - Self.lowerMargin), upper)
  }

  /// The least ε, to within rounding from above, at which a falling condition holds.
  private func leastEpsilon(from floor: Double, to top: Double, _ holds: (Double) -> Bool) -> Double {
    if holds(floor) { return floor }
    var (low, high) = (floor, top)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
