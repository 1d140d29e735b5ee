import NumericalCore

/// Lattice-valued losses of some events under an exponential tilt, with what is known about their sum.
struct TiltedSequence {
  /// One event's losses: lattice indices with the ln of their tilted weights, which add up to 1.
  struct Event {
    var points: [(index: Int, logWeight: Double)]

    /// The weights, summed modulo a power of two.
    func folded(length: Int) -> [Double] {
      var folded = [Double](repeating: 0, count: length)
      for point in points where point.logWeight > -80 {
        folded[point.index & (length - 1)] += deterministicExp(point.logWeight)
      }
      return folded
    }

    /// The variance of a loss.
    func variance(spacing: Double) -> Double {
      var (first, second) = (0.0, 0.0)
      for point in points {
        let weight = deterministicExp(point.logWeight)
        let loss = Double(point.index) * spacing
        first += weight * loss
        second += weight * loss * loss
      }
      if first * first > 1e6 * (second - first * first) {
        // Around their mean, because the squares cancel.
        second = points.reduce(0) { sum, point in
          let distance = Double(point.index) * spacing - first
          return sum + deterministicExp(point.logWeight) * distance * distance
        }
        first = 0
      }
      return max(second - first * first, 0)
    }
  }

  let tilt: Double
  var events: [Event] = []
  /// How often each event is composed.
  var counts: [Int]
  /// ln of the factor that the normalisation took from the composed masses.
  var logScale = 0.0
  /// Probability that a loss is infinite, bounded from above.
  private(set) var infinite = 0.0
  /// Tilted mass of sums that stand at wrong places already.
  var misplaced = 0.0
  /// Rounding error so far of the sums' tilted masses, in the Euclidean norm.
  var rounding = 0.0

  init(_ lattices: [LossCells.Lattice], tilt: Double, counts: [Int], spacing: Double) {
    self.tilt = tilt
    self.counts = counts
    for (lattice, count) in zip(lattices, counts) {
      var total = LogSum()
      let logs = lattice.points.map { point -> Double in
        let log = point.logWeight + tilt * Double(point.index) * spacing
        total.add(log)
        return log
      }
      let logTotal = total.value
      events.append(Event(points: zip(lattice.points, logs).map { ($0.index, $1 - logTotal) }))
      logScale += Double(count) * logTotal
      infinite = min(1, infinite + Double(count) * lattice.infinite)
    }
  }

  /// Where the sum's tilted mass can be.
  func tails(spacing: Double) -> SumTails { SumTails(events, counts: counts, spacing: spacing) }
}

/// Chernoff bounds on the tails of a sum of independent discrete variables: P(S ≥ x) ≤ e^(−tx)·E[e^(tS)] for every t > 0,
/// computed from the very weights that are composed, for a grid of t.
struct SumTails {
  private let grid: [Double]
  /// ln E[e^(tS)] and ln E[e^(−tS)] on the grid.
  private let logUp: [Double]
  private let logDown: [Double]
  private let least: Double
  private let most: Double
  /// Standard deviation of the sum.
  let deviation: Double

  /// - Parameters:
  ///   - events: the variables on lattice points.
  ///   - counts: how many independent ones of each.
  ///   - spacing: the lattice's.
  init(_ events: [TiltedSequence.Event], counts: [Int], spacing: Double) {
    var (variance, least, most) = (0.0, 0.0, 0.0)
    for (event, count) in zip(events, counts) {
      variance += Double(count) * event.variance(spacing: spacing)
      least += Double(count) * (Double(event.points.map(\.index).min() ?? 0) * spacing)
      most += Double(count) * (Double(event.points.map(\.index).max() ?? 0) * spacing)
    }
    deviation = max(variance.squareRoot(), 1e-12)
    let events = events.map { $0.spread() }
    var grid: [Double] = []
    var (logUp, logDown): ([Double], [Double]) = ([], [])
    // Small t for heavy tails, large t for those that end.
    var t = 0.02 / deviation
    for _ in 0..<28 {
      var (up, down) = (0.0, 0.0)
      for (event, count) in zip(events, counts) {
        var (sumUp, sumDown) = (LogSum(), LogSum())
        for point in event.points {
          let loss = Double(point.index) * spacing
          sumUp.add(point.logWeight + t * loss)
          sumDown.add(point.logWeight - t * loss)
        }
        up += Double(count) * sumUp.value
        down += Double(count) * sumDown.value
      }
      grid.append(t)
      logUp.append(up)
      logDown.append(down)
      t *= 1.35
    }
    self.grid = grid
    self.logUp = logUp
    self.logDown = logDown
    self.least = least
    self.most = most
  }

  /// Edges that the sum is beyond, on either side, with probability at most e^−exponent.
  func edges(exponent: Double) -> (low: Double, high: Double) {
    var (low, high) = (-Double.infinity, Double.infinity)
    for (index, t) in grid.enumerated() {
      high = min(high, (logUp[index] + exponent) / t)
      low = max(low, -(logDown[index] + exponent) / t)
    }
    return (max(low, least), min(high, most))
  }

  /// A bound on the mass of sums outside a window.
  func escapedMass(from window: TiltedComposition.Window) -> Double {
    let lowest = Double(window.first) * window.spacing
    let highest = Double(window.first + window.count - 1) * window.spacing
    var (above, below) = (0.0, 0.0)
    for (index, t) in grid.enumerated() {
      above = min(above, logUp[index] - t * highest)
      below = min(below, logDown[index] + t * lowest)
    }
    return (most > highest ? deterministicExp(above) : 0)
      + (least < lowest ? deterministicExp(below) : 0)
  }
}
