import NumericalCore

/// The privacy loss of the Poisson-sampled Gaussian.
///
/// With M = (1 − q)·N(0, σ²) + q·N(1, σ²) and N = N(0, σ²), the dominating pair is (M, N) when a client is removed
/// and (N, M) when one is added (Zhu, Dong and Wang 2022, "Optimal accounting of differential privacy via
/// characteristic function", theorem 11). The loss ln(M/N)(x) = ln(1 − q + q·e^((2x − 1)/2σ²)) rises with x.
struct SampledGaussianLoss {
  /// Which neighbour the probabilities are taken under.
  enum Direction: CaseIterable {
    case remove, add
  }

  /// Sampling rate q, in (0, 1].
  let rate: Double
  /// Noise multiplier σ.
  let multiplier: Double

  /// ln(M/N) at x.
  func value(at x: Double) -> Double {
    let exponent = (2 * x - 1) / (2 * multiplier * multiplier)
    if exponent > 30 {
      return exponent + deterministicLog(rate)
        + deterministicLogOnePlus((1 - rate) / rate * deterministicExp(-exponent))
    }
    return deterministicLogOnePlus(rate * deterministicExpMinusOne(exponent))
  }

  /// The x at which ln(M/N) is `loss`; −∞ where the loss is never that small.
  func position(of loss: Double) -> Double {
    let ratio: Double
    if loss > 30 {
      ratio = loss - deterministicLog(rate) + deterministicLogOnePlus(-(1 - rate) * deterministicExp(-loss))
    } else {
      let relative = deterministicExpMinusOne(loss) / rate
      guard relative > -1 else { return -.infinity }
      ratio = deterministicLogOnePlus(relative)
    }
    return multiplier * multiplier * ratio + 0.5
  }

  /// Both normal distributions cut at x.
  func cut(at x: Double) -> Cut {
    Cut(zero: TailPair(x / multiplier), one: TailPair((x - 1) / multiplier))
  }

  /// A point on the x axis, as N(0, σ²) and N(1, σ²) see it.
  struct Cut {
    let zero: TailPair
    let one: TailPair
  }
}

/// The two tails of a standard normal at a point, each with its own digits.
struct TailPair {
  let lower: Double
  let upper: Double

  init(_ z: Double) {
    if z == -.infinity {
      lower = 0
      upper = 1
    } else if z < 0 {
      lower = normalUpperTail(-z)
      upper = 1 - lower
    } else {
      upper = normalUpperTail(z)
      lower = 1 - upper
    }
  }

  /// The mass from here to a later point, without cancellation in either tail.
  func mass(to next: TailPair) -> Double {
    max(0, next.lower < 0.5 ? next.lower - lower : upper - next.upper)
  }
}
