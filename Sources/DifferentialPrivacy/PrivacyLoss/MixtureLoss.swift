import NumericalCore

/// The privacy loss of symmetric noise around a number that sampling makes uncertain: both distributions are mixtures
/// of the same noise f at a few places, P = Σ pₖ·f(x − sₖ) and Q = Σ qₖ·f(x − sₖ), and the loss rises with x.
struct MixtureLoss: PrivacyLoss {
  /// The noise, with its scale over the sensitivity.
  enum Noise {
    case gaussian(Double)
    case laplace(Double)

    var scale: Double {
      switch self {
      case .gaussian(let scale), .laplace(let scale): scale
      }
    }
  }

  /// One place, and how likely it is under each distribution.
  private struct Component {
    let shift: Double
    let p: Double
    let q: Double
  }

  private let noise: Noise
  /// Sampling rate q, in (0, 1].
  private let rate: Double
  private let components: [Component]
  let isSymmetric: Bool

  /// A unit that enters the sample with probability q is removed or added: (1 − q)·f(x) + q·f(x − 1) against f(x).
  ///
  /// Zhu, Dong and Wang 2022, theorem 11, for noise whose pair (f(x − 1), f(x)) dominates that of all smaller shifts.
  static func added(rate: Double, noise: Noise) -> MixtureLoss {
    MixtureLoss(
      noise: noise, rate: rate,
      components: [Component(shift: 0, p: 1 - rate, q: 1), Component(shift: 1, p: rate, q: 0)], isSymmetric: false)
  }

  /// A unit that enters the sample with probability q is replaced: (1 − q)·f(x) + q·f(x − ½) against
  /// (1 − q)·f(x) + q·f(x + ½), where 1 is the distance between what it and its replacement can contribute at most.
  ///
  /// That opposite contributions are the worst follows from advanced joint convexity (Balle, Barthe and Gaboardi
  /// 2018, theorem 2): for α ≥ 1 the divergence is q times one of f(x − a) against a mixture of f(x) and f(x − b), that
  /// is, of f against its copies at −a and b − a. For log-concave f a half-line is the best test against each copy
  /// alone, and better the farther it is, so distances of ½ and 1 on the same side are worse than all others; for
  /// Gaussians of any dimension, whose best tests are half-spaces, too. For α < 1 the two distributions change places
  /// (Lebeda, Regehr, Kamath and Steinke 2024 and dp-accounting account with the same pair).
  static func replaced(rate: Double, noise: Noise) -> MixtureLoss {
    MixtureLoss(
      noise: noise, rate: rate,
      components: [
        Component(shift: 0, p: 1 - rate, q: 1 - rate), Component(shift: 0.5, p: rate, q: 0),
        Component(shift: -0.5, p: 0, q: rate),
      ], isSymmetric: true)
  }

  /// Beyond this loss a cell's whole mass goes to its upper end, which is pessimistic and avoids overflow.
  private static let largestExponent = 600.0

  /// ln of f(x − s)/f(x).
  private func logRatio(_ shift: Double, at x: Double) -> Double {
    switch noise {
    case .gaussian(let sigma): shift * (2 * x - shift) / (2 * sigma * sigma)
    case .laplace(let scale): (abs(x) - abs(x - shift)) / scale
    }
  }

  /// ln of Σ wₖ·f(x − sₖ)/f(x), for weights that add up to 1.
  private func logMixture(_ weight: KeyPath<Component, Double>, at x: Double) -> Double {
    let exponents = components.map { logRatio($0.shift, at: x) }
    if (exponents.max() ?? 0) > 30 {
      var sum = LogSum()
      for (component, exponent) in zip(components, exponents) where component[keyPath: weight] > 0 {
        sum.add(deterministicLog(component[keyPath: weight]) + exponent)
      }
      return sum.value
    }
    return deterministicLogOnePlus(
      zip(components, exponents).reduce(0) { $0 + $1.0[keyPath: weight] * deterministicExpMinusOne($1.1) })
  }

  /// ln(P/Q) at x.
  private func value(at x: Double) -> Double { logMixture(\.p, at: x) - logMixture(\.q, at: x) }

