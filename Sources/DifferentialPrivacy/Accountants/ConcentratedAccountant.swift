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
    var rho = 0.0
    for repeated in events where repeated.count > 0 {
      try repeated.event.validate()
      rho += Double(repeated.count) * (try self.rho(of: repeated.event, adjacency: adjacency))
    }
    guard rho > 0 else { return EpsilonBracket(lower: 0, upper: 0) }
    // ρ-zCDP is D_α ≤ αρ for every α > 1. The bound is unimodal in ln(α − 1): golden-section search.
    let logDelta = deterministicLog(delta)
    func bound(_ logExcess: Double) -> Double {
      let order = 1 + deterministicExp(logExcess)
      return RenyiAccountant.epsilon(divergence: order * rho, order: order, logDelta: logDelta)
    }
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<80 {
      let (left, right) = (low + 0.382 * (high - low), low + 0.618 * (high - low))
      if bound(left) < bound(right) { high = right } else { low = left }
    }
    return EpsilonBracket(lower: nil, upper: max(0, bound((low + high) / 2)))
  }

  private func rho(of event: PrivacyEvent, adjacency: Adjacency) throws -> Double {
    if let multiplier = event.multiplierOnEveryone { return 1 / (2 * multiplier * multiplier) }
    switch (event, adjacency) {
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
    var total = 0.0
    for repeated in events where repeated.count > 0 {
      try repeated.event.validate()
      guard let epsilon = repeated.event.pureEpsilon(adjacency) else {
        throw AccountingError.unproved(event: repeated.event.name, adjacency: adjacency, accountant: kind)
      }
      total += Double(repeated.count) * epsilon
    }
    return EpsilonBracket(lower: total == 0 ? 0 : nil, upper: total)
  }
}

extension PrivacyEvent {
  /// ε of an event that satisfies pure differential privacy; nil for one that does not.
  func pureEpsilon(_ adjacency: Adjacency) -> Double? {
    switch (self, adjacency) {
    case (.laplace(let multiplier), _): 1 / multiplier
    case (.discreteLaplace(let scale, let sensitivity), _): Double(sensitivity) / scale
    // A randomised answer hides what was answered, not that someone answered.
    case (.randomizedResponse(let epsilon, _), .replaceOne): epsilon
    case (.pure(let epsilon), _): epsilon
    default: nil
    }
  }
}
