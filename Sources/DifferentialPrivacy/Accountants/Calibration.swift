import NumericalCore

/// Finds what a target ε allows: the least noise, the largest sampling rate, or the most rounds.
public enum Calibration {
  /// No larger noise multiplier is tried.
  public static let largestMultiplier = 100_000.0
  /// Multipliers are whole multiples of 1/10 000, so that a scenario can repeat a calibrated one exactly.
  public static let stepsPerUnit = 10_000
  /// Sampling rates are whole multiples of 10⁻⁹.
  public static let rateSteps = 1_000_000_000
  /// No more rounds are tried.
  public static let mostRounds = 1_000_000_000

  /// The least noise multiplier, to within 1/10 000, whose ε after all events is at most the target.
  /// - Parameters:
  ///   - epsilon: target ε, above 0.
  ///   - delta: δ, in (0, 1).
  ///   - events: the planned events for a noise multiplier; more noise must never raise ε.
  /// - Throws: `AccountingError` when the accountant refuses the events or no multiplier is enough.
  public static func noiseMultiplier(
    epsilon: Double, delta: Double, adjacency: Adjacency, accountant: any Accountant,
    events: (_ noiseMultiplier: Double) -> [RepeatedEvent]
  ) throws -> Double {
    func multiplier(_ steps: Int) -> Double { Double(steps) / Double(stepsPerUnit) }
    let steps = try boundary(start: stepsPerUnit, limits: 1...(Int(largestMultiplier) * stepsPerUnit), rising: true)
    {
      try accountant.upperBound(of: events(multiplier($0)), adjacency: adjacency, delta: delta) / epsilon
    }
    guard let steps else {
      throw AccountingError.unreachableTarget(
        what: "no noise multiplier up to \(largestMultiplier)", epsilon: epsilon, delta: delta)
    }
    return multiplier(steps)
  }

  /// The largest sampling rate, to within 10⁻⁹, whose ε after all events is at most the target.
  /// - Parameter events: the planned events for a sampling rate; a larger rate must never lower ε.
  /// - Throws: `AccountingError` when the accountant refuses the events or no rate is small enough.
  public static func samplingRate(
    epsilon: Double, delta: Double, adjacency: Adjacency, accountant: any Accountant,
    events: (_ samplingRate: Double) -> [RepeatedEvent]
  ) throws -> Double {
    func rate(_ steps: Int) -> Double { Double(steps) / Double(rateSteps) }
    let steps = try boundary(start: rateSteps / 100, limits: 1...rateSteps, rising: false) {
      try accountant.upperBound(of: events(rate($0)), adjacency: adjacency, delta: delta) / epsilon
    }
    guard let steps else {
      throw AccountingError.unreachableTarget(what: "no sampling rate down to 10⁻⁹", epsilon: epsilon, delta: delta)
    }
    return rate(steps)
  }

  /// The most rounds whose ε is at most the target.
  /// - Parameter events: the planned events for a number of rounds; more rounds must never lower ε.
  /// - Throws: `AccountingError` when the accountant refuses the events or one round is too many.
  public static func rounds(
    epsilon: Double, delta: Double, adjacency: Adjacency, accountant: any Accountant,
    events: (_ rounds: Int) -> [RepeatedEvent]
  ) throws -> Int {
    let rounds = try boundary(start: 1000, limits: 1...mostRounds, rising: false) {
      try accountant.upperBound(of: events($0), adjacency: adjacency, delta: delta) / epsilon
    }
    guard let rounds else {
      throw AccountingError.unreachableTarget(what: "not even one round", epsilon: epsilon, delta: delta)
    }
    return rounds
  }

