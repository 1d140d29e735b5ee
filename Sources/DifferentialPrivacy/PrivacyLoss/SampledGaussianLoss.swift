import NumericalCore

/// The privacy loss of the Poisson-sampled Gaussian.
///
/// With M = (1 − q)·N(0, σ²) + q·N(1, σ²) and N = N(0, σ²), the dominating pair is (M, N) when a client is removed
/// and (N, M) when one is added (Zhu, Dong and Wang 2022, theorem 11). The loss
/// ln(M/N)(x) = ln(1 − q + q·e^((2x − 1)/2σ²)) rises with x.
struct SampledGaussianLoss: PrivacyLoss {
  var isSymmetric: Bool { rate == 1 }

  /// Sampling rate q, in (0, 1].
  let rate: Double
  /// Noise multiplier σ.
  let multiplier: Double

  /// Beyond this loss a cell's whole mass goes to its upper end, which is pessimistic and avoids overflow.
  private static let largestExponent = 600.0

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
  private func position(of loss: Double) -> Double {
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

  func largestLoss(_ direction: LossDirection, reach: Double) -> Double {
    switch direction {
    case .remove: value(at: 1 + reach * multiplier)
    // As x falls, N/M approaches 1/(1 − q).
    case .add: min(-value(at: -reach * multiplier), rate < 1 ? -deterministicLogOnePlus(-rate) : .infinity)
    }
  }

  func points(_ direction: LossDirection, reach: Double) -> [(logWeight: Double, loss: Double)] {
    let (lowest, highest) = (-reach * multiplier, 1 + reach * multiplier)
    let count = 512
    return (0..<count).map { i in
      let x = lowest + (Double(i) + 0.5) * (highest - lowest) / Double(count)
      let value = value(at: x)
      let logN = -x * x / (2 * multiplier * multiplier)
      return direction == .remove ? (logN + value, value) : (logN, -value)
    }
  }

  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double) -> LossCells {
    cells(direction, grid: grid, reach: reach, from: nil)
  }

  /// - Parameter from: the index of the first cell, instead of the one that the smallest loss lies in.
  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double, from: Int?) -> LossCells {
    let spacing = grid.spacing
    // A grid is made for the losses of its direction; those of the other side are the same with another sign.
    let (lowest, highest) = (value(at: -reach * multiplier), value(at: 1 + reach * multiplier))
    let ends = direction == .remove ? (lowest, highest) : (-highest, -lowest)
    let first = from ?? Int((ends.0 / spacing).rounded(.down))
    let last = max(first + 1, Int((ends.1 / spacing).rounded(.up)))
    func cut(_ index: Int) -> Cut {
      let loss = Double(direction == .remove ? index : -index) * spacing
      return Cut(x: position(of: loss), multiplier: multiplier)
    }
    func mixture(_ zero: Double, _ one: Double) -> Double { (1 - rate) * zero + rate * one }

    var cells: [LossCells.Cell] = []
    var index = first
    let start = cut(first)
    var here = start
    while index < last {
      let next = min(grid.end(ofCellAt: index), last)
      let there = cut(next)
      let (low, high) = direction == .remove ? (here, there) : (there, here)
      let n = low.zero.mass(to: high.zero)
      let one = low.one.mass(to: high.one)
      let m = mixture(n, one)
      let width = Double(next - index) * spacing
      let divisor = -deterministicExpMinusOne(-width)
      // (P − Q·eˡ)/(1 − e⁻ʷ), rearranged so that no 1 cancels when q and the losses are tiny.
      switch direction {
      case .remove where Double(index) * spacing > Self.largestExponent:
        cells.append(LossCells.Cell(index: index, width: next - index, masses: .init(p: m, q: n), upperShare: m))
      case .add where -Double(index) * spacing > Self.largestExponent:
        cells.append(LossCells.Cell(index: index, width: next - index, masses: .init(p: n, q: m), upperShare: n))
      case .remove:
        let excess = rate * one - n * (rate + deterministicExpMinusOne(Double(index) * spacing))
        let share = min(max(excess / divisor, 0), m)
        cells.append(
          LossCells.Cell(index: index, width: next - index, masses: .init(p: m, q: n), upperShare: share))
      case .add:
        // Here P = n and Q = m, and the loss is that of x with its sign turned: e^−l is the larger loss of x.
        let top = -Double(index) * spacing
        let excess = (n * (rate + deterministicExpMinusOne(top)) - rate * one) * deterministicExp(-top)
        let share = min(max(excess / divisor, 0), n)
        cells.append(
          LossCells.Cell(index: index, width: next - index, masses: .init(p: n, q: m), upperShare: share))
      }
      here = there
      index = next
    }
    var result = LossCells(spacing: spacing, cells: cells)
    switch direction {
    case .remove:
      result.below = .init(p: mixture(start.zero.lower, start.one.lower), q: start.zero.lower)
      result.above = .init(p: mixture(here.zero.upper, here.one.upper), q: here.zero.upper)
    case .add:
      result.below = .init(p: start.zero.upper, q: mixture(start.zero.upper, start.one.upper))
      result.above = .init(p: here.zero.lower, q: mixture(here.zero.lower, here.one.lower))
    }
    return result
  }

  /// A point on the x axis, as N(0, σ²) and N(1, σ²) see it.
  private struct Cut {
    let zero: TailPair
    let one: TailPair

    init(x: Double, multiplier: Double) {
      zero = TailPair(x / multiplier)
      one = TailPair((x - 1) / multiplier)
    }
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
