/// A complex sequence as two arrays of equal length.
public struct ComplexSequence: Sendable {
  /// Real parts.
  public var real: [Double]
  /// Imaginary parts, as many.
  public var imaginary: [Double]

  /// A real sequence.
  public init(real: [Double]) {
    self.real = real
    imaginary = [Double](repeating: 0, count: real.count)
  }

  /// Every element to the power `exponent` ≥ 1, by repeated squaring.
  public func raised(to exponent: Int) -> ComplexSequence {
    precondition(exponent >= 1)
    var power = self
    var base = self
    var rest = exponent - 1
    while rest > 0 {
      if rest & 1 == 1 { power.multiply(by: base) }
      rest >>= 1
      if rest > 0 { base.multiply(by: base) }
    }
    return power
  }

  /// The spectra of the real and of the imaginary part, where this is the spectrum of a sequence whose parts are two
  /// real sequences: X[k] = (Z[k] + Z̄[n − k])/2, Y[k] = (Z[k] − Z̄[n − k])/2i.
  public var spectraOfParts: (real: ComplexSequence, imaginary: ComplexSequence) {
    let n = real.count
    var x = ComplexSequence(real: real)
    var y = ComplexSequence(real: real)
    for k in 0..<n {
      let m = k == 0 ? 0 : n - k
      x.real[k] = (real[k] + real[m]) / 2
      x.imaginary[k] = (imaginary[k] - imaginary[m]) / 2
      y.real[k] = (imaginary[k] + imaginary[m]) / 2
      y.imaginary[k] = (real[m] - real[k]) / 2
    }
    return (x, y)
  }

  /// Adds i times another sequence.
  public mutating func addTimesI(_ other: ComplexSequence) {
    for k in real.indices {
      real[k] -= other.imaginary[k]
      imaginary[k] += other.real[k]
    }
  }

  /// Multiplies element by element.
  public mutating func multiply(by other: ComplexSequence) {
    let count = real.count
    precondition(other.real.count == count)
    real.withUnsafeMutableBufferPointer { a in
      imaginary.withUnsafeMutableBufferPointer { b in
        other.real.withUnsafeBufferPointer { c in
          other.imaginary.withUnsafeBufferPointer { d in
            for i in 0..<count {
              let (x, y) = (a[i], b[i])
              a[i] = x * c[i] - y * d[i]
              b[i] = x * d[i] + y * c[i]
            }
          }
        }
      }
    }
  }
}

/// The discrete Fourier transform of a fixed power-of-two length (Cooley and Tukey 1965; Stockham's form, which
/// needs no bit reversal). Twiddle factors come from our own sine and cosine, so the bits are the same everywhere.
public struct FastFourierTransform: Sendable {
  /// The length, a power of two.
  public let count: Int
  private let cosines: [Double]
  private let sines: [Double]

  /// Prepares the twiddle factors.
  /// - Parameter count: a power of two, at least 2.
  public init(count: Int) {
    precondition(count >= 2 && count & (count - 1) == 0)
    self.count = count
    var cosines: [Double] = []
    var sines: [Double] = []
    cosines.reserveCapacity(count / 2)
    sines.reserveCapacity(count / 2)
    for k in 0..<count / 2 {
      let (sine, cosine) = deterministicSineCosine(turns: Double(k) / Double(count))
      cosines.append(cosine)
      sines.append(sine)
    }
    self.cosines = cosines
    self.sines = sines
  }

  /// X[k] = Σ x[j]·e^(−2πijk/n).
  public func forward(_ sequence: inout ComplexSequence) { transform(&sequence, sign: -1) }

  /// x[j] = (1/n)·Σ X[k]·e^(2πijk/n).
  public func inverse(_ sequence: inout ComplexSequence) {
    transform(&sequence, sign: 1)
    let scale = 1 / Double(count)
    for i in 0..<count {
      sequence.real[i] *= scale
      sequence.imaginary[i] *= scale
    }
  }

  private func transform(_ sequence: inout ComplexSequence, sign: Double) {
    precondition(sequence.real.count == count)
    var other = sequence
    var length = count
    var stride = 1
    while length >= 4 {
      pass4(from: sequence, to: &other, quarter: length / 4, stride: stride, sign: sign)
      swap(&sequence, &other)
      length /= 4
      stride *= 4
    }
    if length == 2 {
      pass2(from: sequence, to: &other, stride: stride)
      swap(&sequence, &other)
    }
  }

  /// The last pass of a length that is not a power of four: its twiddle factors are 1.
  private func pass2(from source: ComplexSequence, to target: inout ComplexSequence, stride: Int) {
    for q in 0..<stride {
      let (ar, ai) = (source.real[q], source.imaginary[q])
      let (br, bi) = (source.real[q + stride], source.imaginary[q + stride])
      target.real[q] = ar + br
      target.imaginary[q] = ai + bi
      target.real[q + stride] = ar - br
      target.imaginary[q + stride] = ai - bi
    }
  }

  /// Four interleaved transforms of a quarter of the length each.
  private func pass4(
    from source: ComplexSequence, to target: inout ComplexSequence, quarter: Int, stride: Int, sign: Double
  ) {
    source.real.withUnsafeBufferPointer { xr in
      source.imaginary.withUnsafeBufferPointer { xi in
        target.real.withUnsafeMutableBufferPointer { yr in
          target.imaginary.withUnsafeMutableBufferPointer { yi in
            cosines.withUnsafeBufferPointer { cosines in
              sines.withUnsafeBufferPointer { sines in
                for p in 0..<quarter {
                  // e^(±2πi·p/length) to the powers 1, 2 and 3.
                  let (c1, s1) = (cosines[p &* stride], sign * sines[p &* stride])
                  let (c2, s2) = (c1 * c1 - s1 * s1, 2 * c1 * s1)
                  let (c3, s3) = (c1 * c2 - s1 * s2, c1 * s2 + s1 * c2)
                  let a = p &* stride
                  let b = a &+ quarter &* stride
                  let c = b &+ quarter &* stride
                  let d = c &+ quarter &* stride
                  let t = 4 &* a
                  for q in 0..<stride {
                    let (ar, ai, cr, ci) = (xr[a &+ q], xi[a &+ q], xr[c &+ q], xi[c &+ q])
                    let (br, bi, dr, di) = (xr[b &+ q], xi[b &+ q], xr[d &+ q], xi[d &+ q])
                    let (er, ei, fr, fi) = (ar + cr, ai + ci, ar - cr, ai - ci)
                    let (gr, gi) = (br + dr, bi + di)
                    // ±i·(b − d)
                    let (hr, hi) = (-sign * (bi - di), sign * (br - dr))
                    let k = t &+ q
                    yr[k] = er + gr
                    yi[k] = ei + gi
                    let (ur, ui) = (fr + hr, fi + hi)
                    yr[k &+ stride] = ur * c1 - ui * s1
                    yi[k &+ stride] = ur * s1 + ui * c1
                    let (vr, vi) = (er - gr, ei - gi)
                    yr[k &+ 2 &* stride] = vr * c2 - vi * s2
                    yi[k &+ 2 &* stride] = vr * s2 + vi * c2
                    let (wr, wi) = (fr - hr, fi - hi)
                    yr[k &+ 3 &* stride] = wr * c3 - wi * s3
                    yi[k &+ 3 &* stride] = wr * s3 + wi * c3
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
