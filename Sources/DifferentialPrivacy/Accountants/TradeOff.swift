import NumericalCore

/// A point of a trade-off curve: whoever tells two neighbours apart with a type I error of `typeI` errs at least with
/// `typeII` the other way (Dong, Roth and Su 2022, "Gaussian differential privacy", definition 2.1).
public struct TradeOffPoint: Equatable, Codable, Sendable {
  /// Probability α of taking the first population for the second.
  public let typeI: Double
  /// No test has a smaller probability β of taking the second for the first.
  public let typeII: Double

  /// A point; both errors are in [0, 1].
  public init(typeI: Double, typeII: Double) {
    self.typeI = typeI
    self.typeII = typeII
  }
}

/// What a set of proved pairs (ε, δ) says about every test between neighbours.
public struct TradeOffCurve: Sendable {
  /// The pairs, each of which holds for both directions.
  public let guarantees: [(epsilon: Double, delta: Double)]

  /// - Parameter guarantees: pairs (ε, δ) that hold at the same time; ε at least 0, δ in [0, 1].
  public init(guarantees: [(epsilon: Double, delta: Double)]) {
    self.guarantees = guarantees
  }

  /// The least type II error that the pairs leave possible:
  /// β ≥ max(0, 1 − δ − e^ε·α, e^−ε·(1 − δ − α)) for each (Wasserman and Zhou 2010, theorem 2.4; Dong, Roth and Su
  /// 2022, proposition 2.5).
  /// - Parameter typeI: α, in [0, 1].
  public func typeII(at typeI: Double) -> Double {
    guarantees.reduce(0) { best, pair in
      let rest = 1 - pair.delta
      let spent = typeI > 0 ? deterministicExp(pair.epsilon) * typeI : 0
      return max(best, rest - spent, deterministicExp(-pair.epsilon) * (rest - typeI))
    }
  }
}

extension Accountant {
  /// The trade-off curve of all events together: a proved lower bound on β for each α.
  /// - Parameter typeIErrors: α, each in [0, 1].
  /// - Returns: as many points, in the same order.
  /// - Throws: `AccountingError` when the accountant has no proof for an event.
  public func tradeOff(
    of events: [RepeatedEvent], adjacency: Adjacency, typeIErrors: [Double]
  ) throws -> [TradeOffPoint] {
    let least = max(typeIErrors.filter { $0 > 0 }.min() ?? 0.01, 1e-9)
    // Beyond the ε at which δ is far below every α, further pairs add nothing.
    let largest = try upperBound(of: events, adjacency: adjacency, delta: least / 16)
    let count = 128
    let epsilons = largest == 0 ? [0] : (0...count).map { largest * Double($0) / Double(count) }
    let deltas = try deltas(of: events, adjacency: adjacency, epsilons: epsilons)
    let curve = TradeOffCurve(guarantees: zip(epsilons, deltas).map { ($0, $1.upper) })
    return typeIErrors.map { TradeOffPoint(typeI: $0, typeII: curve.typeII(at: $0)) }
  }
}