  /// The least noise at which groups of units, each sampled as often as its own target ε allows, make up a wanted
  /// average sampling rate: individualised sampling (Boenisch, Mühl, Dziedzic, Rinberg and Papernot 2023, "Have it your
  /// way: individualized privacy assignment for DP-SGD", section 4.1).
  /// - Parameters:
  ///   - groups: share of all units, and target ε, of each group that takes part.
  ///   - averageRate: wanted Σ share·rate; more than Σ share cannot be had.
  ///   - event: one round's event for a sampling rate and a noise multiplier.
  /// - Returns: the noise multiplier, and the sampling rate of each group.
  /// - Throws: `AccountingError` when the accountant refuses the events or no multiplier is enough.
  public static func individualisedRates(
    _ groups: [(share: Double, epsilon: Double)], averageRate: Double, rounds: Int, delta: Double,
    adjacency: Adjacency, accountant: any Accountant,
    event: (_ samplingRate: Double, _ noiseMultiplier: Double) -> PrivacyEvent
  ) throws -> (noiseMultiplier: Double, rates: [Double]) {
    func rates(_ multiplier: Double) throws -> [Double] {
      try groups.map { group in
        do {
          return try samplingRate(
            epsilon: group.epsilon, delta: delta, adjacency: adjacency, accountant: accountant
          ) { [RepeatedEvent(event($0, multiplier), count: rounds)] }
        } catch AccountingError.unreachableTarget {
          // With so little noise this group cannot take part at all.
          return 0
        }
      }
    }
    func average(_ rates: [Double]) -> Double {
      zip(groups, rates).reduce(0) { $0 + $1.0.share * $1.1 }
    }
    func multiplier(_ steps: Int) -> Double { Double(steps) / 100 }
    let steps = try boundary(start: 100, limits: 20...100_000, rising: true) {
      averageRate / max(average(try rates(multiplier($0))), 1e-12)
    }
    guard let steps else {
      throw AccountingError.unreachableTarget(
        what: "with no noise multiplier up to 1000 does a cohort of this size exist in which every tier",
        epsilon: groups.map(\.epsilon).min() ?? 0, delta: delta)
    }
    return (multiplier(steps), try rates(multiplier(steps)))
  }

  /// The outermost whole number at which a monotone ratio is at most 1.
  /// - Parameters:
  ///   - rising: whether larger numbers hold (the least that holds is wanted) or smaller ones (the largest is).
  ///   - ratio: ε over its target.
  /// - Returns: nil when no number within the limits holds.
  private static func boundary(
    start: Int, limits: ClosedRange<Int>, rising: Bool, ratio: (Int) throws -> Double
  ) throws -> Int? {
    let farthest = rising ? limits.upperBound : limits.lowerBound
    let nearest = rising ? limits.lowerBound : limits.upperBound
    var at = start
    var value = try ratio(at)
    var holds: (at: Int, log: Double)?
    var fails: (at: Int, log: Double)?
    // ε moves about in proportion: step by the ratio itself until both sides are known.
    while holds == nil || fails == nil {
      let log = deterministicLog(max(min(value, 1e100), 1e-100))
      if value <= 1 { holds = (at, log) } else { fails = (at, log) }
      if let holds, holds.at == nearest { return nearest }
      if let fails, fails.at == farthest { return nil }
      if holds != nil && fails != nil { break }
      let factor = min(max(deterministicExp(abs(log)) * 1.05, 1.1), value > 1 ? 16 : 2)
      let outwards = (value > 1) == rising
      let next = outwards ? Double(at) * factor + 1 : Double(at) / factor - 1
      at = Int(max(Double(limits.lowerBound), min(next, Double(limits.upperBound))))
      value = try ratio(at)
    }
    guard var holds, var fails else { return nil }
    // The secant in logarithms, which are close to linear. When it keeps falling on one side, a few steps are added
    // towards the other, so that the last of it is closed in on from both.
    var onSameSide = 0
    while abs(holds.at - fails.at) > 1 {
      let (x, y) = (deterministicLog(Double(holds.at)), deterministicLog(Double(fails.at)))
      let share = holds.log / (holds.log - fails.log)
      let guess = Int(deterministicExp(x + (y - x) * max(0, min(share, 1))).rounded())
      let nudge = onSameSide == 0 ? 0 : (1 << min(abs(onSameSide), 40)) / 2
      let towards = onSameSide > 0 ? fails.at - holds.at : holds.at - fails.at
      let (least, most) = (min(holds.at, fails.at) + 1, max(holds.at, fails.at) - 1)
      at = max(least, min(guess + (towards > 0 ? nudge : -nudge), most))
      value = try ratio(at)
      let log = deterministicLog(max(min(value, 1e100), 1e-100))
      if value <= 1 {
        holds = (at, log)
        onSameSide = onSameSide > 0 ? onSameSide + 1 : 1
      } else {
        fails = (at, log)
        onSameSide = onSameSide < 0 ? onSameSide - 1 : -1
      }
    }
    return holds.at
  }
}
