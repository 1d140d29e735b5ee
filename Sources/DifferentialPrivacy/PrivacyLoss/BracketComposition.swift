import NumericalCore

/// Events composed on one grid under one tilt: what can be proved about them from above and from below.
struct BracketComposition {
  let cells: [LossCells]
  let counts: [Int]
  let tilt: Double
  let settings: TiltedComposition.Settings

  /// The sum of the pessimistically discretised losses: every bound on it holds for the events.
  func pessimistic() -> PessimisticSum? {
    TiltedComposition.compose(
      [cells.map(\.pessimistic)], tilts: [tilt], counts: counts, offset: 0, rule: .dominating,
      settings: settings
    ).first.map(PessimisticSum.init)
  }

  /// The sum of what an observer sees who is told only the cell of each loss: a test on it is a test on the events.
  func observed() -> ObservedSum? {
    // Where losses lie within their steps: the sum of the labels is off by the sum of that.
    var offset = 0.0
    var observed: [(p: LossCells.Lattice, q: LossCells.Lattice)] = []
    for (cell, count) in zip(cells, counts) {
      let fraction = cell.typicalFraction(tilt: tilt)
      observed.append(cell.observed(fraction: fraction))
      offset += fraction * Double(count) * settings.spacing
    }
    let composed = TiltedComposition.compose(
      [observed.map(\.p), observed.map(\.q)], tilts: [tilt, tilt + 1], counts: counts,
      offset: offset,
      rule: .observed, settings: settings)
    return composed.count == 2 ? ObservedSum(composed[0], composed[1]) : nil
  }
}

extension BracketComposition {
  /// The largest ε that is ruled out at δ by sums of losses that are rounded down, where losses are so large that a step
  /// is wide beside 1 and the other distribution of the pair needs no look.
  ///
  /// Q(S ≥ t) is at most e^−t·P(S ≥ t), because P is at least eˢ·Q wherever the loss is s. So for p = P(S ≥ t) above δ no
  /// ε below t + ln(1 − δ/p) holds.
  /// - Parameter smallest: for each event, a loss that none is below.
  func flooredEpsilon(delta: Double, smallest: [Double]) -> Double {
    let lattices = zip(cells, smallest).map { $0.floored(smallest: $1) }
    let offset = zip(counts, smallest).reduce(0) { $0 + Double($1.0) * $1.1 }
    let composed = TiltedComposition.compose(
      [lattices], tilts: [tilt], counts: counts, offset: offset, rule: .floored, settings: settings)
    guard let sums = composed.first else { return 0 }
    let tail = sums.tail()
    var best = 0.0
    for entry in 0..<sums.window.count {
      let reached = tail.from[entry] - tail.error[entry]
      guard reached > delta * (1 + 1e-9), reached.isFinite else { continue }
      best = max(best, sums.window.loss(entry) + deterministicLogOnePlus(-delta / reached))
    }
    return best
  }
}

/// A composed distribution of losses that dominates that of the events.
struct PessimisticSum {
  private let sums: TiltedComposition
  private let tail: TiltedComposition.Tail

  init(_ sums: TiltedComposition) {
    self.sums = sums
    tail = sums.tail()
  }

  /// What is proved about ε.
  struct Upper {
    /// nil when ε lies below the window.
    let epsilon: Double?
    /// How much of δ at ε is misplaced mass.
    let error: Double
    /// Length of the transform.
    let length: Int
    /// The loss at which the window begins.
    let lowest: Double
  }

  /// The least ε that is proved at δ.
  /// - Parameter largest: no finite sum of losses is larger.
  func epsilon(delta: Double, largest: Double) -> Upper {
    let window = sums.window
    func found(_ epsilon: Double?, _ error: Double) -> Upper {
      Upper(epsilon: epsilon, error: error, length: window.count, lowest: window.loss(0))
    }
    let hardest = sums.infinite <= delta ? largest : .infinity
    if sums.infinite + tail.error[window.count] > delta {
      return found(hardest, tail.error[window.count])
    }
    let discount = deterministicExp(-window.spacing)
    // δ(ε) = ∞-mass + Σ_{loss > ε} p·(1 − e^(ε − loss)). Between two entries it is linear in e^ε; from the top down,
    // the first interval in which it exceeds δ holds the answer.
    for entry in stride(from: window.count - 1, through: 1, by: -1) {
      let excess = sums.infinite + tail.error[entry] + tail.from[entry] - delta
      if excess > discount * tail.discounted[entry] || !excess.isFinite {
        let relative = excess / tail.discounted[entry]
        // Where the discounted sum is 0, all of the excess is at infinite loss or rounding.
        var epsilon = window.loss(entry)
        if relative > 0 && relative.isFinite {
          epsilon = min(epsilon, epsilon + deterministicLog(relative))
        }
        return found(max(0, min(epsilon, hardest)), tail.error[entry])
      }
      if window.loss(entry - 1) <= 0 { return found(0, 0) }
    }
    return found(nil, 0)
  }

  /// The least δ that is proved at ε, and how much of it is misplaced mass.
  /// - Parameter largest: no finite sum of losses is larger.
  func delta(epsilon: Double, largest: Double) -> (delta: Double, error: Double) {
    if epsilon >= largest { return (min(1, sums.infinite), 0) }
    let window = sums.window
    let entry = window.firstEntry(above: epsilon)
    let error = tail.error[entry]
    var delta = sums.infinite + error
    if entry < window.count {
      delta +=
        tail.from[entry] - deterministicExp(epsilon - window.loss(entry)) * tail.discounted[entry]
    }
    return delta < 1 ? (max(0, delta), error) : (1, error)
  }
}

/// The composed label of an observer, under both distributions of the pair.
struct ObservedSum {
  private let window: TiltedComposition.Window
  private let p: TiltedComposition.Tail
  private let q: TiltedComposition.Tail

  init(_ first: TiltedComposition, _ second: TiltedComposition) {
    window = first.window
    p = first.tail()
    q = second.tail(growth: 1)
  }

  /// The largest ε that one threshold on the label rules out at δ.
  func epsilon(delta: Double) -> Double {
    // A threshold at an entry has P(reached) ≥ p and Q(reached) ≤ q; (ε, δ) needs p ≤ e^ε·q + δ.
    var best = 0.0
    for entry in 0..<window.count {
      let reached = p.from[entry] - p.error[entry] - delta
      guard reached > 0, reached.isFinite else { continue }
      // Masses that no double can hold are left out of q.
      let ratio = reached / (q.discounted[entry] + q.error[entry] + 1e-280)
      guard ratio > 0, ratio.isFinite else { continue }
      best = max(best, window.loss(entry) + deterministicLog(ratio))
    }
    return best
  }

  /// The largest δ that one threshold on the label rules out at ε.
  func delta(epsilon: Double) -> Double {
    // Far below ε every entry costs e^ε times more than it brings.
    let first = max(0, window.firstEntry(above: epsilon) - 64)
    var best = 0.0
    for entry in first..<max(first, min(first + 128, window.count)) {
      let cost =
        deterministicExp(epsilon - window.loss(entry)) * (q.discounted[entry] + q.error[entry])
      let gain = p.from[entry] - p.error[entry] - cost
      if gain.isFinite { best = max(best, gain) }
    }
    return min(best, 1)
  }
}
