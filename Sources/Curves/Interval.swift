import Recommender
import Scenarios

/// A mean over seeds with its 95 % confidence interval.
package struct Interval: Equatable, Sendable {
  package let mean: Double
  /// The ends of the interval; nil where one value alone says nothing about its spread.
  package let bounds: ClosedRange<Double>?
  /// Seeds.
  package let count: Int
  /// Standard error of the mean, s/√n; 0 where one value alone says nothing about its spread.
  package let error: Double

  /// The confidence that the interval is made for.
  package static let confidence = 0.95

  /// Student's t interval of a mean: x̄ ± t₀.₉₇₅,ₙ₋₁·s/√n, exact for normal values.
  /// - Parameter values: one a seed, in the order of the seeds; at least one.
  package init(_ values: [Double]) {
    precondition(!values.isEmpty)
    let n = Double(values.count)
    let mean = values.mean
    count = values.count
    self.mean = mean
    guard values.count > 1 else {
      bounds = nil
      error = 0
      return
    }
    error = (values.squaresAboutMean / (n - 1) / n).squareRoot()
    let reach = Self.quantile(degrees: values.count - 1) * error
    bounds = mean - reach...mean + reach
  }

  /// The interval of a metric over models, one a seed; nil where it was measured of none.
  init?(_ metric: Metric, of models: some Sequence<MetricValues>) {
    let values = models.compactMap { $0[metric] }
    if values.isEmpty { return nil }
    self.init(values)
  }

  /// How many standard errors an interval reaches to each side.
  package static func quantile(degrees: Int) -> Double {
    StudentDistribution.quantile((1 + confidence) / 2, degrees: degrees)
  }

  /// Whether the mean is told from 0 by Student's t test, as one of several tests that are to be right together with 95 %
  /// (Bonferroni: each has its part of the 5 %).
  /// - Parameter tests: at least 1; with 1 it is whether `bounds` exclude 0.
  package func excludesZero(amongTests tests: Int = 1) -> Bool {
    guard count > 1 else { return false }
    let probability = 1 - (1 - Self.confidence) / 2 / Double(tests)
    return abs(mean) > StudentDistribution.quantile(probability, degrees: count - 1) * error
  }
}

extension [Double] {
  /// The arithmetic mean of at least one value, added in their order.
  var mean: Double { reduce(0, +) / Double(count) }

  /// Σ (x − x̄)².
  var squaresAboutMean: Double {
    let mean = mean
    return reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }
}
