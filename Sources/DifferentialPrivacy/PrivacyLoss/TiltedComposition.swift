import NumericalCore

/// The sum of many independent lattice-valued losses, computed by FFT under an exponential tilt.
///
/// Weighting each loss x by e^(λx) moves the bulk of the sum to where ε is, so that an FFT of moderate length and
/// double precision resolve δ down to any size (the tilt is Esscher's; the composition by FFT is that of Koskela,
/// Jälkö and Honkela 2020). Sums are taken modulo the window; `escaped` and `rounding` bound what that and
/// double precision do.
struct TiltedComposition {
  /// A window of the lattice that sums are looked at through.
  struct Window {
    let spacing: Double
    /// Lattice index of the first entry.
    let first: Int
    /// Entries: the transform's length.
    let count: Int
    /// Added to every entry's lattice position to get its loss.
    let offset: Double

    /// The loss of entry i.
    func loss(_ entry: Int) -> Double { Double(first + entry) * spacing + offset }

    /// The first entry whose loss is above a number; `count` where there is none.
    func firstEntry(above loss: Double) -> Int {
      let position = (loss - offset) / spacing - Double(first)
      guard position >= 0 else { return 0 }
      return position >= Double(count - 1) ? count : Int(position.rounded(.down)) + 1
    }
  }

  let window: Window
  /// Tilted masses of the entries.
  private let tilted: [Double]
  /// ln of the factor that undoes the tilt at lattice position 0.
  private let logScale: Double
  private let tilt: Double
  /// 1 − (probability that no loss is infinite), bounded from above.
  let infinite: Double
  /// Tilted mass of sums that left the window and stand at wrong entries.
  let escaped: Double
  /// Rounding error of the tilted masses in the Euclidean norm.
  let rounding: Double

  /// Sums over the entries from each one on.
  struct Tail {
    /// Σ_{j ≥ i} mass(j), for each entry i.
    let from: [Double]
    /// How much that may be off.
    let error: [Double]
    /// Σ_{j ≥ i} mass(j)·e^(loss(i) − loss(j)).
    let discounted: [Double]
  }

  /// Tail sums of the masses times e^(growth·loss(i)), relative to each entry's own loss, so that nothing overflows
  /// however large losses are.
  /// - Parameter growth: 0 for masses under P; 1 for masses under Q, which fall like e^(−loss) beside those. Then only
  ///   `discounted` has a meaning: it is Σ_{j ≥ i} mass(j)·e^(loss(i)).
  func tail(growth: Double = 0) -> Tail {
    let count = window.count
    let slope = (tilt - growth) * window.spacing
    let start =
      logScale - (tilt - growth) * Double(window.first) * window.spacing + growth * window.offset
    var undo = [Double](repeating: 0, count: count)
    for entry in 0..<count { undo[entry] = deterministicExp(start - slope * Double(entry)) }
    var from = [Double](repeating: 0, count: count + 1)
    var discounted = from
    var error = from
    let discount = deterministicExp(-window.spacing)
    // Undoing the tilt shrinks the rounding errors of later entries geometrically; by Cauchy and Schwarz they add up to
    // at most this many times their norm.
    let spread =
      slope > 0 ? min(Double(count), 1 / -deterministicExpMinusOne(-2 * slope)) : Double(count)
    // One entry of slack, because a loss between two entries belongs to the upper one.
    let slack = (escaped + rounding * spread.squareRoot()) * deterministicExp(abs(slope))
    var entry = count - 1
    while entry >= 0 {
      let mass = tilted[entry] > 0 ? tilted[entry] * undo[entry] : 0
      from[entry] = from[entry + 1] + mass
      discounted[entry] = discounted[entry + 1] * discount + mass
      error[entry] = slack * undo[entry]
      entry -= 1
    }
    error[count] = error[count - 1]
    return Tail(from: from, error: error, discounted: discounted)
  }

