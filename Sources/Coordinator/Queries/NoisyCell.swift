import DifferentialPrivacy
import NumericalCore

/// A number with noise on it, and what is known about the noise. The intervals hold the number without noise: what they
/// cover is the noise alone, not what a bound on clients' contributions has cut off.
struct NoisyCell {
  let value: Double
  /// Standard deviation of the noise.
  let deviation: Double
  /// Holds the number without noise with 95 % probability at least.
  let interval: ClosedRange<Double>
  /// The same with 97.5 %, for answers that are made of two cells: both hold at once with 95 %.
  let intervalOfTwo: ClosedRange<Double>

  /// A number without noise.
  init(_ value: Double) { self.init(value, deviation: 0) { _ in 0 } }

  /// Discrete Laplace noise: P(|X| > t) = 2·r^(t + 1)/(1 + r) with r = e^(−1/scale), so the reach is exact.
  init(_ value: Double, _ mechanism: DiscreteLaplaceMechanism) {
    let ratio = deterministicExp(-1 / mechanism.scale)
    self.init(value, deviation: mechanism.variance.squareRoot()) { tail in
      max(0, (-mechanism.scale * deterministicLog(tail * (1 + ratio) / 2)).rounded(.up) - 1)
    }
  }

  /// Noise that is the sum of many clients' own.
  /// - Parameter reach: of that sum, so that it is computed once for all cells.
  init(_ value: Double, _ reach: SummedNoise) {
    self.init(value, deviation: reach.deviation) { $0 == 0.05 ? reach.one : reach.two }
  }

  /// What randomised response says about the clients in a category: all counts for which so many answers, or the normal
  /// approximation of their distribution half an answer to either side, are within its middle 95 % (Wilson 1927, with a
  /// correction for continuity).
  init(_ response: RandomizedResponse, answers: Int, of clients: Int) {
    let count = response.estimate(answers: answers, of: clients)
    value = count
    deviation = response.variance(count: max(0, min(Int(count.rounded()), clients)), of: clients).squareRoot()
    interval = response.counts(answers: answers, of: clients, within: 1.959964)
    intervalOfTwo = response.counts(answers: answers, of: clients, within: 2.241403)
  }

  /// Noise of which only the deviation is asked for.
  init(_ value: Double, deviation: Double) { self.init(value, deviation: deviation) { _ in 0 } }

  /// - Parameter reach: from the probability that the noise is beyond it.
  private init(_ value: Double, deviation: Double, reach: (Double) -> Double) {
    self.value = value
    self.deviation = deviation
    let (one, two) = (reach(0.05), reach(0.025))
    interval = value - one...value + one
    intervalOfTwo = value - two...value + two
  }

  /// The interval of a count that is shown because, with its noise, it is not below a minimum. Those shown have more noise
  /// upwards than others.
  ///
  /// A count not below the minimum is shown at least every second time, so that 2.5 % of misses become at most 5 % of those
  /// shown. One below it is shown only by noise beyond the difference, and noise whose density is log-concave has, beyond
  /// any point, no longer tail than beyond 0: by more than the reach of 97.5 % above the minimum it comes out in less than
  /// 5 % of the cases. So up to there the count may be anything, down to none.
  func intervalIfShown(minimum: Double) -> ClosedRange<Double> {
    let reach = value - intervalOfTwo.lowerBound
    return value - minimum > reach ? intervalOfTwo : min(0, intervalOfTwo.lowerBound)...intervalOfTwo.upperBound
  }
}

/// The sum of discrete Laplace noises, one a client.
struct SummedNoise {
  let deviation: Double
  /// The noise is beyond ± this with at most 5 % probability.
  let one: Double
  /// The same with 2.5 %.
  let two: Double

  /// Wider scales than this are computed on a coarser lattice.
  private static let widestScale = 16.0

  init(_ mechanism: DiscreteLaplaceMechanism, clients: Int) {
    deviation = (Double(clients) * mechanism.variance).squareRoot()
    // Of so many clients the sum is normal to within 10⁻⁴ of a probability.
    if clients >= 500, deviation >= 20 {
      one = (1.959964 * deviation).rounded(.up)
      two = (2.241403 * deviation).rounded(.up)
      return
    }
    let step = max(1, mechanism.scale / Self.widestScale)
    let tails = TailOfSum(scale: mechanism.scale / step, terms: clients)
    one = (step * Double(tails.reach(0.05))).rounded(.up)
    two = (step * Double(tails.reach(0.025))).rounded(.up)
  }
}

/// The distribution of a sum of n discrete Laplace numbers, by inverting its characteristic function
/// φ(θ)ⁿ = (1 + v·(1 − cos θ))⁻ⁿ, v = 2r/(1 − r)², r = e^(−1/scale).
private struct TailOfSum {
  /// φⁿ at 1/N, 2/N, … of a turn, as far as it counts; the other half of the turn is the same.
  private let transform: [Double]
  /// N, odd: no angle but 0 is its own mirror image.
  private let turns: Int

  init(scale: Double, terms: Int) {
    let gap = -deterministicExpMinusOne(-1 / scale)
    let v = 2 * (1 - gap) / (gap * gap)
    let deviation = (Double(terms) * v).squareRoot()
    // Half of it holds everything but 10⁻¹².
    let turns = 2 * Int((10 * deviation + 40 * scale).rounded(.up)) + 15
    var transform: [Double] = []
    for index in 1...turns / 2 {
      let cosine = deterministicSineCosine(turns: Double(index) / Double(turns)).cosine
      let value = deterministicExp(-Double(terms) * deterministicLog(1 + v * (1 - cosine)))
      if value < 1e-18 { break }
      transform.append(value)
    }
    self.turns = turns
    self.transform = transform
  }

  /// The least t for which the sum is beyond ±t with a probability of at most `tail`.
  func reach(_ tail: Double) -> Int {
    var (low, high) = (0, turns / 2)
    while low < high {
      let middle = (low + high) / 2
      if 1 - within(middle) <= tail { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// P(|S| ≤ t) = Σ φ(θ)ⁿ·D(θ)/N with Dirichlet's kernel D(θ) = sin((2t + 1)θ/2)/sin(θ/2).
  private func within(_ t: Int) -> Double {
    let width = 2 * t + 1
    var sum = Double(width)
    for (offset, value) in transform.enumerated() {
      // Half angles in turns: k/(2N), and (2t + 1) times that, without whole turns.
      let index = offset + 1
      let lower = deterministicSineCosine(turns: Double(index) / Double(2 * turns)).sine
      let upper = deterministicSineCosine(turns: Double(width * index % (2 * turns)) / Double(2 * turns)).sine
      sum += 2 * value * upper / lower
    }
    return sum / Double(turns)
  }
}
