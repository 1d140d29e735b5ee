import NumericalCore

/// Rényi differential privacy (Mironov 2017): events compose by adding their curves, order by order.
public struct RenyiAccountant: Accountant {
  /// `.rdp`.
  public var kind: AccountantKind { .rdp }

  /// The orders α that are tried; the best one gives ε.
  public static let orders: [Double] =
    (11..<110).map { Double($0) / 10 } + (11..<64).map(Double.init)
    + [72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024]

  /// An accountant; it has no state.
  public init() {}

  /// See `Accountant`.
  public func epsilon(
    of events: [RepeatedEvent], adjacency: Adjacency, delta: Double
  ) throws -> EpsilonBracket {
    guard delta > 0, delta < 1 else { throw AccountingError.invalidDelta(delta) }
    for repeated in events { try repeated.event.validate() }
    guard events.contains(where: { $0.count > 0 }) else { return EpsilonBracket(lower: 0, upper: 0) }
    let logDelta = deterministicLog(delta)
    let upper = try leastOverOrders { order in
      let divergence = try self.divergence(of: events, adjacency: adjacency, order: order)
      // A δ that tells neighbours apart at all needs no ε.
      if delta * delta > -deterministicExpMinusOne(-divergence) { return 0 }
      return Self.epsilon(divergence: divergence, order: order, logDelta: logDelta)
    }
    return EpsilonBracket(lower: nil, upper: max(0, upper))
  }