  /// The least and the largest x that are looked at, and the losses there.
  private func range(reach: Double) -> (x: ClosedRange<Double>, loss: ClosedRange<Double>) {
    let low = components.map(\.shift).min() ?? 0
    let high = components.map(\.shift).max() ?? 0
    let x =
      switch noise {
      case .gaussian(let sigma): low - reach * sigma...high + reach * sigma
      // Beyond the outermost places the loss is constant.
      case .laplace: low...high
      }
    return (x, value(at: x.lowerBound)...value(at: x.upperBound))
  }

  /// The x at which the loss is `loss`; ±∞ where it is never that small or large.
  private func position(of loss: Double) -> Double {
    isSymmetric ? replacedPosition(of: loss) : addedPosition(of: loss)
  }

  private func addedPosition(of loss: Double) -> Double {
    // ln of f(x − 1)/f(x).
    let ratio: Double
    if loss > 30 {
      ratio = loss - deterministicLog(rate) + deterministicLogOnePlus(-(1 - rate) * deterministicExp(-loss))
    } else {
      let relative = deterministicExpMinusOne(loss) / rate
      guard relative > -1 else { return -.infinity }
      ratio = deterministicLogOnePlus(relative)
    }
    switch noise {
    case .gaussian(let sigma): return sigma * sigma * ratio + 0.5
    case .laplace(let scale): return clamped((scale * ratio + 1) / 2, to: 0...1)
    }
  }

  private func replacedPosition(of loss: Double) -> Double {
    if loss < 0 { return -replacedPosition(of: -loss) }
    if loss == 0 { return 0 }
    switch noise {
    case .gaussian(let sigma):
      // With w = x/2σ² and κ = e^(−1/8σ²), e^l is (1 − q + qκ·eʷ)/(1 − q + qκ·e⁻ʷ), so that
      // sinh(w − l/2) = (1 − q)/qκ·sinh(l/2).
      let logSinh = loss / 2 + deterministicLog(-deterministicExpMinusOne(-loss)) - 0.693_147_180_559_945_3
      let logFactor =
        rate < 1
        ? deterministicLogOnePlus(-rate) - deterministicLog(rate) + 1 / (8 * sigma * sigma) : -.infinity
      return 2 * sigma * sigma * (loss / 2 + inverseHyperbolicSine(logOf: logFactor + logSinh))
    case .laplace(let scale):
      // For x in [0, ½], e^l is (1 − q + q·e^((2x − ½)/b))/(1 − q + q·e^(−1/2b)).
      let reached = rate * deterministicExpMinusOne(-0.5 / scale)
      let ratio: Double
      if loss > 30 {
        ratio =
          loss + deterministicLogOnePlus(reached) - deterministicLog(rate)
          + deterministicLogOnePlus(-(1 - rate) * deterministicExp(-loss) / (1 + reached))
      } else {
        let relative = (deterministicExpMinusOne(loss) * (1 + reached) + reached) / rate
        guard relative > -1 else { return -.infinity }
        ratio = deterministicLogOnePlus(relative)
      }
      return clamped((scale * ratio + 0.5) / 2, to: -0.5...0.5)
    }
  }

  /// Outside of the range in which the loss moves it is reached nowhere, or everywhere.
  private func clamped(_ x: Double, to range: ClosedRange<Double>) -> Double {
    x <= range.lowerBound ? -.infinity : x >= range.upperBound ? .infinity : x
  }

  func largestLoss(_ direction: LossDirection, reach: Double) -> Double {
    let losses = range(reach: reach).loss
    switch (direction, noise) {
    case (.remove, _): return losses.upperBound
    case (.add, .laplace): return -losses.lowerBound
    // As x falls, f(x) over the mixture approaches 1/(1 − q).
    case (.add, .gaussian): return min(-losses.lowerBound, rate < 1 ? -deterministicLogOnePlus(-rate) : .infinity)
    }
  }

