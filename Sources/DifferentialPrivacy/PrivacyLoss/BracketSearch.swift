import NumericalCore

extension PrivacyLossAccountant {
  /// The bracket on ε for one direction of adjacency: chooses tilt, window and grid, and looks again where the first
  /// choice did not resolve δ.
  struct Search {
    private let events: [(loss: any PrivacyLoss, count: Int)]
    private let direction: LossDirection
    private let delta: Double
    private let moments: LossMoments
    /// How many deviations of an outcome to look at: what lies beyond costs at most 10⁻⁷·δ in all.
    private let reach: Double
    private let total: Double
    /// No finite sum of losses is larger.
    let largest: Double

    /// Relative width that the grid is chosen for.
    private static let tolerance = 6e-4
    private static let longestTransform = 1 << 21
    /// Taken off the lower bound, relatively: far more than double precision can have moved it, and what other
    /// implementations in double precision lose (docs/privacy-model.md, "How exact the numbers are").
    private static let lowerMargin = 2e-4
    /// −ln of the tilted mass that may leave the window on one side, look by look.
    private static let windowExponents = [13.9, 23.0, 27.0, 31.0]
    /// Rounding error of transforms and powers in the Euclidean norm, for each event composed: a few units in the last
    /// place of sequences whose norm is at most 1.
    private static let roundingPerEvent = 4e-16
    /// An answer is accepted when the misplaced mass is below this share of δ.
    private static let acceptedError = 5e-3
    /// Below this share the misplaced mass is not what keeps a bracket wide.
    private static let minorError = 0.1
    private static let nearness = 0.5
    private static let looks = 8
    /// A bracket wider than this, relatively, is looked at again on a finer grid while there is room.
    private static let acceptedGap = 3e-3
    /// A single event's losses are cut into no more steps than this.
    private static let mostSteps = 0x1p25

    init(_ events: [(loss: any PrivacyLoss, count: Int)], _ direction: LossDirection, delta: Double) {
      self.events = events
      self.direction = direction
      self.delta = delta
      let total = events.reduce(0) { $0 + Double($1.count) }
      var reach = 4.0
      while normalUpperTail(reach) > 1e-7 * delta / total { reach += 0.25 }
      self.total = total
      self.reach = reach
      moments = LossMoments(events, direction, reach: reach)
      largest = events.reduce(0) { $0 + Double($1.count) * $1.loss.largestLoss(direction, reach: reach) }
    }

    /// What is known after a search.
    struct Result {
      var lower = 0.0
      var upper = Double.infinity
      /// Whether the search ended because the answer was good enough.
      var isResolved = false
    }

    /// Looks until the bracket is narrow.
    /// - Parameter wantsLower: without the lower end, the search ends when misplaced mass is negligible.
    func bracket(wantsLower: Bool) -> Result {
      var (tilt, guess) = moments.chernoff(logDelta: deterministicLog(delta))
      var best = Result()
      var fineness = 1.0
      for look in 0..<Self.looks {
        let composition = composition(tilt: tilt, guess: guess, fineness: fineness, look: look)
        let upper = composition.upper(delta: delta, largest: largest)
        guard let epsilon = upper.epsilon else {
          // ε lies below the window.
          guess = max(upper.lowest, 0) / 2
          tilt = moments.saddle(at: guess)
          continue
        }
        best.upper = min(best.upper, epsilon)
        if wantsLower {
          best.lower = max(best.lower, composition.lower(delta: delta) * (1 - Self.lowerMargin))
          best.lower = min(best.lower, best.upper)
          best.isResolved = best.upper - best.lower <= Self.acceptedGap * best.upper
        } else {
          best.isResolved =
            epsilon >= Self.nearness * guess && upper.error <= Self.acceptedError * delta
        }
        if best.isResolved || best.upper == 0 { break }
        // Either the misplaced mass is too much beside δ, or the cells at ε are too wide.
        guess = best.upper
        tilt = moments.saddle(at: guess)
        if upper.length == Self.longestTransform && look > 0 { break }
        // Only a bracket shows that cells are too wide.
        if wantsLower && upper.error <= Self.minorError * delta { fineness *= 4 }
      }
      return best
    }

    private func composition(tilt: Double, guess: Double, fineness: Double, look: Int) -> BracketComposition {
      let exponent = Self.windowExponents[min(look, Self.windowExponents.count - 1)]
      // Cells of width h raise the log-moment of order λ by about T·λ(λ + 1)·h²/12, and so ε by a λ-th of that.
      let wanted = (12 * Self.tolerance * max(guess, 1e-9) / (total * (tilt + 1))).squareRoot() / fineness
      // A rough width of the sums keeps the transform within its longest.
      let width = max(moments.width(tilt: tilt, exponent: exponent), 1e-12)
      let spacing = max(wanted, 2 * width / Double(Self.longestTransform), moments.widestEvent / Self.mostSteps)
      let cells = events.enumerated().map { index, event in
        let grid = LossGrid(spacing: spacing, tilted: moments.tilted(part: index, by: tilt))
        return event.loss.cells(direction, grid: grid, reach: reach)
      }
      return BracketComposition(
        cells: cells, counts: events.map(\.count), tilt: tilt,
        settings: TiltedComposition.Settings(
          spacing: spacing, exponent: exponent, longestTransform: Self.longestTransform,
          rounding: Self.roundingPerEvent * (total + 20), covering: look > 1 ? 0...2 * guess : nil))
    }
  }
}
