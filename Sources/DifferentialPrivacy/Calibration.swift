/// Finds the least noise that meets a target.
public enum Calibration {
  /// No larger noise multiplier is tried.
  public static let largestMultiplier = 100_000.0
  /// Multipliers are whole multiples of 1/10 000, so that a scenario can repeat a calibrated one exactly.
  public static let stepsPerUnit = 10_000

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
    func meets(_ steps: Int) throws -> Bool {
      let planned = events(multiplier(steps))
      return try accountant.epsilon(of: planned, adjacency: adjacency, delta: delta).upper <= epsilon
    }
    let last = Int(largestMultiplier) * stepsPerUnit
    var high = stepsPerUnit
    while try !meets(high) {
      if high >= last { throw AccountingError.unreachableTarget(epsilon: epsilon, delta: delta) }
      high = min(high * 4, last)
    }
    // Approach from above by halves: very small multipliers are the slowest to account for.
    var low = high / 2
    while low > 0, try meets(low) {
      high = low
      low = high / 2
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try meets(middle) { high = middle } else { low = middle }
    }
    return multiplier(high)
  }
}