  func points(_ direction: LossDirection, reach: Double) -> [(logWeight: Double, loss: Double)] {
    let (x, losses) = range(reach: reach)
    let count = 512
    let step = (x.upperBound - x.lowerBound) / Double(count)
    var points = (0..<count).map { i in
      point(at: x.lowerBound + (Double(i) + 0.5) * step, logWidth: deterministicLog(step), direction)
    }
    if case .laplace = noise {
      // What lies beyond is one outcome on each side.
      for (end, loss) in [(x.lowerBound, losses.lowerBound), (x.upperBound, losses.upperBound)] {
        let outer = point(at: end, logWidth: deterministicLog(noise.scale), direction)
        points.append((outer.logWeight, direction == .remove ? loss : -loss))
      }
    }
    return points
  }

  private func point(
    at x: Double, logWidth: Double, _ direction: LossDirection
  ) -> (logWeight: Double, loss: Double) {
    let logDensity =
      switch noise {
      case .gaussian(let sigma): -x * x / (2 * sigma * sigma)
      case .laplace(let scale): -abs(x) / scale
      }
    let (p, q) = (logMixture(\.p, at: x), logMixture(\.q, at: x))
    return direction == .remove ? (logDensity + p + logWidth, p - q) : (logDensity + q + logWidth, q - p)
  }

  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double) -> LossCells {
    let spacing = grid.spacing
    let losses = range(reach: reach).loss
    let ends =
      direction == .remove
      ? (losses.lowerBound, losses.upperBound) : (-losses.upperBound, -losses.lowerBound)
    let first = Int((ends.0 / spacing).rounded(.down))
    let last = max(first, Int((ends.1 / spacing).rounded(.down))) + 1
    // Seen from the other side, the noise is reflected and the distributions change places: losses rise again.
    let parts =
      direction == .remove ? components : components.map { Component(shift: -$0.shift, p: $0.q, q: $0.p) }
    func cut(_ index: Int) -> Double {
      let loss = Double(index) * spacing
      return direction == .remove ? position(of: loss) : -position(of: -loss)
    }
    func masses(from low: Double, to high: Double) -> (masses: LossCells.Masses, difference: Double) {
      var result = (masses: LossCells.Masses(), difference: 0.0)
      for part in parts {
        let mass = noise.mass(from: low - part.shift, to: high - part.shift)
        result.masses.p += part.p * mass
        result.masses.q += part.q * mass
        result.difference += (part.p - part.q) * mass
      }
      return result
    }
    var cells: [LossCells.Cell] = []
    var index = first
    let start = cut(first)
    var here = start
    while index < last {
      let next = min(grid.end(ofCellAt: index), last)
      let there = cut(next)
      let (masses, difference) = masses(from: here, to: there)
      let low = Double(index) * spacing
      var share = masses.p
      if low <= Self.largestExponent {
        // (P − Q·eˡ)/(1 − e⁻ʷ), rearranged so that no 1 cancels when q and the losses are tiny.
        let excess = difference - masses.q * deterministicExpMinusOne(low)
        share = min(max(excess / -deterministicExpMinusOne(-Double(next - index) * spacing), 0), masses.p)
      }
      cells.append(LossCells.Cell(index: index, width: next - index, masses: masses, upperShare: share))
      here = there
      index = next
    }
    var result = LossCells(spacing: spacing, cells: cells)
    result.below = masses(from: -.infinity, to: start).masses
    result.above = masses(from: here, to: .infinity).masses
    return result
  }
}

extension MixtureLoss.Noise {
  /// The noise's probability of an interval, with all digits of a small one.
  func mass(from low: Double, to high: Double) -> Double {
    guard low < high else { return 0 }
    switch self {
    case .gaussian(let sigma): return TailPair(low / sigma).mass(to: TailPair(high / sigma))
    case .laplace(let scale):
      let (a, b) = (low / scale, high / scale)
      if b <= 0 { return -0.5 * deterministicExp(b) * deterministicExpMinusOne(a - b) }
      if a >= 0 { return -0.5 * deterministicExp(-a) * deterministicExpMinusOne(a - b) }
      return -0.5 * (deterministicExpMinusOne(a) + deterministicExpMinusOne(-b))
    }
  }
}

/// arsinh(eˣ), which neither overflows nor loses a small eˣ.
func inverseHyperbolicSine(logOf x: Double) -> Double {
  if x > 20 { return x + 0.693_147_180_559_945_3 }
  let y = deterministicExp(x)
  return deterministicLogOnePlus(y + y * y / (1 + (1 + y * y).squareRoot()))
}
