import NumericalCore

/// The exact sum of clipped updates on the lattice.
///
/// Coordinates are whole numbers of lattice steps. They are held in doubles, which represent every integer up to
/// 2⁵³: with at most 2²⁴ clients and 2²⁸ steps no addition ever rounds, so this is integer arithmetic, in the
/// form that vector units of every width have.
package final class ClippedSum {
  /// The sums so far, in lattice steps.
  package private(set) var sums: [Double]
  /// Updates within the clipping norm less those beyond it.
  package private(set) var signedCount = 0
  private var lattice: Lattice
  /// (2^bits)², the largest squared norm of a clipped update.
  private var largestSquaredNorm: Double

  /// The norm that updates are clipped in.
  package enum Norm {
    /// For Gaussian noise.
    case l2
    /// For Laplace noise.
    case l1
  }

  private let norm: Norm

  /// A sum of nothing.
  /// - Parameter width: coordinates, padded to whole registers.
  package init(width: Int, lattice: Lattice, norm: Norm = .l2) {
    self.norm = norm
    sums = [Double](repeating: 0, count: width)
    self.lattice = lattice
    largestSquaredNorm = lattice.stepsPerNorm * lattice.stepsPerNorm
  }

  /// Starts over.
  /// - Parameter lattice: that of the round; nil keeps the last one.
  package func reset(lattice: Lattice? = nil) {
    if let lattice {
      self.lattice = lattice
      largestSquaredNorm = lattice.stepsPerNorm * lattice.stepsPerNorm
    }
    signedCount = 0
    for j in sums.indices { sums[j] = 0 }
  }

  /// Adds a dense update; `update` is overwritten by its lattice form.
  package func addDense(_ update: UnsafeMutablePointer<Float>, width: Int) {
    guard quantize(update, width: width) else { return }
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      for j in 0..<width { base[j] += Double(update[j]) }
    }
  }

  /// Adds an update of the coordinates `touched`; `update` is overwritten by its lattice form.
  package func addSparse(_ update: UnsafeMutablePointer<Float>, width: Int, touched: UnsafeBufferPointer<UInt32>) {
    guard quantize(update, width: width) else { return }
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress, let touched = touched.baseAddress.map({ ($0, touched.count) }) else {
        return
      }
      for k in 0..<touched.1 { base[Int(touched.0[k])] += Double(update[k]) }
    }
  }

  /// Lets noise be added to the sums.
  package func withSums(_ body: (inout [Double]) -> Void) { body(&sums) }

  /// Clips an update to the lattice's norm and writes it in whole steps, rounding towards zero, which can only
  /// shorten it. The squared norm of the integers is then checked without rounding: squares are below 2⁵³ and the
  /// first sum that is not exact is already far above the bound.
  /// - Returns: false when the update is not finite. It then contributes nothing, which is within any norm.
  private func quantize(_ update: UnsafeMutablePointer<Float>, width: Int) -> Bool {
    let norm = Self.norm(of: update, width: width, in: norm)
    if self.norm == .l1 { return quantizeInL1(update, width: width, norm: norm) }
    signedCount += norm <= lattice.clippingNorm ? 1 : -1
    guard norm.isFinite else { return false }
    if norm == 0 { return true }
    var factor = Float(lattice.stepsPerNorm / max(norm, lattice.clippingNorm))
    while true {
      var squares = SIMD8<Double>()
      var j = 0
      while j < width {
        let q = truncated(update.lanes(j) * factor)
        let low = SIMD8<Double>(q.lowHalf)
        let high = SIMD8<Double>(q.highHalf)
        squares += low * low
        squares += high * high
        j &+= 16
      }
      if Self.squareSum(squares) <= largestSquaredNorm { break }
      // The factor is a float, so its rounding can leave the norm a hair too long.
      factor *= 1 - 0x1p-22
    }
    var j = 0
    while j < width {
      update.setLanes(j, truncated(update.lanes(j) * factor))
      j &+= 16
    }
    return true
  }

  /// The same in L1 norm: whole steps whose magnitudes add up to no more than 2^bits, in exact arithmetic.
  private func quantizeInL1(_ update: UnsafeMutablePointer<Float>, width: Int, norm: Double) -> Bool {
    signedCount += norm <= lattice.clippingNorm ? 1 : -1
    guard norm.isFinite else { return false }
    if norm == 0 { return true }
    var factor = Float(lattice.stepsPerNorm / max(norm, lattice.clippingNorm))
    while Self.magnitude(update, width: width, { ($0 * factor).rounded(.towardZero) }) > lattice.stepsPerNorm {
      factor *= 1 - 0x1p-22
    }
    for j in 0..<width { update[j] = (update[j] * factor).rounded(.towardZero) }
    return true
  }

  /// The length of an update before clipping.
  /// - Parameter width: values, padded to whole registers.
  @inline(__always)
  package static func norm(of update: UnsafeMutablePointer<Float>, width: Int, in norm: Norm) -> Double {
    if norm == .l1 { return magnitude(update, width: width) { $0 } }
    var squares = SIMD8<Double>()
    var j = 0
    while j < width {
      let v = update.lanes(j)
      let low = SIMD8<Double>(v.lowHalf)
      let high = SIMD8<Double>(v.highHalf)
      squares += low * low
      squares += high * high
      j &+= 16
    }
    return squareSum(squares).squareRoot()
  }

  private static func magnitude(
    _ update: UnsafeMutablePointer<Float>, width: Int, _ scaled: (Float) -> Float
  ) -> Double {
    (0..<width).reduce(0.0) { $0 + Double(abs(scaled(update[$1]))) }
  }

  @inline(__always)
  private static func squareSum(_ v: SIMD8<Double>) -> Double {
    let four = v.lowHalf + v.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// Rounds towards zero. Selections are bit masks made of sign bits, which every vector unit can do; conversions
  /// and comparisons would be done lane by lane on some.
  @inline(__always)
  private func truncated(_ v: Lanes) -> Lanes {
    typealias Bits = SIMD16<Int32>
    let bits = unsafeBitCast(v, to: Bits.self)
    let magnitudeBits = bits & 0x7FFF_FFFF
    let magnitude = unsafeBitCast(magnitudeBits, to: Lanes.self)
    // Adding 2²³ rounds to the nearest integer; step back by 1 where that went up.
    let nearest = (magnitude + 0x1p23) - 0x1p23
    let wentUp = unsafeBitCast(magnitude - nearest, to: Bits.self) &>> 31
    let one = unsafeBitCast(Lanes(repeating: 1), to: Bits.self)
    let down = nearest - unsafeBitCast(wentUp & one, to: Lanes.self)
    // From 2²³ on every float is an integer already.
    let isLarge = (0x4AFF_FFFF &- magnitudeBits) &>> 31
    let chosen = (unsafeBitCast(down, to: Bits.self) & ~isLarge) | (magnitudeBits & isLarge)
    return unsafeBitCast(chosen | (bits & Int32.min), to: Lanes.self)
  }
}
