import NumericalCore

/// Events composed on one grid under one tilt: what can be proved about ε from above and from below.
struct BracketComposition {
  let cells: [LossCells]
  let counts: [Int]
  let tilt: Double
  let settings: TiltedComposition.Settings

  /// The least ε that the pessimistic discretisation proves, and how much of its δ is misplaced mass.
  /// - Parameter largest: no finite sum of losses is larger.
  func upper(delta: Double, largest: Double) -> Upper {
    let composed = TiltedComposition.compose(
      [cells.map(\.pessimistic)], tilts: [tilt], counts: counts, offset: 0, settings: settings)
    guard let sums = composed.first else { return Upper(epsilon: 0, error: 0, length: 0, lowest: 0) }
    let window = sums.window
    func found(_ epsilon: Double?, _ error: Double) -> Upper {
      Upper(epsilon: epsilon, error: error, length: window.count, lowest: window.loss(0))
    }
    let tail = sums.tail()
    let hardest = sums.infinite <= delta ? largest : .infinity
    if sums.infinite + tail.error[window.count] > delta { return found(hardest, tail.error[window.count]) }
    let discount = deterministicExp(-settings.spacing)
    // δ(ε) = ∞-mass + Σ_{loss > ε} p·(1 − e^(ε − loss)). Between two entries it is linear in e^ε; from the top down,
    // the first interval in which it exceeds δ holds the answer.
    for entry in stride(from: window.count - 1, through: 1, by: -1) {
      let excess = sums.infinite + tail.error[entry] + tail.from[entry] - delta
      if excess > discount * tail.discounted[entry] || !excess.isFinite {
        let relative = excess / tail.discounted[entry]
        // Where the discounted sum is 0, all of the excess is at infinite loss or rounding.
        var epsilon = window.loss(entry)
        if relative > 0 && relative.isFinite { epsilon = min(epsilon, epsilon + deterministicLog(relative)) }
        return found(max(0, min(epsilon, hardest)), tail.error[entry])
      }
      if window.loss(entry - 1) <= 0 { return found(0, 0) }
    }
    return found(nil, 0)
  }

  /// What the pessimistic side gives.
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

  /// The largest ε that one test of an observer rules out, who is told only the cells.
  func lower(delta: Double) -> Double {
    // Where losses lie within their steps: the sum of the labels is off by the sum of that.
    var offset = 0.0
    var observed: [(p: LossCells.Lattice, q: LossCells.Lattice)] = []
    for (cell, count) in zip(cells, counts) {
      let fraction = cell.typicalFraction(tilt: tilt)
      observed.append(cell.observed(fraction: fraction))
      offset += fraction * Double(count) * settings.spacing
    }
    let composed = TiltedComposition.compose(
      [observed.map(\.p), observed.map(\.q)], tilts: [tilt, tilt + 1], counts: counts, offset: offset,
      settings: settings)
    guard composed.count == 2 else { return 0 }
    let window = composed[0].window
    let p = composed[0].tail()
    let q = composed[1].tail(growth: 1)
    // A threshold at an entry has P(reached) ≥ p and Q(reached) ≤ q; (ε, δ) needs p ≤ e^ε·q + δ.
    var best = 0.0
    for entry in 0..<window.count {
      let reached = p.from[entry] - p.error[entry] - delta
      guard reached > 0, reached.isFinite else { continue }
      let ratio = reached / (q.discounted[entry] + q.error[entry])
      guard ratio > 0, ratio.isFinite else { continue }
      best = max(best, window.loss(entry) + deterministicLog(ratio))
    }
    return best
  }
}