  /// What a composition is computed with.
  struct Settings {
    let spacing: Double
    /// −ln of the tilted mass that may leave the window on one side, where the longest transform allows it.
    let exponent: Double
    let longestTransform: Int
    /// Rounding error of the transforms and powers in the Euclidean norm, for each event composed.
    let roundingPerEvent: Double
    /// Losses that the window covers in any case.
    let covering: ClosedRange<Double>?
    /// By how much each stage of a composition in stages may raise ε; nil for a composition at once.
    let stageAllowance: Double?
  }

  /// Composes one or two sequences of events in the same window, at the cost of one.
  ///
  /// The sequences are real, so one goes through the transform as the real part and the other as the imaginary one.
  /// - Parameters:
  ///   - lattices: for each sequence, the distribution of each event's losses.
  ///   - tilts: one a sequence.
  ///   - counts: how often each event happened, the same for all sequences.
  ///   - offset: added to every sum's lattice position to get its loss.
  ///   - rule: what becomes of losses between the points of a coarser lattice, where that is done in stages.
  static func compose(
    _ lattices: [[LossCells.Lattice]], tilts: [Double], counts: [Int], offset: Double,
    rule: StagedComposition.Rule,
    settings: Settings
  ) -> [TiltedComposition] {
    var spacing = settings.spacing
    var sequences = zip(lattices, tilts).map { lattices, tilt in
      TiltedSequence(lattices, tilt: tilt, counts: counts, spacing: spacing)
    }
    // What many events add up to is computed from what few do, on a lattice that widens with their deviation.
    if let allowance = settings.stageAllowance {
      let staged = StagedComposition(
        sequences, spacing: spacing, rule: rule, allowance: allowance,
        roundingPerEvent: settings.roundingPerEvent)
      (sequences, spacing) = (staged.sequences, staged.spacing)
    }
    guard let first = sequences.first else { return [] }
    let counts = first.counts
    let rounding = settings.roundingPerEvent * (counts.reduce(0) { $0 + Double($1) } + 20)
    let tails = sequences.map { $0.tails(spacing: spacing) }
    let window = window(for: tails, spacing: spacing, offset: offset, settings: settings)
    let transform = FastFourierTransform(count: window.count)
    var products: [ComplexSequence?] = sequences.map { _ in nil }
    for (event, count) in counts.enumerated() {
      var packed = ComplexSequence(real: first.events[event].folded(length: window.count))
      if sequences.count > 1 {
        packed.imaginary = sequences[1].events[event].folded(length: window.count)
      }
      transform.forward(&packed)
      let parts = packed.spectraOfParts
      let spectra = sequences.count == 1 ? [packed] : [parts.real, parts.imaginary]
      for (index, spectrum) in spectra.enumerated() {
        let power = spectrum.raised(to: count)
        if products[index] == nil {
          products[index] = power
        } else {
          products[index]?.multiply(by: power)
        }
      }
    }
    guard var sum = products[0] else { return [] }
    if sequences.count > 1, let other = products[1] { sum.addTimesI(other) }
    transform.inverse(&sum)
    let start = window.first & (window.count - 1)
    return sequences.enumerated().map { index, sequence in
      let values = index == 0 ? sum.real : sum.imaginary
      return TiltedComposition(
        window: window, tilted: Array(values[start...] + values[..<start]),
        logScale: sequence.logScale,
        tilt: sequence.tilt, infinite: sequence.infinite,
        escaped: tails[index].escapedMass(from: window) + sequence.misplaced,
        rounding: rounding + sequence.rounding)
    }
  }

  /// The smallest window that the sums of all sequences leave with no more than the mass asked for.
  private static func window(
    for tails: [SumTails], spacing: Double, offset: Double, settings: Settings
  ) -> Window {
    let edges = tails.map { $0.edges(exponent: settings.exponent) }
    var low = edges.map(\.low).min() ?? 0
    var high = edges.map(\.high).max() ?? 0
    if let covering = settings.covering {
      low = min(low, covering.lowerBound - offset)
      high = max(high, covering.upperBound - offset)
    }
    let first = Int((low / spacing).rounded(.down)) - 4
    let wanted = (high / spacing).rounded(.up) - Double(first) + 4
    var count = 1024
    while Double(count) < wanted && count < settings.longestTransform { count *= 2 }
    return Window(spacing: spacing, first: first, count: count, offset: offset)
  }
}
