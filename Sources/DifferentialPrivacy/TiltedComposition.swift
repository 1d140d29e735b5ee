import NumericalCore

/// The sum of many independent lattice-valued losses, computed by FFT under an exponential tilt.
///
/// Weighting each loss x by e^(λx) moves the bulk of the sum to where ε is, so that an FFT of moderate length and
/// double precision resolve δ down to any size (the tilt is Esscher's; the composition by FFT is that of Koskela,
/// Jälkö and Honkela 2020). Sums are taken modulo the window; `tiltedError` bounds what that and rounding do.
struct TiltedComposition {
  /// Tilted mass that may be misplaced: sums that left the window (at most 10⁻⁹, by the Chernoff bound the window
  /// was chosen with) and rounding of the transforms.
  static let tiltedError = 1e-8

  /// Lattice index of the first entry of the sums below.
  let firstIndex: Int
  /// ln of the factor that undoes the tilt, at lattice loss 0.
  let logScale: Double
  let tilt: Double
  let spacing: Double
  /// Loss of an entry beyond its lattice position (cells are represented by their midpoints).
  let offset: Double
  /// Mass at or above each entry: Σ p.
  private(set) var massFrom: [Double]
  /// Σ p·e^(−x) at or above each entry.
  private(set) var discountedFrom: [Double]
  /// 1 − (probability that no loss is infinite), bounded from above.
  let infinite: Double

  /// Composes events given as (distribution, how often).
  /// - Parameters:
  ///   - tilt: λ.
  ///   - first: lattice index of the window's first entry.
  ///   - transform: its length is the window's.
  ///   - offset: added to every sum's loss.
  init(
    _ parts: [(lattice: SampledGaussianCells.Lattice, count: Int)], tilt: Double, spacing: Double, first: Int,
    transform: FastFourierTransform, offset: Double = 0
  ) {
    let n = transform.count
    var product: ComplexSequence?
    var logScale = 0.0
    var infinite = 0.0
    for (lattice, count) in parts {
      var total = LogSum()
      let logWeights = lattice.weights.enumerated().map { i, weight in
        weight > 0
          ? deterministicLog(max(weight, 1e-300)) + tilt * Double(lattice.firstIndex + i) * spacing : -.infinity
      }
      for logWeight in logWeights { total.add(logWeight) }
      var folded = [Double](repeating: 0, count: n)
      for (i, logWeight) in logWeights.enumerated() where logWeight > total.value - 80 {
        let index = ((lattice.firstIndex + i) % n + n) % n
        folded[index] += deterministicExp(logWeight - total.value)
      }
      var sequence = ComplexSequence(real: folded)
      transform.forward(&sequence)
      sequence = sequence.raised(to: count)
      if product == nil { product = sequence } else { product?.multiply(by: sequence) }
      logScale += Double(count) * total.value
      infinite += Double(count) * lattice.infinite
    }
    var sums = product ?? ComplexSequence(real: [Double](repeating: 0, count: n))
    transform.inverse(&sums)

    firstIndex = first
    self.logScale = logScale
    self.tilt = tilt
    self.spacing = spacing
    self.offset = offset
    self.infinite = min(infinite, 1)
    massFrom = [Double](repeating: 0, count: n + 1)
    discountedFrom = [Double](repeating: 0, count: n + 1)
    for i in stride(from: n - 1, through: 0, by: -1) {
      let index = first + i
      let loss = Double(index) * spacing
      let tilted = max(0, sums.real[(index % n + n) % n])
      let mass = tilted * deterministicExp(logScale - tilt * loss)
      massFrom[i] = massFrom[i + 1] + mass
      discountedFrom[i] = discountedFrom[i + 1] + mass * deterministicExp(-(loss + offset))
    }
  }

  /// The first entry whose loss is at least `loss`, held within the window.
  func entry(atOrAbove loss: Double) -> Int {
    let index = ((loss - offset) / spacing).rounded(.up)
    return Int(max(0, min(index - Double(firstIndex), Double(massFrom.count - 1))))
  }

  /// The mass at one entry.
  func mass(_ entry: Int) -> Double { massFrom[entry] - massFrom[entry + 1] }

  /// How much the mass at or above an entry may be off.
  func error(from entry: Int) -> Double {
    // One entry of slack, because a loss between two entries belongs to the upper one.
    Self.tiltedError * deterministicExp(logScale - tilt * Double(firstIndex + entry - 1) * spacing)
  }

  /// The loss of the window's first entry.
  var lowestLoss: Double { Double(firstIndex) * spacing + offset }
}