  /// See `Accountant`.
  public func deltas(
    of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]
  ) throws -> [DeltaBracket] {
    for epsilon in epsilons { try checkEpsilon(epsilon) }
    for repeated in events { try repeated.event.validate() }
    guard events.contains(where: { $0.count > 0 }) else {
      return epsilons.map { _ in DeltaBracket(lower: 0, upper: 0) }
    }
    // The orders are the same for every ε, and their divergences what is dear.
    let orders = Self.orders
    let divergences = try orders.map { try divergence(of: events, adjacency: adjacency, order: $0) }
    return epsilons.map { epsilon in
      var least = 1.0
      for (order, divergence) in zip(orders, divergences) {
        let log = Self.logDelta(divergence: divergence, order: order, epsilon: epsilon)
        least = min(least, deterministicExp(log), (-deterministicExpMinusOne(-divergence)).squareRoot())
      }
      return DeltaBracket(lower: nil, upper: least)
    }
  }

  /// A bound on how much likelier an outcome can be among one of two neighbours than the other. Total variation is at
  /// most √(1 − e^−KL) (Bretagnolle and Huber 1979), and KL at most D₂.
  func totalVariation(of events: [RepeatedEvent], adjacency: Adjacency) throws -> Double {
    (-deterministicExpMinusOne(-(try divergence(of: events, adjacency: adjacency, order: 2)))).squareRoot()
  }

  /// The Rényi divergence of all events together; infinity where the order has no proof.
  func divergence(of events: [RepeatedEvent], adjacency: Adjacency, order: Double) throws -> Double {
    var divergence = 0.0
    for repeated in events {
      divergence += Double(repeated.count) * (try curve(repeated.event, adjacency, order))
    }
    return divergence
  }

  /// The least of a bound over all orders; every one of them is valid.
  private func leastOverOrders(_ bound: (_ order: Double) throws -> Double) throws -> Double {
    var bounds: [Double] = []
    for order in Self.orders { bounds.append(try bound(order)) }
    // The best order is often between two of the list.
    guard let best = bounds.indices.min(by: { bounds[$0] < bounds[$1] }) else { return .infinity }
    var (low, high) = (Self.orders[max(best - 1, 0)], Self.orders[min(best + 1, bounds.count - 1)])
    var least = bounds[best]
    for _ in 0..<Self.refinements {
      let (left, right) = (low + (high - low) * 0.382, low + (high - low) * 0.618)
      let (atLeft, atRight) = (try bound(left), try bound(right))
      least = min(least, atLeft, atRight)
      if atLeft < atRight { high = right } else { low = left }
    }
    return least
  }

  /// Every order gives a valid ε, so the search between two of the list may stop anywhere.
  private static let refinements = 12

  /// Canonne, Kamath and Steinke 2020, "The discrete Gaussian for differential privacy", proposition 12:
  /// ε = D_α + ln((α − 1)/α) − (ln δ + ln α)/(α − 1).
  static func epsilon(divergence: Double, order: Double, logDelta: Double) -> Double {
    divergence + deterministicLog((order - 1) / order)
      - (logDelta + deterministicLog(order)) / (order - 1)
  }

  /// The same bound, solved for ln δ.
  static func logDelta(divergence: Double, order: Double, epsilon: Double) -> Double {
    (order - 1) * (divergence - epsilon + deterministicLog((order - 1) / order)) - deterministicLog(order)
  }

  /// Rényi divergence of order `order` of one event; infinity where the order has no proof.
  private func curve(_ event: PrivacyEvent, _ adjacency: Adjacency, _ order: Double) throws -> Double {
    // Mironov 2017, proposition 7.
    if let multiplier = event.multiplierOnEveryone { return order / (2 * multiplier * multiplier) }
    switch (event, adjacency) {
    case (.poissonSampledGaussian(let rate, let multiplier), .addOrRemove):
      return PoissonSampledGaussianDivergence(rate: rate, multiplier: multiplier).divergence(order: order)
    case (.poissonSampledGaussian(let rate, let multiplier), .replaceOne):
      return SampledGaussianDivergence(rate: rate, multiplier: multiplier).replaced(order: order)
    case (.fixedSizeSampledGaussian(let sample, let population, let multiplier), .replaceOne):
      return SampledGaussianDivergence(rate: Double(sample) / Double(population), multiplier: multiplier)
        .fixedSize(order: order)
    case (.concentrated(let rho), _):
      return order * rho
    case (.discreteGaussian(let deviation, let sensitivity), _):
      // Canonne, Kamath and Steinke 2020, theorem 4: no more than the continuous Gaussian's.
      let multiplier = deviation / Double(sensitivity)
      return order / (2 * multiplier * multiplier)
    case (.laplace(let multiplier), _), (.poissonSampledLaplace(1, let multiplier), _):
      // Mironov 2017, proposition 6.
      let rate = 1 / multiplier
      let first = deterministicLog(order / (2 * order - 1)) + (order - 1) * rate
      let second = deterministicLog((order - 1) / (2 * order - 1)) - order * rate
      return logAddExp(first, second) / (order - 1)
    case (.randomizedResponse(let epsilon, let categories), .replaceOne):
      return responseDivergence(epsilon: epsilon, categories: categories, order: order)
    default:
      guard let epsilon = event.pureEpsilon(adjacency) else {
        throw AccountingError.unproved(event: event.name, adjacency: adjacency, accountant: kind)
      }
      // Binary randomised response dominates every ε-differentially private mechanism.
      return responseDivergence(epsilon: epsilon, categories: 2, order: order)
    }
  }

  /// Σ p^α·q^(1 − α) of randomised response among k categories, as a divergence (Mironov 2017, proposition 5).
  private func responseDivergence(epsilon: Double, categories: Int, order: Double) -> Double {
    let others = Double(categories - 1)
    let logTotal = epsilon + deterministicLogOnePlus(others * deterministicExpClamped(-epsilon))
    var sum = LogSum()
    sum.add(order * epsilon - logTotal)
    sum.add((1 - order) * epsilon - logTotal)
    if categories > 2 { sum.add(deterministicLog(others - 1) - logTotal) }
    return max(0, sum.value) / (order - 1)
  }
}

/// A running ln Σ exp(xᵢ) that neither overflows nor loses small terms.
struct LogSum {
  private var largest = -Double.infinity
  private var scaled = 0.0

  mutating func add(_ x: Double) {
    if x == -.infinity { return }
    if x > largest {
      scaled = scaled * deterministicExp(largest - x) + 1
      largest = x
    } else {
      scaled += deterministicExp(x - largest)
    }
  }

  var value: Double { scaled > 0 ? largest + deterministicLog(scaled) : -.infinity }
}
