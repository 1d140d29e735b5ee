import NumericalCore

/// The losses of a pair of distributions, cut into cells with exact masses.
struct LossCells {
  /// Masses under the two distributions of the pair.
  struct Masses {
    var p = 0.0
    var q = 0.0
  }

  /// One cell of losses, from `index` to `index + width` steps.
  struct Cell {
    let index: Int
    let width: Int
    var masses: Masses
    /// The part of `masses.p` that the connect-the-dots rule puts at the cell's upper end, the rest at its lower: the
    /// two ends then have the cell's mass under both distributions (Doroshenko, Ghazi, Kamath, Kumar and Manurangsi
    /// 2022, "Connect the dots", section 3). For a cell [l, l + w] that is (P − Q·eˡ)/(1 − e⁻ʷ).
    var upperShare: Double
  }

  /// Length of a step.
  let spacing: Double
  /// In ascending order of the index.
  var cells: [Cell]
  /// What lies below the first cell.
  var below = Masses()
  /// What lies above the last cell.
  var above = Masses()

  /// A distribution on lattice points, with what is certain to be worse than any of them.
  struct Lattice {
    /// Lattice indices, ascending, with the ln of their weights; an index may occur twice.
    private(set) var points: [(index: Int, logWeight: Double)] = []
    /// Mass at infinite loss.
    var infinite = 0.0

    init(capacity: Int, infinite: Double = 0) {
      points.reserveCapacity(capacity)
      self.infinite = infinite
    }

    /// Adds mass at a point; too little for a logarithm counts as infinitely bad.
    mutating func add(_ index: Int, _ weight: Double) {
      if weight > LossCells.leastMass {
        points.append((index, deterministicLog(weight)))
      } else {
        infinite += weight
      }
    }

    /// Adds mass at a point.
    mutating func add(_ index: Int, logWeight: Double) { points.append((index, logWeight)) }
  }

  /// Masses below this are not told apart from 0.
  static let leastMass = 1e-300

  /// The pessimistic discretisation: the pair (P, Q) is dominated by the pair on these losses.
  var pessimistic: Lattice {
    var lattice = Lattice(capacity: 2 * cells.count + 1, infinite: above.p)
    if let first = cells.first {
      lattice.add(first.index, below.p)
    } else {
      lattice.infinite += below.p
    }
    for cell in cells {
      lattice.add(cell.index, max(0, cell.masses.p - cell.upperShare))
      lattice.add(cell.index + cell.width, cell.upperShare)
    }
    return lattice
  }

  /// What an observer sees who is told only the cell: the distribution of a label under P and under Q. Telling less is
  /// post-processing, so any test on it bounds ε from below, whatever the labels are.
  /// - Parameter fraction: where in its step a loss usually lies, from 0 to 1; it makes the labels good ones.
  func observed(fraction: Double) -> (p: Lattice, q: Lattice) {
    var p = Lattice(capacity: cells.count + 2)
    var q = Lattice(capacity: cells.count + 2)
    /// - Parameter lowest: the smallest loss, in steps, that these masses can have.
    func add(_ label: Int, _ masses: Masses, lowest: Int?) {
      p.add(label, masses.p)
      if masses.q > Self.leastMass {
        q.add(label, masses.q)
      } else if let lowest, masses.p > Self.leastMass {
        // Too little for a double, but surely no more than this.
        q.add(label, logWeight: deterministicLog(masses.p) - Double(lowest) * spacing)
      }
    }
    if let first = cells.first { add(first.index, below, lowest: nil) }
    for cell in cells {
      var label = cell.index
      if cell.width > 1, let within = offset(in: cell) {
        label += max(0, min(Int((within - fraction).rounded()), cell.width - 1))
      }
      add(label, cell.masses, lowest: cell.index)
    }
    if let last = cells.last {
      add(last.index + last.width - 1, above, lowest: last.index + last.width)
    }
    return (p, q)
  }

  /// Losses rounded down, as distances above the smallest loss there is: their sum is never above that of the losses.
  func floored(smallest: Double) -> Lattice {
    var lattice = Lattice(capacity: cells.count)
    for cell in cells {
      let distance = max(Double(cell.index) * spacing - smallest, 0)
      lattice.add(Int((distance / spacing).rounded(.down)), cell.masses.p)
    }
    return lattice
  }

  /// How far into a cell its average loss lies, in steps.
  private func offset(in cell: Cell) -> Double? {
    guard cell.masses.p > 0, cell.masses.q > 1e-300 else { return nil }
    let loss = deterministicLog(cell.masses.p) - deterministicLog(cell.masses.q)
    return max(0, min(loss / spacing - Double(cell.index), Double(cell.width)))
  }

  /// Where a loss lies within its step, on average under the tilt λ, in steps.
  func typicalFraction(tilt: Double) -> Double {
    let logWeights = cells.map { cell in
      cell.masses.p > 1e-300
        ? deterministicLog(cell.masses.p) + tilt * Double(cell.index) * spacing : -.infinity
    }
    let largest = logWeights.max() ?? 0
    var (weights, fractions) = (0.0, 0.0)
    for (cell, logWeight) in zip(cells, logWeights)
    where logWeight > largest - 40 && cell.width == 1 {
      guard let within = offset(in: cell) else { continue }
      let weight = deterministicExp(logWeight - largest)
      weights += weight
      fractions += weight * within
    }
    return weights > 0 ? fractions / weights : 0.5
  }
}

/// eˣ that is 0 for −∞ instead of a clamped value, and finite for every other x.
func deterministicExpClamped(_ x: Double) -> Double {
  x < -745 ? 0 : deterministicExp(min(x, 700))
}
