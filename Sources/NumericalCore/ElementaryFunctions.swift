// Exponential, logarithm, sine and cosine from basic arithmetic only.
//
// The C library's versions differ in their last bits between platforms and releases, and a run's digest must
// not (design law 1). IEEE 754 fixes + − × ÷ and √ exactly, so these functions give the same bits everywhere.
// They are branch-free over their working range, so that a loop over a buffer vectorises; `Tests/
// NumericalCoreTests` checks their error against a high-precision reference.

/// eˣ for doubles. Relative error below 2⁻⁵⁰; overflows to infinity above 709.78, is 0 below −745.
///
/// Argument reduction by Cody and Waite (1980), then the Taylor polynomial on |r| ≤ ln 2 / 2.
@inlinable @inline(__always)
public func deterministicExp(_ x: Double) -> Double {
  let clamped = max(min(x, 710), -746)
  // Adding 1.5·2⁵² rounds to the nearest integer and leaves it in the low bits.
  let shifted = clamped * 1.442_695_040_888_963_4 + 0x1.8p52
  let k = shifted - 0x1.8p52
  let r = (clamped - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33
  var p = 1.0 / 6_227_020_800
  p = p * r + 1.0 / 479_001_600
  p = p * r + 1.0 / 39_916_800
  p = p * r + 1.0 / 3_628_800
  p = p * r + 1.0 / 362_880
  p = p * r + 1.0 / 40_320
  p = p * r + 1.0 / 5_040
  p = p * r + 1.0 / 720
  p = p * r + 1.0 / 120
  p = p * r + 1.0 / 24
  p = p * r + 1.0 / 6
  p = p * r + 0.5
  p = p * r * r + r
  // 2ᵏ in two factors, so that neither leaves the normal range while the result is a subnormal or near the top.
  let exponent = Int64(bitPattern: shifted.bitPattern) &- 0x4338_0000_0000_0000
  let half = exponent &>> 1
  let first = Double(bitPattern: UInt64(bitPattern: (half &+ 1023) &<< 52))
  let second = Double(bitPattern: UInt64(bitPattern: (exponent &- half &+ 1023) &<< 52))
  return (1 + p) * first * second
}

/// eˣ for single precision. Relative error below 2⁻²²; saturates at e^±87.
@inlinable @inline(__always)
public func deterministicExp(_ x: Float) -> Float {
  let clamped = max(min(x, 87), -87)
  let shifted = clamped * 1.442_695_04 + 0x1.8p23
  let k = shifted - 0x1.8p23
  let r = (clamped - k * 0x1.62e4p-1) - k * 0x1.7f7d1cp-20
  var p: Float = 1.0 / 5040
  p = p * r + 1.0 / 720
  p = p * r + 1.0 / 120
  p = p * r + 1.0 / 24
  p = p * r + 1.0 / 6
  p = p * r + 0.5
  p = p * r * r + r
  let exponent = Int32(bitPattern: shifted.bitPattern) &- 0x4B40_0000
  return (1 + p) * Float(bitPattern: UInt32(bitPattern: (exponent &+ 127) &<< 23))
}

/// Natural logarithm of a positive, finite, normal double. Absolute error below 2⁻⁵² + 2⁻⁵¹·|ln x|.
///
/// ln x = k·ln 2 + ln m with √½ < m ≤ √2, and ln m = 2·artanh(f), f = (m − 1)/(m + 1).
@inlinable @inline(__always)
public func deterministicLog(_ x: Double) -> Double {
  // Subtracting the bits of √½ makes the exponent field count octaves from √½ instead of from 1.
  let offset = x.bitPattern &- 0x3FE6_A09E_667F_3BCD
  let octave = offset & 0xFFF0_0000_0000_0000
  let m = Double(bitPattern: x.bitPattern &- octave)
  // The signed exponent as a double by its bit pattern: vectorises where an integer conversion would not.
  let biased = (octave &>> 52) ^ 0x800
  let k = Double(bitPattern: 0x4330_0000_0000_0000 | biased) - (0x1p52 + 2048)
  let f = (m - 1) / (m + 1)
  let s = f * f
  var p = 2.0 / 21
  p = p * s + 2.0 / 19
  p = p * s + 2.0 / 17
  p = p * s + 2.0 / 15
  p = p * s + 2.0 / 13
  p = p * s + 2.0 / 11
  p = p * s + 2.0 / 9
  p = p * s + 2.0 / 7
  p = p * s + 2.0 / 5
  p = p * s + 2.0 / 3
  let logM = 2 * f + f * s * p
  return k * 0x1.62e42feep-1 + (logM + k * 0x1.a39ef35793c76p-33)
}

/// sin(2πt) and cos(2πt) for t in [0, 1). Absolute error below 2⁻⁵¹.
///
/// Working in turns makes the reduction exact: t is moved into [−⅛, ⅛] by a multiple of ¼.
@inlinable @inline(__always)
public func deterministicSineCosine(turns t: Double) -> (sine: Double, cosine: Double) {
  let shifted = t * 4 + 0x1.8p52
  let quarter = shifted.bitPattern & 3
  let r = t - (shifted - 0x1.8p52) * 0.25
  let a = r * 6.283_185_307_179_586
  let s = a * a
  var p = -1.0 / 1_307_674_368_000
  p = p * s + 1.0 / 6_227_020_800
  p = p * s - 1.0 / 39_916_800
  p = p * s + 1.0 / 362_880
  p = p * s - 1.0 / 5_040
  p = p * s + 1.0 / 120
  p = p * s - 1.0 / 6
  let sine = a + a * s * p
  var q = 1.0 / 20_922_789_888_000
  q = q * s - 1.0 / 87_178_291_200
  q = q * s + 1.0 / 479_001_600
  q = q * s - 1.0 / 3_628_800
  q = q * s + 1.0 / 40_320
  q = q * s - 1.0 / 720
  q = q * s + 1.0 / 24
  let cosine = 1 - s * 0.5 + s * s * q
  // Rotate by `quarter` quarter turns: swap on odd, then set the signs, all by bit masks.
  let swap = 0 &- (quarter & 1)
  let sineBits = (sine.bitPattern & ~swap) | (cosine.bitPattern & swap)
  let cosineBits = (cosine.bitPattern & ~swap) | (sine.bitPattern & swap)
  let sineSign = (quarter & 2) &<< 62
  let cosineSign = ((quarter &+ 1) & 2) &<< 62
  return (Double(bitPattern: sineBits ^ sineSign), Double(bitPattern: cosineBits ^ cosineSign))
}

/// The logistic function 1 / (1 + e⁻ᶻ) in single precision.
@inlinable @inline(__always)
public func sigmoid(_ z: Float) -> Float { 1 / (1 + deterministicExp(-z)) }

/// The logistic function 1 / (1 + e⁻ᶻ).
@inlinable @inline(__always)
public func sigmoid(_ z: Double) -> Double { 1 / (1 + deterministicExp(-z)) }

/// ln(1 + eᶻ), the logistic loss of a negative example with logit z, without overflow.
@inlinable @inline(__always)
public func softplus(_ z: Double) -> Double {
  max(z, 0) + deterministicLog(1 + deterministicExp(-abs(z)))
}
