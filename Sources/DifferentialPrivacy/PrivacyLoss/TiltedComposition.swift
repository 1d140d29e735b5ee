import NumericalCore

/// The sum of many independent lattice-valued losses, computed by FFT under an exponential tilt.
///
/// Weighting each loss x by e^(λx) moves the bulk of the sum to where ε is, so that an FFT of moderate length and
/// double precision resolve δ down to any size (the tilt is Esscher's; the composition by FFT is that of Koskela,
/// Jälkö and Honkela 2020). Sums are taken modulo the window; `Window.misplaced` bounds what that and rounding do.
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
    /// Tilted mass that may be misplaced: sums that left the window, and rounding of the transforms.
    let misplaced: Double

    /// The loss of entry i.
    func loss(_ entry: Int) -> Double { Double(first + entry) * spacing + offset }
  }

  let window: Window
  /// Tilted masses of the entries.
  private let tilted: [Double]
  /// ln of the factor that undoes the tilt at lattice position 0.
  private let logScale: Double
  private let tilt: Double
  /// 1 − (probability that no loss is infinite), bounded from above.
  let infinite: Double

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
    let start = logScale - (tilt - growth) * Double(window.first) * window.spacing + growth * window.offset
    var undo = [Double](repeating: 0, count: count)
    for entry in 0..<count { undo[entry] = deterministicExp(start - slope * Double(entry)) }
    var from = [Double](repeating: 0, count: count + 1)
    var discounted = from
    var error = from
    let discount = deterministicExp(-window.spacing)
    // One entry of slack, because a loss between two entries belongs to the upper one.
    let slack = window.misplaced * deterministicExp(abs(slope))
    var entry = count - 1
    while entry >= 0 {
      let mass = max(0, tilted[entry]) * undo[entry]
      from[entry] = from[entry + 1] + mass
      discounted[entry] = discounted[entry + 1] * discount + mass
      error[entry] = slack * undo[entry]
      entry -= 1
    }
    error[count] = error[count - 1]
    return Tail(from: from, error: error, discounted: discounted)
  }

  /// Composes one or two sequences of events in the same window, at the cost of one.
  ///
  /// The sequences are real, so one goes through the transform as the real part and the other as the imaginary one.
  /// - Parameters:
  ///   - first: (distribution, how often) of the first sequence's events, and its tilt.
  ///   - second: the same of the second, with as many events of the same counts.
  static func compose(
    _ first: (lattices: [LossCells.Lattice], tilt: Double),
    _ second: (lattices: [LossCells.Lattice], tilt: Double)? = nil,
    counts: [Int], window: Window, transform: FastFourierTransform
  ) -> [TiltedComposition] {
    let sequences = [first, second].compactMap { sequence in
      sequence.map { Sequence($0.lattices, tilt: $0.tilt, counts: counts, spacing: window.spacing) }
    }
    let n = window.count
    var products: [ComplexSequence?] = sequences.map { _ in nil }
    for (event, count) in counts.enumerated() {
      var packed = ComplexSequence(real: sequences[0].folded(event, window: window))
      if sequences.count > 1 { packed.imaginary = sequences[1].folded(event, window: window) }
      transform.forward(&packed)
      let parts = packed.spectraOfParts
      let spectra = sequences.count == 1 ? [packed] : [parts.real, parts.imaginary]
      for (index, spectrum) in spectra.enumerated() {
        let power = spectrum.raised(to: count)
        if products[index] == nil { products[index] = power } else { products[index]?.multiply(by: power) }
      }
    }
    guard var sum = products[0] else { return [] }
    if sequences.count > 1, let other = products[1] { sum.addTimesI(other) }
    transform.inverse(&sum)
    return sequences.enumerated().map { index, sequence in
      let values = index == 0 ? sum.real : sum.imaginary
      let start = ((window.first % n) + n) % n
      return TiltedComposition(
        window: window, tilted: Array(values[start...] + values[..<start]), logScale: sequence.logScale,
        tilt: sequence.tilt, infinite: sequence.infinite)
    }
  }

  /// Weights under a tilt, normalised.
  private struct Sequence {
    let tilt: Double
    private(set) var logScale = 0.0
    private(set) var infinite = 0.0
    private let lattices: [LossCells.Lattice]
    private var logWeights: [[Double]] = []

    init(_ lattices: [LossCells.Lattice], tilt: Double, counts: [Int], spacing: Double) {
      self.tilt = tilt
      self.lattices = lattices
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
        logWeights.append(logs.map { $0 - logTotal })
        logScale += Double(count) * logTotal
        infinite = min(1, infinite + Double(count) * dropped)
      }
    }

    /// The weights of one event, summed modulo the window's length.
    func folded(_ event: Int, window: Window) -> [Double] {
      var folded = [Double](repeating: 0, count: window.count)
      let mask = window.count - 1
      for (point, log) in zip(lattices[event].points, logWeights[event]) where log > -80 {
        folded[point.index & mask] += deterministicExp(log)
      }
      return folded
    }
  }
}
