import Foundation
import TestSupport

/// What noise looks like, against what it should be. Each bound is passed by right noise with a probability of
/// 1 − 10⁻¹⁰, so that all the comparisons of this suite together fail by chance once in a million seeds.
enum Measures {
  /// Standard errors that a measurement may be off: a normal number is beyond them with probability 8·10⁻¹¹.
  static let standardErrors = 6.5

  /// The shape of noise: its fourth moment over the squared variance.
  enum Shape: Double {
    case gaussian = 3
    case laplace = 6
  }

  /// How far the noise's variance is from the one it should have, in what it may be off: fine up to 1.
  ///
  /// The mean of n squares has a relative standard error of √((κ − 1)/n) with the shape's κ. Noise of half the deviation
  /// has a quarter of the variance: n = 4096 samples see it at 33 standard errors, where Laplace noise is meant at 21.
  static func excess(ofDeviation noise: [Double], from deviation: Double, shape: Shape = .gaussian) -> Double {
    let n = Double(noise.count)
    let ratio = noise.reduce(0) { $0 + $1 * $1 } / n / (deviation * deviation)
    // Where there is no number there is no noise that is right.
    return ratio.isFinite ? abs(ratio - 1) / (standardErrors * ((shape.rawValue - 1) / n).squareRoot()) : .infinity
  }

  /// How much two noises go together, in what independent ones may: fine up to 1.
  static func excess(ofCorrelation a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (a, b) in zip(a, b) {
      ab += a * b
      aa += a * a
      bb += b * b
    }
    // Two noises of which one is nothing are no noises.
    guard aa > 0, bb > 0, ab.isFinite else { return .infinity }
    return abs(ab) / (aa * bb).squareRoot() * Double(min(a.count, b.count)).squareRoot() / standardErrors
  }

  /// The same for a noise and itself some places further on, at worst.
  static func excess(ofCorrelationAlong noise: [Double]) -> Double {
    (Array(1...32) + [64, 128, 256, 512, 1024, noise.count / 2]).reduce(0) { worst, lag in
      lag < noise.count ? max(worst, excess(ofCorrelation: noise.dropFirst(lag), noise)) : worst
    }
  }

  /// How many magnitudes come up more than once.
  ///
  /// Noise that is used twice anywhere, in whatever order and with whatever sign, repeats all of its magnitudes. Those
  /// of n right ones, whole steps of a deviation σ, coincide about n²/(2√π·σ) times.
  static func repetitions(_ noises: [[Double]]) -> Int {
    let magnitudes = noises.joined().map { abs($0.rounded()) }
    return magnitudes.count - Set(magnitudes).count
  }

  /// How often that may happen: the expectation m and seven of its deviations, for small m more.
  static func repetitionsAllowed(_ noises: [[Double]], deviation: Double) -> Int {
    let n = Double(noises.reduce(0) { $0 + $1.count })
    let mean = n * n / (2 * Double.pi.squareRoot() * deviation)
    return mean.isFinite ? Int(mean + 7 * mean.squareRoot() + 12) : -1
  }

  /// How far samples are from a distribution, in what right ones may be: fine up to 1 (Massart 1990, at 10⁻¹⁰).
  static func excess(of samples: [Double], from distribution: (Double) -> Double) -> Double {
    if samples.isEmpty || !samples.allSatisfy(\.isFinite) { return .infinity }
    return Goodness.kolmogorovSmirnov(samples, distribution)
      / (log(2e10) / (2 * Double(samples.count))).squareRoot()
  }

  /// The length of a vector.
  static func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The sum of the magnitudes.
  static func magnitude(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + abs($1) } }

  /// Φ.
  static func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// The Laplace distribution of deviation 1.
  static func laplace(_ x: Double) -> Double {
    let tail = 0.5 * exp(-abs(x) * 2.0.squareRoot())
    return x < 0 ? tail : 1 - tail
  }
}
