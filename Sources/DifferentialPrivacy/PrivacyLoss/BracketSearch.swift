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
    /// The same for grids that follow the losses: 10⁻²·δ, because far losses keep tilts small.
    private let fineMoments: LossMoments
    private let fineReach: Double
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
    private static let nearness = 0.5
    private static let looks = 8
    /// A bracket wider than this, relatively, is looked at again on a finer grid.
    private static let acceptedGap = 3e-3
    /// A single event's losses are cut into no more steps than this.
    private static let mostSteps = 0x1p25
    /// Where equal steps would make a transform or a list of cells longer than this, the grid follows the losses
    /// instead, and sums are composed in stages.
    private static let longestEqualSteps = 0x1p19
    private static let mostFineSteps = 0x1p18
    /// Shares of ε by which grids that follow the losses may raise it, look by look.
    private static let fineTolerances = [2e-4, 5e-5]
    /// On wider steps the losses are so large that rounding them down is the better lower end.
    private static let wideStep = 1.0
    /// Below this ε the error is no longer relative to it.
    private static let smallEpsilon = 5e-3
    /// −ln of the tilted mass that may leave the window of such a composition on one side.
    private static let fineExponent = 31.0
    /// Share of δ that a grid may add to it, where δ is asked for.
    private static let deltaTolerance = 2e-3

    init(_ events: [(loss: any PrivacyLoss, count: Int)], _ direction: LossDirection, delta: Double) {
      self.events = events
      self.direction = direction
      self.delta = delta
      let total = events.reduce(0) { $0 + Double($1.count) }
      func reach(_ share: Double) -> Double {
        var reach = 4.0
        while normalUpperTail(reach) > share * delta / total { reach += 0.25 }
        return reach
      }
      let (reach, fineReach) = (reach(1e-7), reach(1e-2))
      self.total = total
      self.reach = reach
      self.fineReach = fineReach
      moments = LossMoments(events, direction, reach: reach)
      fineMoments = LossMoments(events, direction, reach: fineReach)
      largest = events.reduce(0) { $0 + Double($1.count) * $1.loss.largestLoss(direction, reach: reach) }
    }

    /// What is known after a search.
    struct Result {
      var lower = 0.0
      var upper = Double.infinity
      /// Whether the search ended because the answer was good enough.
      var isResolved = false
    }

    /// Looks until ε is known well enough.
    ///
    /// The upper end is searched for first and in the same way whether the lower one is wanted or not: what a
    /// calibration was promised is never exceeded by what is printed.
    func bracket(wantsLower: Bool) -> Result {
      let logDelta = deterministicLog(delta)
      var (tilt, guess) = moments.chernoff(logDelta: logDelta)
      let isFine = hasManySteps(tilt: tilt, guess: guess)
      let moments = isFine ? fineMoments : self.moments
      if isFine { (tilt, guess) = moments.chernoff(logDelta: logDelta) }
      var best = Result()
      var last: BracketComposition?
      for look in 0..<Self.looks {
        let composition =
          isFine
          ? fineComposition(tilt: tilt, guess: guess, tolerance: Self.fineTolerances[0])
          : composition(tilt: tilt, guess: guess, look: look)
        guard let upper = composition.pessimistic()?.epsilon(delta: delta, largest: largest) else {
          break
        }
        guard let epsilon = upper.epsilon else {
          // ε lies below the window.
          guess = max(upper.lowest, 0) / 2
          tilt = moments.saddle(at: guess)
          continue
        }
        let isStuck = epsilon > 0.999 * best.upper
        best.upper = min(best.upper, epsilon)
        last = composition
        best.isResolved =
          epsilon >= Self.nearness * guess && upper.error <= Self.acceptedError * delta
        if best.isResolved || best.upper == 0 { break }
        // The misplaced mass is too much beside δ.
        guess = best.upper
        tilt = moments.saddle(at: guess)
        if upper.length == Self.longestTransform && look > 0 { break }
        if isStuck && composition.settings.stageAllowance != nil { break }
      }
      if wantsLower, best.upper > 0, best.upper < .infinity, let last { narrow(&best, last) }
      return best
    }

    /// Adds the lower end, and looks on finer grids while the two are far apart.
    private func narrow(_ best: inout Result, _ last: BracketComposition) {
      var composition = last
      if last.settings.spacing > Self.wideStep {
        let opposite: LossDirection = direction == .remove ? .add : .remove
        let smallest = events.map { -$0.loss.largestLoss(opposite, reach: reach) }
        let lower = last.flooredEpsilon(delta: delta, smallest: smallest) * (1 - Self.lowerMargin)
        best.lower = min(max(best.lower, lower), best.upper)
        return
      }
      var remaining = Self.fineTolerances
      if last.settings.stageAllowance != nil { remaining.removeFirst() }
      while true {
        if let lower = composition.observed()?.epsilon(delta: delta) {
          best.lower = min(max(best.lower, lower * (1 - Self.lowerMargin)), best.upper)
        }
        if best.upper - best.lower <= Self.acceptedGap * best.upper || best.upper < Self.smallEpsilon { return }
        if remaining.isEmpty { return }
        composition = fineComposition(
          tilt: fineMoments.saddle(at: best.upper), guess: best.upper, tolerance: remaining.removeFirst())
        guard let upper = composition.pessimistic()?.epsilon(delta: delta, largest: largest) else { return }
        best.upper = min(best.upper, upper.epsilon ?? .infinity)
      }
    }

    /// δ at each of some ascending ε.
    func deltas(at epsilons: [Double]) -> [(lower: Double, upper: Double)] {
      var sums: (upper: PessimisticSum, lower: ObservedSum)?
      var madeFor = 0.0
      let deviation = fineMoments.at(0).variance.squareRoot()
      return epsilons.map { epsilon in
        if let sums, epsilon <= 2 * madeFor {
          let found = sums.upper.delta(epsilon: epsilon, largest: largest)
          if found.error <= Self.acceptedError * found.delta {
            return (sums.lower.delta(epsilon: epsilon), found.delta)
          }
        }
        madeFor = max(epsilon, 0.1 * deviation)
        let tilt = fineMoments.saddle(at: epsilon)
        let composition = fineComposition(
          tilt: tilt, guess: madeFor,
          allowance: Self.deltaTolerance * min(1 / tilt, max(deviation, 1e-12)))
        guard let upper = composition.pessimistic(), let lower = composition.observed() else {
          return (0, 1)
        }
        sums = (upper, lower)
        return (
          lower.delta(epsilon: epsilon), upper.delta(epsilon: epsilon, largest: largest).delta
        )
      }
    }

    /// Cells of this width h raise the log-moment of order λ by about T·λ(λ + 1)·h²/12, and so ε by a λ-th of that.
    private func equalSpacing(tilt: Double, guess: Double) -> Double {
      (12 * Self.tolerance * max(guess, 1e-9) / (total * (tilt + 1))).squareRoot()
    }

    /// Whether equal steps would be too many.
    private func hasManySteps(tilt: Double, guess: Double) -> Bool {
      let spacing = equalSpacing(tilt: tilt, guess: guess)
      return 2 * moments.width(tilt: tilt, exponent: Self.windowExponents[0]) > Self
        .longestEqualSteps * spacing
        || moments.widestEvent > Self.longestEqualSteps * spacing
    }

    /// A composition on equal steps.
    private func composition(tilt: Double, guess: Double, look: Int) -> BracketComposition {
      let exponent = Self.windowExponents[min(look, Self.windowExponents.count - 1)]
      // A rough width of the sums keeps the transform within its longest.
      let width = max(moments.width(tilt: tilt, exponent: exponent), 1e-12)
      let spacing = max(
        equalSpacing(tilt: tilt, guess: guess), 2 * width / Double(Self.longestTransform),
        moments.widestEvent / Self.mostSteps)
      return composition(
        tilt: tilt, reach: reach,
        settings: settings(spacing, exponent: exponent, covering: look > 1 ? 0...2 * guess : nil)
      ) { LossGrid(spacing: spacing, tilted: moments.tilted(part: $0, by: tilt)) }
    }

    /// A composition on a grid that follows the losses, in stages, each of which may raise ε by a share of it.
    private func fineComposition(tilt: Double, guess: Double, tolerance: Double)
      -> BracketComposition
    {
      fineComposition(
        tilt: tilt, guess: guess, allowance: tolerance * max(guess, Self.smallEpsilon))
    }

    /// A composition on a grid that follows the losses, in stages.
    /// - Parameter allowance: by how much the grid, and each stage, may raise ε.
    private func fineComposition(tilt: Double, guess: Double, allowance: Double)
      -> BracketComposition
    {
      // Misplaced mass is one step off, which the tilt must not make much of.
      let spacing = fineMoments.spacing(
        tilt: tilt, allowance: allowance, from: min(max(guess / 4, fineMoments.widestEvent / 16), 1 / tilt),
        downTo: fineMoments.widestEvent / Self.mostFineSteps)
      let meanSquare = 12 * allowance / (total * (tilt + 1))
      return composition(
        tilt: tilt, reach: fineReach,
        settings: settings(spacing, exponent: Self.fineExponent, stageAllowance: allowance)
      ) {
        LossGrid(
          spacing: spacing, tilted: fineMoments.tilted(part: $0, by: tilt), meanSquare: meanSquare,
          widest: 0.5 / (tilt + 1))
      }
    }

    private func settings(
      _ spacing: Double, exponent: Double, covering: ClosedRange<Double>? = nil,
      stageAllowance: Double? = nil
    ) -> TiltedComposition.Settings {
      TiltedComposition.Settings(
        spacing: spacing, exponent: exponent, longestTransform: Self.longestTransform,
        roundingPerEvent: Self.roundingPerEvent, covering: covering, stageAllowance: stageAllowance)
    }

    private func composition(
      tilt: Double, reach: Double, settings: TiltedComposition.Settings, grid: (_ event: Int) -> LossGrid
    ) -> BracketComposition {
      BracketComposition(
        cells: events.enumerated().map { $1.loss.cells(direction, grid: grid($0), reach: reach) },
        counts: events.map(\.count), tilt: tilt, settings: settings)
    }
  }
}
