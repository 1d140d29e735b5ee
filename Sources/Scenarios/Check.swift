/// What `fedsim check` demands of a scenario's run, beside what its baseline says.
package struct Check: Sendable, Equatable {
  /// How far metrics may move.
  package enum Metrics: Sendable, Equatable {
    /// At most so far from the baseline's values.
    case tolerance(Double)
    /// Within an interval learned from several seeds, which a run of unchanged quality leaves with this probability.
    case learned(seeds: Int, falseAlarmRate: Double)
  }

  /// Whether the digest has to be the baseline's.
  package let exact: Bool
  /// Whether ε may not rise and the ledger's events may not change.
  package let privacy: Bool
  /// nil: metrics are not looked at.
  package let metrics: Metrics?

  /// What is checked where a scenario has no such section.
  package static let standard = Check(exact: true, privacy: true, metrics: nil)

  private init(exact: Bool, privacy: Bool, metrics: Metrics?) {
    self.exact = exact
    self.privacy = privacy
    self.metrics = metrics
  }

  init(_ reader: ObjectReader) {
    exact = reader.bool("exact", default: true, "the digest may not change")
    privacy = reader.bool("privacy", default: true, "ε may not rise, and the ledger's events may not change")
    let tolerance = reader.optionalNumber("tolerance", 0...1, "how far each metric may be from the baseline's")
    let seeds = reader.optionalInteger(
      "seeds", 3...1000, "learn an interval for each metric from so many seeds, instead of a tolerance")
    let learned = ObjectReader.Condition(holds: seeds != nil, meaning: "seeds")
    let rate = reader.number(
      "falseAlarmRate", 1e-9...0.5, default: 0.001, when: learned,
      "probability that a run of unchanged quality leaves any of the intervals")
    switch (tolerance, seeds) {
    case (_?, _?) where !reader.session.describing:
      reader.problem("seeds", "is given with tolerance; keep one of them")
      metrics = nil
    case (let tolerance?, _): metrics = .tolerance(tolerance)
    case (nil, let seeds?): metrics = .learned(seeds: seeds, falseAlarmRate: rate)
    case (nil, nil): metrics = nil
    }
  }
}
