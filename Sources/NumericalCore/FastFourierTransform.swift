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
    var stride = 1
    var half = count / 2
    while half >= 1 {
      Self.pass(
        from: sequence, to: &other, half: half, stride: stride, cosines: cosines, sines: sines, sign: sign)
      swap(&sequence, &other)
      half /= 2
      stride *= 2
    }
  }

  private static func pass(
    from source: ComplexSequence, to target: inout ComplexSequence, half: Int, stride: Int, cosines: [Double],
    sines: [Double], sign: Double
  ) {
    source.real.withUnsafeBufferPointer { xr in
      source.imaginary.withUnsafeBufferPointer { xi in
        target.real.withUnsafeMutableBufferPointer { yr in
          target.imaginary.withUnsafeMutableBufferPointer { yi in
            for p in 0..<half {
              let wr = cosines[p &* stride]
              let wi = sign * sines[p &* stride]
              let a = p &* stride
              let b = (p &+ half) &* stride
              let even = 2 &* p &* stride
              let odd = even &+ stride
              for q in 0..<stride {
                let (ar, ai) = (xr[a &+ q], xi[a &+ q])
                let (br, bi) = (xr[b &+ q], xi[b &+ q])
                yr[even &+ q] = ar + br
                yi[even &+ q] = ai + bi
                let (dr, di) = (ar - br, ai - bi)
                yr[odd &+ q] = dr * wr - di * wi
                yi[odd &+ q] = dr * wi + di * wr
              }
            }
          }
        }
      }
    }
  }
}
