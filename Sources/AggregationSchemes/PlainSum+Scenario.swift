import Scenarios

extension PlainSum {
  /// The sum of a scenario's rounds: the same on both sides.
  package init(_ scenario: Scenario) {
    let aggregation = scenario.training.aggregation
    // The count is summed only where it is accounted for.
    self.init(
      dimension: scenario.dimension, groups: aggregation.groups, trimmed: aggregation.trimmed,
      hasCount: scenario.privacy?.adaptiveClipping != nil)
  }
}
