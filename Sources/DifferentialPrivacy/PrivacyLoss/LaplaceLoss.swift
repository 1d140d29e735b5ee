import NumericalCore

/// The privacy loss of the Laplace mechanism: Laplace(0, b) against Laplace(1, b), loss (|x − 1| − |x|)/b.
///
/// Half of P lies at the largest loss, 1/b; between the two extremes the loss is uniform in x.
struct LaplaceLoss: PrivacyLoss {
  /// Scale over sensitivity, b.
  let multiplier: Double

  var isSymmetric: Bool { true }

  private var largest: Double { 1 / multiplier }

  func largestLoss(_ direction: LossDirection, reach: Double) -> Double { largest }

  /// ln of the mass of P at the smallest loss, −1/b: x ≥ 1.
  private var logSmallestMass: Double { -deterministicLog(2) - largest }

  func points(_ direction: LossDirection, reach: Double) -> [(logWeight: Double, loss: Double)] {
    let count = 256
    var points = [(logWeight: -deterministicLog(2), loss: largest), (logWeight: logSmallestMass, loss: -largest)]
    for i in 0..<count {
      // dx = b/2·dl, and the density of P at loss l is e^(−x/b)/2b with x = (1 − b·l)/2.
      let loss = largest * (2 * (Double(i) + 0.5) / Double(count) - 1)
      points.append((deterministicLog(largest / (2 * Double(count))) - (largest - loss) / 2, loss))
    }
    return points
  }

  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double) -> LossCells {
    let spacing = grid.spacing
    let first = Int((-largest / spacing).rounded(.down))
    let last = Int((largest / spacing).rounded(.down))
    var cells: [LossCells.Cell] = []
    for index in first...last {
      let low = max(Double(index) * spacing, -largest)
      let high = min(Double(index + 1) * spacing, largest)
      var cell = LossCells.Cell(index: index, width: 1, masses: .init(), upperShare: 0)
      if high > low {
        // ∫ of the density ¼·e^((l − 1/b)/2) from low to high, and the same times e^−l.
        let scale = 0.5 * deterministicExp((high - largest) / 2)
        let p = -scale * deterministicExpMinusOne((low - high) / 2)
        let q = -0.5 * deterministicExp((-low - largest) / 2) * deterministicExpMinusOne((low - high) / 2)
        cell.masses = .init(p: p, q: q)
        cell.upperShare = share(low: low, high: high, cellLow: Double(index) * spacing, spacing: spacing)
      }
      add(atom: largest, mass: 0.5, to: &cell, spacing: spacing)
      add(atom: -largest, mass: deterministicExp(logSmallestMass), to: &cell, spacing: spacing)
      cells.append(cell)
    }
    return LossCells(spacing: spacing, cells: cells)
  }

  /// ∫ of the density times (1 − e^−(l − cellLow))/(1 − e^−spacing): Gauss–Legendre with four nodes, whose error on a
  /// cell of width h is of the order (h/2)⁹; the integrand is positive, so nothing cancels.
  private func share(low: Double, high: Double, cellLow: Double, spacing: Double) -> Double {
    let nodes = [
      (0.339_981_043_584_856_3, 0.652_145_154_862_546_1), (0.861_136_311_594_052_6, 0.347_854_845_137_453_9),
    ]
    var sum = 0.0
    for (node, weight) in nodes {
      for sign in [-1.0, 1.0] {
        let loss = (low + high) / 2 + sign * node * (high - low) / 2
        sum += weight * 0.25 * deterministicExp((loss - largest) / 2) * deterministicExpMinusOne(cellLow - loss)
      }
    }
    return sum * (high - low) / 2 / deterministicExpMinusOne(-spacing)
  }

  private func add(atom loss: Double, mass: Double, to cell: inout LossCells.Cell, spacing: Double) {
    let low = Double(cell.index) * spacing
    guard Int((loss / spacing).rounded(.down)) == cell.index else { return }
    cell.masses.p += mass
    cell.masses.q += mass * deterministicExp(-loss)
    let within = max(0, min(loss - low, spacing))
    cell.upperShare += mass * deterministicExpMinusOne(-within) / deterministicExpMinusOne(-spacing)
  }
}
