import NumericalCore

/// Lattice-valued losses of some events under an exponential tilt, normalised, with what is known about their sum.
struct TiltedSequence {
  let tilt: Double
  /// ln of the factor that the normalisation took from the composed masses.
  private(set) var logScale = 0.0
  /// Probability that a loss is infinite, bounded from above.
  private(set) var infinite = 0.0
  /// Where the sum's tilted mass can be.
  let tails: SumTails
  private let lattices: [LossCells.Lattice]
  private var logWeights: [[Double]] = []

  init(_ lattices: [LossCells.Lattice], tilt: Double, counts: [Int], spacing: Double) {
    self.tilt = tilt
    self.lattices = lattices
    var points: [[(logWeight: Double, loss: Double)]] = []
    for (lattice, count) in zip(lattices, counts) {
      var total = LogSum()
      var dropped = lattice.infinite
      let logs = lattice.points.map { point -> Double in
        guard point.weight > 1e-300 else {
          dropped += point.weight
          return -.infinity
        }
        let log = deterministicLog(point.weight) + tilt * Double(point.index) * spacing
        total.add(log)
        return log
      }
      let logTotal = total.value
      let normalised = logs.map { $0 - logTotal }
      logWeights.append(normalised)
      points.append(
        zip(normalised, lattice.points).filter { $0.0 > -.infinity }.map { ($0, Double($1.index) * spacing) })
      logScale += Double(count) * logTotal
      infinite = min(1, infinite + Double(count) * dropped)
    }
    tails = SumTails(points, counts: counts)
  }

  /// The weights of one event, summed modulo a power of two.
  func folded(_ event: Int, length: Int) -> [Double] {
    var folded = [Double](repeating: 0, count: length)
    for (point, log) in zip(lattices[event].points, logWeights[event]) where log > -80 {
      folded[point.index & (length - 1)] += deterministicExp(log)
    }
    return folded
  }
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

  /// - Parameter events: ln of the weights, which add up to 1, and the values, of each variable.
  init(_ events: [[(logWeight: Double, loss: Double)]], counts: [Int]) {
    var (variance, least, most) = (0.0, 0.0, 0.0)
    for (points, count) in zip(events, counts) {
      var (first, second) = (0.0, 0.0)
      for point in points {
        let weight = deterministicExp(point.logWeight)
        first += weight * point.loss
        second += weight * point.loss * point.loss
      }
      variance += Double(count) * max(second - first * first, 0)
      least += Double(count) * (points.map(\.loss).min() ?? 0)
      most += Double(count) * (points.map(\.loss).max() ?? 0)
    }
    let deviation = max(variance.squareRoot(), 1e-12)
    var grid: [Double] = []
    var (logUp, logDown): ([Double], [Double]) = ([], [])
    // Small t for heavy tails, large t for those that end.
    var t = 0.02 / deviation
    for _ in 0..<28 {
      var (up, down) = (0.0, 0.0)
      for (points, count) in zip(events, counts) {
        var (sumUp, sumDown) = (LogSum(), LogSum())
        for point in points {
          sumUp.add(point.logWeight + t * point.loss)
          sumDown.add(point.logWeight - t * point.loss)
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
    return (most > highest ? deterministicExp(above) : 0) + (least < lowest ? deterministicExp(below) : 0)
  }
}
