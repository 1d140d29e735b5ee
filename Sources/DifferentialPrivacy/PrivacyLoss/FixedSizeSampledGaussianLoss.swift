import NumericalCore

/// The privacy loss of a Gaussian on a sample of fixed size without replacement, when one unit is replaced.
///
/// With the pair (M, N) of the sampled Gaussian at q = sample over population, H_α(M‖N) bounds the divergence for every
/// α ≥ 1, and that of (N, M) for α < 1 (Zhu, Dong and Wang 2022, theorem 11; the operator C_q of Dong, Roth and Su
/// 2022, theorem 4.2). Neither pair alone dominates, and composing each by itself would be wrong (Lebeda, Regehr,
/// Kamath and Steinke 2024). The pair that has both divergences does, and so composes: its outcomes with a loss above 0
/// have the masses of (M, N), those below the same with both distributions exchanged, and what is left of them has
/// loss 0.
struct FixedSizeSampledGaussianLoss: PrivacyLoss {
  /// The pair (M, N), with the multiplier against the distance of two units' contributions.
  let sampled: SampledGaussianLoss

  var isSymmetric: Bool { true }

  /// Where all other units contribute the same as the old unit, or the new one, the pair is (M, N) or (N, M).
  var attainment: Attainment { .other(sampled) }

  func largestLoss(_ direction: LossDirection, reach: Double) -> Double {
    sampled.largestLoss(.remove, reach: reach)
  }

  func points(_ direction: LossDirection, reach: Double) -> [(logWeight: Double, loss: Double)] {
    let (sigma, count) = (sampled.multiplier, 512)
    let width = (0.5 + reach * sigma) / Double(count)
    let logWidth = deterministicLog(width / (sigma * 2.506_628_274_631_000_5))
    var points = [(logWeight: deterministicLog(max(leftover, 0x1p-1022)), loss: 0.0)]
    for i in 0..<count {
      let x = 0.5 + (Double(i) + 0.5) * width
      let loss = sampled.value(at: x)
      let logN = logWidth - x * x / (2 * sigma * sigma)
      points.append((logN + loss, loss))
      points.append((logN, -loss))
    }
    return points
  }

  /// 1 − M(x > ½) − N(x > ½).
  private var leftover: Double {
    let half = 0.5 / sampled.multiplier
    let tail = normalUpperTail(half)
    return max(0, (1 - sampled.rate) * (1 - 2 * tail))
  }

  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double) -> LossCells {
    let positive = sampled.cells(.remove, grid: grid, reach: reach, from: 0)
    var cells: [LossCells.Cell] = []
    cells.reserveCapacity(2 * positive.cells.count + 1)
    for cell in positive.cells.reversed() {
      // The two points that stand for the cell have the ratio of their loss, under either distribution.
      let share = (cell.masses.p - cell.upperShare) * deterministicExp(-Double(cell.index) * grid.spacing)
      cells.append(
        LossCells.Cell(
          index: -(cell.index + cell.width), width: cell.width,
          masses: .init(p: cell.masses.q, q: cell.masses.p), upperShare: min(share, cell.masses.q)))
    }
    cells.append(
      LossCells.Cell(index: 0, width: 1, masses: .init(p: leftover, q: leftover), upperShare: 0))
    var result = LossCells(spacing: grid.spacing, cells: cells + positive.cells)
    result.below = .init(p: positive.above.q, q: positive.above.p)
    result.above = positive.above
    return result
  }
}
