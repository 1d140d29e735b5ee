import Foundation

/// Goodness-of-fit statistics with thresholds for a stated false-positive rate.
///
/// All statistical tests here have fixed seeds, so they pass or fail for good; the rate says how likely a correct
/// sampler would have been to fail when the seed was chosen.
package enum Goodness {
  /// Pearson's chi-square statistic of counts against expected counts.
  package static func chiSquare(observed: [Int], expected: [Double]) -> Double {
    zip(observed, expected).reduce(0) { sum, pair in
      let difference = Double(pair.0) - pair.1
      return sum + difference * difference / pair.1
    }
  }

  /// The value that a chi-square variable with `freedom` degrees exceeds with probability 10⁻⁶ (Wilson and Hilferty
  /// 1931; z = 4.753).
  package static func chiSquareThreshold(freedom: Int) -> Double {
    let n = Double(freedom)
    let cube = 1 - 2 / (9 * n) + 4.753 * (2 / (9 * n)).squareRoot()
    return n * cube * cube * cube
  }

  /// The Kolmogorov–Smirnov distance of samples from a distribution function.
  package static func kolmogorovSmirnov(_ samples: [Double], _ distribution: (Double) -> Double) -> Double {
    let sorted = samples.sorted()
    let n = Double(sorted.count)
    return sorted.enumerated().reduce(0) { largest, sample in
      let expected = distribution(sample.element)
      return max(
        largest, abs(expected - Double(sample.offset) / n), abs(Double(sample.offset + 1) / n - expected))
    }
  }

  /// The distance exceeded with probability 10⁻⁶: √(ln(2/10⁻⁶)/2n) (Massart 1990).
  package static func kolmogorovSmirnovThreshold(count: Int) -> Double {
    (log(2e6) / (2 * Double(count))).squareRoot()
  }

  /// How many standard errors the mean of `samples` is away from `mean`.
  package static func standardErrors(_ samples: [Double], from mean: Double) -> Double {
    let n = Double(samples.count)
    let average = samples.reduce(0, +) / n
    let variance = samples.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)
    return abs(average - mean) / (variance / n).squareRoot()
  }

  /// 4.9 standard errors: a correct sampler exceeds them with probability 10⁻⁶.
  package static let standardErrorThreshold = 4.9
}
