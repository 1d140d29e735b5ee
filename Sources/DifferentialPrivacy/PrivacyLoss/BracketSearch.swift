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
    private let fine: View
    private let total: Double
    /// No finite sum of losses is larger.
    let largest: Double

    /// The events' losses as far as they are looked at.
    private struct View {
      let moments: LossMoments
      /// For each event, how many deviations of an outcome to look at.
      let reaches: [Double]
    }

    /// Share of δ that may lie beyond a shorter reach, and the least of those.
    private static let nearShare = 1e-3
    private static let (leastReach, reachStep) = (4.0, 0.25)
    /// A coarse grid on which the mass beyond a reach is looked up.
    private static let stepsOfReach = 64.0
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
    /// A guess of which ε is at least this share was right.
    private static let settled = 0.95
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
        var reach = Self.leastReach
        while normalUpperTail(reach) > share * delta / total { reach += Self.reachStep }
        return reach
      }
      func view(_ reach: Double) -> View {
        let reaches = events.map { _ in reach }
        return View(moments: LossMoments(events, direction, reaches: reaches), reaches: reaches)
      }
      let (reach, farReach) = (reach(1e-7), reach(1e-2))
      self.total = total
      self.reach = reach
      moments = view(reach).moments
      fine = view(farReach)
      largest = events.reduce(0) { $0 + Double($1.count) * $1.loss.largestLoss(direction, reach: reach) }
    }

    /// What is known after a search.
    struct Result {
      var lower = 0.0
      var upper = Double.infinity
      /// Whether the search ended because the answer was good enough.
      var isResolved = false
    }

    /// The losses up to where what lies beyond has less than 10⁻³·δ, by the masses of each event itself.
    ///
    /// A rarely sampled unit has its large losses that much more rarely than a normal variable is far from its mean. As
    /// long as they are kept, e^(λ·loss) of them keeps the tilt λ small, and then rounding errors, which are relative to
    /// the tilted sum, are large beside δ: at a sampling rate of 10⁻⁵ and 10⁵ rounds 0.8 % of it instead of 0.13 %. No
    /// guarantee rests on the choice: the mass beyond a reach counts as infinitely bad, and the observer who gives the
    /// lower end is told the last cell instead.
    private func near() -> View {
      let opposite: LossDirection = direction == .remove ? .add : .remove
      let reaches = zip(events, fine.reaches).map { event, farthest in
        let loss = event.loss
        // Losses that are bounded anyway, or moderate, gain nothing.
        func gains(_ reach: Double) -> Bool {
          2 * loss.largestLoss(direction, reach: reach) < loss.largestLoss(direction, reach: farthest)
        }
        guard gains(Self.leastReach) else { return farthest }
        func beyond(_ reach: Double) -> Double {
          let range = loss.largestLoss(direction, reach: reach) + loss.largestLoss(opposite, reach: reach)
          let grid = LossGrid(spacing: range / Self.stepsOfReach, tilted: [])
          return loss.cells(direction, grid: grid, reach: reach).above.p
        }
        var reach = farthest
        while reach > Self.leastReach, beyond(reach - Self.reachStep) <= Self.nearShare * delta / total {
          reach -= Self.reachStep
        }
        return gains(reach) ? reach : farthest
      }
      return View(moments: LossMoments(events, direction, reaches: reaches), reaches: reaches)
    }

    /// Looks until ε is known well enough.
    ///
    /// The upper end is searched for first and in the same way whether the lower one is wanted or not: what a
    /// calibration was promised is never exceeded by what is printed.
    func bracket(wantsLower: Bool) -> Result {
      let logDelta = deterministicLog(delta)
      var (tilt, guess) = moments.chernoff(logDelta: logDelta)
      let near = hasManySteps(tilt: tilt, guess: guess) ? near() : nil
      let moments = near?.moments ?? self.moments
      if near != nil { (tilt, guess) = moments.chernoff(logDelta: logDelta) }
      var best = Result()
      var last: BracketComposition?
      for look in 0..<Self.looks {
        let composition =
          near.map { fineComposition($0, tilt: tilt, guess: guess, tolerance: Self.fineTolerances[0]) }
          ?? composition(tilt: tilt, guess: guess, look: look)
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
        // Where the guess was about right already, the same tilt and grid would be tried again.
        if near != nil && epsilon >= Self.settled * guess { break }
        // The misplaced mass is too much beside δ.
        guess = best.upper
        tilt = moments.saddle(at: guess)
        if upper.length == Self.longestTransform && look > 0 { break }
        if isStuck && composition.settings.stageAllowance != nil { break }
      }
      if wantsLower, best.upper > 0, best.upper < .infinity, let last { narrow(&best, last, near) }
      return best
    }

    /// Adds the lower end, and looks on finer grids while the two are far apart.
    private func narrow(_ best: inout Result, _ last: BracketComposition, _ known: View?) {
      var composition = last
      lazy var near = known ?? near()
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
        // A finer grid does not make misplaced mass less.
        if remaining.isEmpty || (known != nil && !best.isResolved) { return }
        // The sum of the largest losses says nothing about where ε is.
        let (tilt, guess) =
          best.upper < largest
          ? (near.moments.saddle(at: best.upper), best.upper)
          : near.moments.chernoff(logDelta: deterministicLog(delta))
        composition = fineComposition(near, tilt: tilt, guess: guess, tolerance: remaining.removeFirst())
        guard let upper = composition.pessimistic()?.epsilon(delta: delta, largest: largest) else { return }
        best.upper = min(best.upper, upper.epsilon ?? .infinity)
      }
    }

    /// δ at each of some ascending ε.
    func deltas(at epsilons: [Double]) -> [(lower: Double, upper: Double)] {
      var sums: (upper: PessimisticSum, lower: ObservedSum)?
      var madeFor = 0.0
      let deviation = fine.moments.at(0).variance.squareRoot()
      return epsilons.map { epsilon in
        if let sums, epsilon <= 2 * madeFor {
          let found = sums.upper.delta(epsilon: epsilon, largest: largest)
          if found.error <= Self.acceptedError * found.delta {
            return (sums.lower.delta(epsilon: epsilon), found.delta)
          }
        }
        madeFor = max(epsilon, 0.1 * deviation)
        let tilt = fine.moments.saddle(at: epsilon)
        let composition = fineComposition(
          fine, tilt: tilt, guess: madeFor,
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
        tilt: tilt, reaches: events.map { _ in reach },
        settings: settings(spacing, exponent: exponent, covering: look > 1 ? 0...2 * guess : nil)
      ) { LossGrid(spacing: spacing, tilted: moments.tilted(part: $0, by: tilt)) }
    }

    /// A composition on a grid that follows the losses, in stages, each of which may raise ε by a share of it.
    private func fineComposition(_ view: View, tilt: Double, guess: Double, tolerance: Double)
      -> BracketComposition
    {
      fineComposition(
        view, tilt: tilt, guess: guess, allowance: tolerance * max(guess, Self.smallEpsilon))
    }

    /// A composition on a grid that follows the losses, in stages.
    /// - Parameter allowance: by how much the grid, and each stage, may raise ε.
    private func fineComposition(_ view: View, tilt: Double, guess: Double, allowance: Double)
      -> BracketComposition
    {
      // Misplaced mass is one step off, which the tilt must not make much of.
      let spacing = view.moments.spacing(
        tilt: tilt, allowance: allowance, from: min(max(guess / 4, view.moments.widestEvent / 16), 1 / tilt),
        downTo: view.moments.widestEvent / Self.mostFineSteps)
      let meanSquare = 12 * allowance / (total * (tilt + 1))
      return composition(
        tilt: tilt, reaches: view.reaches,
        settings: settings(spacing, exponent: Self.fineExponent, stageAllowance: allowance)
      ) {
        LossGrid(
          spacing: spacing, tilted: view.moments.tilted(part: $0, by: tilt), meanSquare: meanSquare,
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
      tilt: Double, reaches: [Double], settings: TiltedComposition.Settings, grid: (_ event: Int) -> LossGrid
    ) -> BracketComposition {
      BracketComposition(
        cells: events.enumerated().map { $1.loss.cells(direction, grid: grid($0), reach: reaches[$0]) },
        counts: events.map(\.count), tilt: tilt, settings: settings)
    }
  }
}
