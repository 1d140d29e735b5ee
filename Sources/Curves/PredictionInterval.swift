/// Where one more value would be, learned from several.
package struct PredictionInterval: Equatable, Sendable {
  package let mean: Double
  /// Standard deviation of the values.
  package let deviation: Double
  /// Values that it was learned from, at least 2.
  package let count: Int

  package init(mean: Double, deviation: Double, count: Int) {
    self.mean = mean
    self.deviation = deviation
    self.count = count
  }

  /// - Parameter values: at least two.
  package init(_ values: [Double]) {
    precondition(values.count > 1)
    self.init(
      mean: values.mean, deviation: (values.squaresAboutMean / Double(values.count - 1)).squareRoot(),
      count: values.count)
  }

  /// Standard error of one more value less the mean: s·√(1 + 1/n).
  private var error: Double { deviation * (1 + 1 / Double(count)).squareRoot() }

  /// x̄ ± t·s·√(1 + 1/n): one more normal value is outside with probability `rate`.
  package func bounds(falseAlarmRate rate: Double) -> ClosedRange<Double> {
    let reach = StudentDistribution.quantile(1 - rate / 2, degrees: count - 1) * error
    return mean - reach...mean + reach
  }

  /// How probable it is that one more value is as far from the mean as this one, or farther.
  package func chance(of value: Double) -> Double {
    let distance = abs(value - mean)
    if distance == 0 { return 1 }
    return error > 0 ? StudentDistribution.twoSidedTail(distance / error, degrees: count - 1) : 0
  }
}
