import NumericalCore

/// How many trials a search makes, drawn at random and told to nobody: with a fixed number there is no such proof.
public enum TrialDistribution: Hashable, Sendable {
  /// The truncated negative binomial with shape η above −1: at least one trial. η = 1 is the geometric distribution, η = 0 the
  /// logarithmic one (Papernot and Steinke 2022, "Hyperparameter tuning with Rényi differential privacy", definition 1).
  case negativeBinomial(shape: Double, mean: Double)
  /// The Poisson distribution: there may be no trial at all, and then nothing that depends on the data is released.
  case poisson(mean: Double)

  /// The expected number of trials.
  public var mean: Double {
    switch self {
    case .negativeBinomial(_, let mean), .poisson(let mean): mean
    }
  }

  /// Shapes η that are accounted for.
  public static let shapes = -0.9...100.0
  /// Expected numbers of trials: at least one of a distribution that has always one.
  public static let means = 1.001...1e9

  func validate() throws {
    let isValid =
      switch self {
      case .negativeBinomial(let shape, let mean): Self.shapes.contains(shape) && Self.means.contains(mean)
      case .poisson(let mean): mean > 0 && mean <= Self.means.upperBound
      }
    guard isValid else {
      throw AccountingError.invalidEvent(
        "a search of \(self); allowed: shapes from \(Self.shapes.lowerBound) to \(Self.shapes.upperBound), expected numbers of trials from \(Self.means.lowerBound) to \(Self.means.upperBound)"
      )
    }
  }

  /// ln(1/γ) of the truncated negative binomial with a mean, which falls as γ rises from 0 to 1.
  static func logInverseGamma(shape: Double, mean: Double) -> Double {
    if shape == 1 { return deterministicLog(mean) }
    var (low, high) = (0.0, 700.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if Self.mean(shape: shape, logInverseGamma: middle) < mean { low = middle } else { high = middle }
    }
    return high
  }

  /// E[K]: η(1 − γ)/(γ(1 − γ^η)), and (1/γ − 1)/ln(1/γ) for η = 0 (definition 1).
  private static func mean(shape: Double, logInverseGamma log: Double) -> Double {
    let inverseLessOne = deterministicExpMinusOne(log)
    if shape == 0 { return inverseLessOne / log }
    return shape * inverseLessOne / -deterministicExpMinusOne(-shape * log)
  }
}

/// What the best of several trials costs: each is a run of the same mechanism (whatever settings it takes, as long as each has
/// the events that are accounted for, and settings that are drawn alike and independently), one is released together with its
/// settings, and the number of trials is random. The choice may rest on anything that is computed from a trial's own
/// released output and from data that is nobody's.
///
/// There is no lower end: the proof is by Rényi divergences (Papernot and Steinke 2022, theorems 2 and 6).
public struct TunedAccountant: Accountant {
  /// `.rdp`.
  public var kind: AccountantKind { .rdp }
  /// How many trials there are.
  public let trials: TrialDistribution

  /// - Throws: `AccountingError` for a distribution that is out of range.
  public init(_ trials: TrialDistribution) throws {
    try trials.validate()
    self.trials = trials
  }

  /// See `Accountant`; of the whole search, with the events of one trial.
  public func epsilon(
    of events: [RepeatedEvent], adjacency: Adjacency, delta: Double
  ) throws -> EpsilonBracket {
    guard delta > 0, delta < 1 else { throw AccountingError.invalidDelta(delta) }
    guard let curve = try curve(of: events, adjacency: adjacency) else {
      return EpsilonBracket(lower: nil, upper: 0)
    }
    let logDelta = deterministicLog(delta)
    let upper = curve.reduce(Double.infinity) { least, point in
      min(least, RenyiAccountant.epsilon(divergence: point.divergence, order: point.order, logDelta: logDelta))
    }
    return EpsilonBracket(lower: nil, upper: max(0, upper))
  }

  /// See `Accountant`; of the whole search, with the events of one trial.
  public func deltas(
    of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]
  ) throws -> [DeltaBracket] {
    for epsilon in epsilons { try checkEpsilon(epsilon) }
    let curve = try curve(of: events, adjacency: adjacency)
    return epsilons.map { epsilon in
      let least = (curve ?? []).reduce(curve == nil ? 0 : 1.0) { least, point in
        let log = RenyiAccountant.logDelta(divergence: point.divergence, order: point.order, epsilon: epsilon)
        return min(least, deterministicExp(min(log, 0)))
      }
      return DeltaBracket(lower: nil, upper: least)
    }
  }

  private typealias Point = (order: Double, divergence: Double)

  /// The Rényi divergence of the whole search at the orders of the Rényi accountant; nil where nothing is released of the data.
  private func curve(of events: [RepeatedEvent], adjacency: Adjacency) throws -> [Point]? {
    for repeated in events { try repeated.event.validate() }
    guard events.contains(where: { $0.count > 0 }) else { return nil }
    let accountant = RenyiAccountant()
    let base = try RenyiAccountant.orders.map {
      Point(order: $0, divergence: try accountant.divergence(of: events, adjacency: adjacency, order: $0))
    }.filter { $0.divergence.isFinite }
    switch trials {
    case .negativeBinomial(let shape, let mean):
      let log = TrialDistribution.logInverseGamma(shape: shape, mean: mean)
      // Theorem 2. The second order is free, and 1 is one of its values.
      let selection = base.reduce(log) { least, point in
        min(least, (1 - 1 / point.order) * point.divergence + log / point.order)
      }
      return base.map {
        ($0.order, $0.divergence + (1 + shape) * selection + deterministicLog(mean) / ($0.order - 1))
      }
    case .poisson(let mean):
      // Theorem 6: δ̂ of one trial at ε̂ = ln(1 + 1/(λ − 1)).
      let deltas = try accountant.deltas(
        of: events, adjacency: adjacency, epsilons: base.map { deterministicLogOnePlus(1 / ($0.order - 1)) })
      return zip(base, deltas).map { point, delta in
        // The theorem bounds Σ P^λ·Q^(1 − λ) over what trials release; that there was none is an outcome too, with probability
        // e^−μ whatever the data are.
        let exponent = (point.order - 1) * (point.divergence + mean * delta.upper) + deterministicLog(mean)
        return (point.order, logAddExp(exponent, -mean) / (point.order - 1))
      }
    }
  }
}
