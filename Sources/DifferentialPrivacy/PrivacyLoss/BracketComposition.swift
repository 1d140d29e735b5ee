import NumericalCore

/// Events composed on one grid under one tilt: what can be proved about ε from above and from below.
struct BracketComposition {
  let cells: [LossCells]
  let counts: [Int]
  let tilt: Double
  let spacing: Double
  /// The loss at which the window begins.
  var lowest: Double
  /// See `TiltedComposition.Window`.
  var misplaced: Double
  /// Whether no finer grid is to be had.
  let isLongest: Bool
  let transform: FastFourierTransform

  /// The least possible sum, where all sums fit into the window; nil where they do not.
  var bottomIfAllFits: Double? {
    var (bottom, span) = (0.0, 16.0)
    for (cell, count) in zip(cells, counts) {
      guard let first = cell.cells.first, let last = cell.cells.last else { continue }
      bottom += Double(count) * Double(first.index)
      // One more step an event for the labels' offset.
      span += Double(count) * Double(last.index + last.width - first.index + 1)
    }
    return span < Double(transform.count) ? bottom * spacing : nil
  }

  private func window(offset: Double) -> TiltedComposition.Window {
    TiltedComposition.Window(
      spacing: spacing, first: Int(((lowest - offset) / spacing).rounded(.down)) - 4, count: transform.count,
      offset: offset, misplaced: misplaced)
  }

  /// The least ε that the pessimistic discretisation proves, and how much of its δ is misplaced mass; nil when it
  /// lies below the window.
  /// - Parameter largest: no finite sum of losses is larger.
  func upper(delta: Double, largest: Double) -> (epsilon: Double, error: Double)? {
    let window = window(offset: 0)
    let composed = TiltedComposition.compose(
      (cells.map(\.pessimistic), tilt), counts: counts, window: window, transform: transform)
    guard let sums = composed.first else { return (0, 0) }
    let tail = sums.tail()
    let hardest = sums.infinite <= delta ? largest : .infinity
    if sums.infinite + tail.error[window.count] > delta { return (hardest, tail.error[window.count]) }
    let discount = deterministicExp(-spacing)
    // δ(ε) = ∞-mass + Σ_{loss > ε} p·(1 − e^(ε − loss)). Between two entries it is linear in e^ε; from the top down,
    // the first interval in which it exceeds δ holds the answer.
    for entry in stride(from: window.count - 1, through: 1, by: -1) {
      let excess = sums.infinite + tail.error[entry] + tail.from[entry] - delta
      if excess > discount * tail.discounted[entry] || !excess.isFinite {
        let relative = excess / tail.discounted[entry]
        // Where the discounted sum is 0, all of the excess is at infinite loss or rounding.
        var epsilon = window.loss(entry)
        if relative > 0 && relative.isFinite { epsilon = min(epsilon, epsilon + deterministicLog(relative)) }
        return (max(0, min(epsilon, hardest)), tail.error[entry])
      }
      if window.loss(entry - 1) <= 0 { return (0, 0) }
    }
    return nil
  }

  /// The largest ε that one test of an observer rules out, who is told only the cells.
  func lower(delta: Double) -> Double {
    // Where losses lie within their steps: the sum of the labels is off by the sum of that.
    var offset = 0.0
    var observed: [(p: LossCells.Lattice, q: LossCells.Lattice)] = []
    for (cell, count) in zip(cells, counts) {
      let fraction = cell.typicalFraction(tilt: tilt)
      observed.append(cell.observed(fraction: fraction))
      offset += fraction * Double(count) * spacing
    }
    let window = window(offset: offset)
    let composed = TiltedComposition.compose(
      (observed.map(\.p), tilt), (observed.map(\.q), tilt + 1), counts: counts, window: window,
      transform: transform)
    guard composed.count == 2 else { return 0 }
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
