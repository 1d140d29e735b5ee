/// What one accountant says at many δ: ε(δ), and what that leaves to whoever tests whether someone is in the data.
public struct PrivacyCurve: Sendable {
  /// A guarantee: (`epsilon.upper`, δ)-differential privacy holds.
  public struct Point: Sendable {
    /// δ, in (0, 1).
    public let delta: Double
    /// ε at it.
    public let epsilon: EpsilonBracket
  }

  /// Who says so.
  public let accountant: AccountantKind
  /// By falling δ, and so by rising ε.
  public let points: [Point]

  /// Dense where an attacker's errors are of a size that shows, then a few a decade.
  public static let deltas: [Double] =
    [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02]
    + [1e-2, 3e-3, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12]

  /// Asks an accountant.
  /// - Parameter epsilon: ε at a δ.
  public init(_ accountant: AccountantKind, epsilon: (Double) throws -> EpsilonBracket) rethrows {
    self.accountant = accountant
    points = try Self.deltas.map { Point(delta: $0, epsilon: try epsilon($0)) }
  }

  /// The least false-negative rate of any test with this false-positive rate, by every point of the curve: `TradeOffCurve`.
  public func leastFalseNegativeRate(at falsePositiveRate: Double) -> Double {
    TradeOffCurve(guarantees: points.map { ($0.epsilon.upper, $0.delta) }).typeII(at: falsePositiveRate)
  }

  /// The trade-off curve, by rising false-positive rate: fine near 0, where an attacker who accuses nobody wrongly is.
  public var tradeOff: [(falsePositiveRate: Double, leastFalseNegativeRate: Double)] {
    let rates = [0, 0.0005, 0.001, 0.002, 0.005] + (1...100).map { Double($0) / 100 }
    return rates.map { ($0, leastFalseNegativeRate(at: $0)) }
  }
}
