/// A pair of distributions (P, Q) that dominates a mechanism, seen through its privacy loss ln(P/Q).
///
/// Dominating pairs compose: bounds on ε for the composed pairs hold for the composed mechanisms (Zhu, Dong and Wang
/// 2022, "Optimal accounting of differential privacy via characteristic function", theorem 10).
protocol PrivacyLoss: Sendable {
  /// Whether both directions have the same distribution of losses.
  var isSymmetric: Bool { get }

  /// What is known from below about mechanisms that the pair dominates.
  var attainment: Attainment { get }

  /// Points of a rough quadrature over P: ln of the weight (up to a constant), and the loss. They choose grids and
  /// tilts; no guarantee rests on them.
  /// - Parameter reach: outcomes less likely than a normal variable beyond `reach` deviations may be left out.
  func points(_ direction: LossDirection, reach: Double) -> [(logWeight: Double, loss: Double)]

  /// No outcome but those counted as infinitely bad in `cells` has a larger loss.
  func largestLoss(_ direction: LossDirection, reach: Double) -> Double

  /// The losses cut into cells, with exact masses.
  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double) -> LossCells
}

/// Whether a dominating pair says something from below, too.
enum Attainment {
  /// Some mechanism of the event has this very pair.
  case itself
  /// Some mechanism of the event has this other pair, and none is known that has the dominating one.
  case other(any PrivacyLoss)
  /// Nothing is known.
  case unknown
}

extension PrivacyLoss {
  var attainment: Attainment { .itself }
}

/// Which neighbour the probabilities are taken under.
enum LossDirection: CaseIterable {
  case remove, add
}

/// Where losses are cut: at multiples of a spacing, or, where little depends on it, at multiples of a power of two
/// times the spacing.
struct LossGrid: Sendable {
  let spacing: Double
  /// Cells widen from these indices on, outwards: the k-th entry is where cells of 2^(k + 1) steps begin.
  private let wideFrom: [Int]
  private let wideTo: [Int]

  /// A grid whose cells widen in the tails of a tilted distribution of losses.
  ///
  /// Cells of width w and tilted mass m add m·w² to the error. A region of mass M with w² = s/16M adds no more than a
  /// sixteenth of the mean square s that is allowed in all, and there are about as many regions as octaves of width.
  /// - Parameters:
  ///   - points: losses with the ln of their tilted weights, normalised to a total of 1.
  ///   - meanSquare: s; nil: the square of the spacing.
  ///   - widest: no cell is wider than this, where it is wider than the spacing.
  init(
    spacing: Double, tilted points: [(logWeight: Double, loss: Double)], meanSquare: Double? = nil,
    widest: Double = .infinity
  ) {
    self.spacing = spacing
    let sorted = points.sorted { $0.loss < $1.loss }
    func limits(_ ordered: [(logWeight: Double, loss: Double)]) -> [Double] {
      // The innermost losses beyond which the tilted mass is below 1/(16·4^k), k = 1, 2, ….
      var limits: [Double] = []
      var tail = 0.0
      var previous = ordered.last?.loss ?? 0
      var thresholds: [(Double, Double)] = []
      for point in ordered.reversed() {
        thresholds.append((tail, previous))
        tail += deterministicExpClamped(point.logWeight)
        previous = point.loss
      }
      let allowed = (meanSquare ?? spacing * spacing) / (spacing * spacing)
      for octave in 1...14 where spacing * Double(1 << octave) <= widest {
        let most = allowed / (16 * Double(sign: .plus, exponent: 2 * octave, significand: 1))
        guard let limit = thresholds.last(where: { $0.0 <= most }) else { break }
        limits.append(limit.1)
      }
      return limits
    }
    wideFrom = limits(sorted).map { Int(($0 / spacing).rounded(.up)) }
    wideTo = limits(sorted.reversed()).map { Int(($0 / spacing).rounded(.down)) }
  }

  /// The upper end of the cell that starts at `index`.
  func end(ofCellAt index: Int) -> Int {
    var width = 1
    for (octave, start) in wideFrom.enumerated() where index >= start {
      width = max(width, 2 << octave)
    }
    // Below, a wide cell must also end before the finer cells begin.
    for (octave, end) in wideTo.enumerated() where index + (2 << octave) <= end {
      width = max(width, 2 << octave)
    }
    return index + width
  }
}
