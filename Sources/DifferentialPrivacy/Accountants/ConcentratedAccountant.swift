import NumericalCore

/// Zero-concentrated differential privacy (Bun and Steinke 2016): ρ adds up, and ε follows in closed form but for a
/// one-dimensional minimum.
public struct ConcentratedAccountant: Accountant {
  /// `.zcdp`.
  public var kind: AccountantKind { .zcdp }

  /// An accountant; it has no state.
  public init() {}

  /// See `Accountant`.
  public func epsilon(
    of events: [RepeatedEvent], adjacency: Adjacency, delta: Double
  ) throws -> EpsilonBracket {
    guard delta > 0, delta < 1 else { throw AccountingError.invalidDelta(delta) }
    let rho = try rho(of: events, adjacency: adjacency)
    guard rho > 0 else { return EpsilonBracket(lower: 0, upper: 0) }
    let logDelta = deterministicLog(delta)
    let least = leastOverOrders { order in
      RenyiAccountant.epsilon(divergence: order * rho, order: order, logDelta: logDelta)
    }
    return EpsilonBracket(lower: nil, upper: max(0, least))
  }

  /// See `Accountant`.
  public func deltas(
    of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]
  ) throws -> [DeltaBracket] {
    for epsilon in epsilons { try checkEpsilon(epsilon) }
    let rho = try rho(of: events, adjacency: adjacency)
    guard rho > 0 else { return epsilons.map { _ in DeltaBracket(lower: 0, upper: 0) } }
    return epsilons.map { epsilon in
      let least = leastOverOrders { order in
        RenyiAccountant.logDelta(divergence: order * rho, order: order, epsilon: epsilon)
      }
      return DeltaBracket(lower: nil, upper: min(1, deterministicExp(least)))
    }
  }

  /// ρ-zCDP is D_α ≤ αρ for every α > 1. The bounds made of it are unimodal in ln(α − 1): golden-section search.
  private func leastOverOrders(_ bound: (_ order: Double) -> Double) -> Double {
    func value(_ logExcess: Double) -> Double { bound(1 + deterministicExp(logExcess)) }
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<80 {
      let (left, right) = (low + 0.382 * (high - low), low + 0.618 * (high - low))
      if value(left) < value(right) { high = right } else { low = left }
    }
    return value((low + high) / 2)
  }

  /// ρ of all events together.
  private func rho(of events: [RepeatedEvent], adjacency: Adjacency) throws -> Double {
    var rho = 0.0
    for repeated in events where repeated.count > 0 {
      try repeated.event.validate()
      rho += Double(repeated.count) * (try self.rho(of: repeated.event, adjacency: adjacency))
    }
    return rho
  }

  private func rho(of event: PrivacyEvent, adjacency: Adjacency) throws -> Double {
    if let multiplier = event.multiplierOnEveryone { return 1 / (2 * multiplier * multiplier) }
    switch (event, adjacency) {
    case (.concentrated(let rho), _): return rho
    case (.discreteGaussian(let deviation, let sensitivity), _):
      // Canonne, Kamath and Steinke 2020, theorem 4.
      let multiplier = deviation / Double(sensitivity)
      return 1 / (2 * multiplier * multiplier)
    default:
      // ε-differential privacy is ε²/2-zCDP (Bun and Steinke 2016, proposition 3.3).
      guard let epsilon = event.pureEpsilon(adjacency) else {
        throw AccountingError.unproved(event: event.name, adjacency: adjacency, accountant: kind)
      }
      return epsilon * epsilon / 2
    }
  }
}

/// Pure differential privacy: ε adds up (Dwork, McSherry, Nissim and Smith 2006), and δ is not needed.
public struct PureAccountant: Accountant {
  /// `.pure`.
  public var kind: AccountantKind { .pure }

  /// An accountant; it has no state.
  public init() {}

  /// See `Accountant`.
  public func epsilon(
    of events: [RepeatedEvent], adjacency: Adjacency, delta: Double
  ) throws -> EpsilonBracket {
    guard delta > 0, delta < 1 else { throw AccountingError.invalidDelta(delta) }
    let total = try total(of: events, adjacency: adjacency)
    return EpsilonBracket(lower: total == 0 ? 0 : nil, upper: total)
  }

  /// See `Accountant`. No δ is needed from the sum on; below it that of binary randomised response is
  /// (e^ε₀ − e^ε)/(e^ε₀ + 1), and it dominates (Kairouz, Oh and Viswanath 2015, theorem 3.4).
  public func deltas(
    of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]
  ) throws -> [DeltaBracket] {
    for epsilon in epsilons { try checkEpsilon(epsilon) }
    let total = try total(of: events, adjacency: adjacency)
    return epsilons.map { epsilon in
      guard epsilon < total else { return DeltaBracket(lower: 0, upper: 0) }
      let share = -deterministicExpMinusOne(epsilon - total)
      return DeltaBracket(lower: nil, upper: share / (1 + deterministicExpClamped(-total)))
    }
  }

  /// The sum of all ε.
  private func total(of events: [RepeatedEvent], adjacency: Adjacency) throws -> Double {
    var total = 0.0
    for repeated in events where repeated.count > 0 {
      try repeated.event.validate()
      guard let epsilon = repeated.event.pureEpsilon(adjacency) else {
        throw AccountingError.unproved(event: repeated.event.name, adjacency: adjacency, accountant: kind)
      }
      total += Double(repeated.count) * epsilon
    }
    return total
  }
}

extension PrivacyEvent {
  /// ε of an event that satisfies pure differential privacy; nil for one that does not.
  func pureEpsilon(_ adjacency: Adjacency) -> Double? {
    switch (self, adjacency) {
    case (.laplace(let multiplier), _), (.poissonSampledLaplace(1, let multiplier), _): 1 / multiplier
    // ε of a mechanism on everyone shrinks to ln(1 + q·(e^ε − 1)) (Balle, Barthe and Gaboardi 2018, theorem 8): of the
    // one that adds or removes a unit's contribution.
    case (.poissonSampledLaplace(let rate, let multiplier), .addOrRemove):
      amplified(1 / multiplier, by: rate)
    // A unit and its replacement each contribute up to half of the distance between them, on either side of what is
    // released without them: e^l is at most (1 + q·(e^(1/2b) − 1))/(1 + q·(e^(−1/2b) − 1)).
    case (.poissonSampledLaplace(let rate, let multiplier), .replaceOne):
      amplified(0.5 / multiplier, by: rate)
        - deterministicLogOnePlus(rate * deterministicExpMinusOne(-0.5 / multiplier))
    case (.discreteLaplace(let scale, let sensitivity), _): Double(sensitivity) / scale
    case (.randomizedResponse(let epsilon, _), .replaceOne): epsilon
    // Against a uniform answer: p·k for the truth, (1 − p)·k/(k − 1) for each other answer.
    case (.randomizedResponse(let epsilon, let categories), .addOrRemove):
      max(
        -deterministicLogOnePlus(deterministicExpMinusOne(-epsilon) * Double(categories - 1) / Double(categories)),
        amplified(epsilon, by: 1 / Double(categories)))
    case (.pure(let epsilon), _): epsilon
    default: nil
    }
  }

  /// ln(1 + q·(e^ε − 1)).
  private func amplified(_ epsilon: Double, by rate: Double) -> Double {
    epsilon > 30
      ? epsilon + deterministicLog(rate) + deterministicLogOnePlus((1 - rate) / rate * deterministicExp(-epsilon))
      : deterministicLogOnePlus(rate * deterministicExpMinusOne(epsilon))
  }
}
