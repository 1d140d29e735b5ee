import NumericalCore

/// The losses of a Poisson-sampled Gaussian, cut into cells of equal width with exact masses.
struct SampledGaussianCells {
  /// Masses under the two distributions of the pair.
  struct Masses {
    var p = 0.0
    var q = 0.0
  }

  /// One cell of losses.
  struct Cell {
    var masses: Masses
    /// The part of `masses.p` that the connect-the-dots rule puts at the cell's upper end.
    var upperShare: Double
  }

  let spacing: Double
  /// The lower end of cell i is the loss (firstIndex + i)·spacing.
  let firstIndex: Int
  let cells: [Cell]
  /// What lies below the first cell.
  let below: Masses
  /// What lies above the last cell.
  let above: Masses

  /// Cuts the losses at the multiples of `spacing`, over the reach of x from `range`.
  init(
    _ loss: SampledGaussianLoss, _ direction: SampledGaussianLoss.Direction, spacing: Double,
    range: ClosedRange<Double>
  ) {
    let rate = loss.rate
    let first = Int((loss.value(at: range.lowerBound) / spacing).rounded(.down))
    let last = max(first + 1, Int((loss.value(at: range.upperBound) / spacing).rounded(.up)))
    func mixture(_ zero: Double, _ one: Double) -> Double { (1 - rate) * zero + rate * one }
    let start = loss.cut(at: loss.position(of: Double(first) * spacing))
    var cut = start
    var cells: [Cell] = []
    cells.reserveCapacity(last - first)
    let width = -deterministicExpMinusOne(-spacing)
    for index in first..<last {
      let end = Double(index + 1) * spacing
      let next = loss.cut(at: loss.position(of: end))
      let n = cut.zero.mass(to: next.zero)
      let one = cut.one.mass(to: next.one)
      let m = mixture(n, one)
      // The two ends get the weights that keep the cell's mass under both distributions (Doroshenko, Ghazi,
      // Kamath, Kumar and Manurangsi 2022, "Connect the dots", section 3): for a cell [l, l + h] of the pair
      // (P, Q), the upper end gets (P − Q·eˡ)/(1 − e⁻ʰ). Both forms below are that, rearranged so that no 1
      // cancels when q and the losses are tiny.
      switch direction {
      case .remove:
        let excess = rate * one - n * (rate + deterministicExpMinusOne(Double(index) * spacing))
        cells.append(Cell(masses: Masses(p: m, q: n), upperShare: min(max(excess / width, 0), m)))
      case .add:
        let excess = (n * (rate + deterministicExpMinusOne(end)) - rate * one) * deterministicExp(-end)
        cells.append(Cell(masses: Masses(p: n, q: m), upperShare: min(max(excess / width, 0), n)))
      }
      cut = next
    }
    let under = (zero: start.zero.lower, mixture: mixture(start.zero.lower, start.one.lower))
    let over = (zero: cut.zero.upper, mixture: mixture(cut.zero.upper, cut.one.upper))
    self.spacing = spacing
    switch direction {
    case .remove:
      firstIndex = first
      self.cells = cells
      below = Masses(p: under.mixture, q: under.zero)
      above = Masses(p: over.mixture, q: over.zero)
    case .add:
      // The loss changes sign, and the cells their order.
      firstIndex = -last
      self.cells = cells.reversed()
      below = Masses(p: over.zero, q: over.mixture)
      above = Masses(p: under.zero, q: under.mixture)
    }
  }

  /// A distribution on lattice points, with what is certain to be worse than any of them.
  struct Lattice {
    /// Lattice index of the first weight.
    let firstIndex: Int
    let weights: [Double]
    /// Mass at infinite loss.
    let infinite: Double
  }

  /// The pessimistic discretisation: the pair (P, Q) is dominated by the pair on these losses.
  var pessimistic: Lattice {
    var weights = [Double](repeating: 0, count: cells.count + 1)
    weights[0] = below.p
    for (i, cell) in cells.enumerated() {
      weights[i] += cell.masses.p - cell.upperShare
      weights[i + 1] += cell.upperShare
    }
    return Lattice(firstIndex: firstIndex, weights: weights, infinite: above.p)
  }

  /// What an observer sees who is told only the cell: the distribution of the cell's index under P and under Q.
  /// Telling less is post-processing, so any test on it bounds ε from below.
  var observed: (p: Lattice, q: Lattice) {
    func lattice(_ mass: KeyPath<Masses, Double>) -> Lattice {
      var weights = cells.map { $0.masses[keyPath: mass] }
      weights[0] += below[keyPath: mass]
      weights[weights.count - 1] += above[keyPath: mass]
      return Lattice(firstIndex: firstIndex, weights: weights, infinite: 0)
    }
    return (lattice(\.p), lattice(\.q))
  }

  /// Where the loss lies within its cell, on average under the tilt λ: what the observer adds to a cell's index to
  /// guess the loss. It only labels what is seen, so it may be approximate.
  func typicalOffset(tilt: Double) -> Double {
    let logWeights = cells.enumerated().map { i, cell in
      cell.masses.p > 0
        ? deterministicLog(max(cell.masses.p, 1e-300)) + tilt * Double(firstIndex + i) * spacing : -.infinity
    }
    let largest = logWeights.max() ?? 0
    var (weights, offsets) = (0.0, 0.0)
    for (i, cell) in cells.enumerated() where logWeights[i] > largest - 40 && cell.masses.q > 0 {
      let weight = deterministicExp(logWeights[i] - largest)
      let loss = deterministicLog(cell.masses.p / max(cell.masses.q, 1e-300))
      weights += weight
      offsets += weight * max(0, min(loss - Double(firstIndex + i) * spacing, spacing))
    }
    return weights > 0 ? offsets / weights : spacing / 2
  }
}
