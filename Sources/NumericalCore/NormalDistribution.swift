/// Chebyshev coefficients of (1 + 2x)·eˣ²·erfc(x) in t = (x − 3.75)/(x + 3.75), the expansion of Shepherd and
/// Laframboise 1981, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞", computed to 50 digits.
private let scaledErfcCoefficients: [Double] = [
  1.1775789345674017541,
  -0.0045900545806464773309,
  -0.084249133366517915584,
  0.059209939998191890498,
  -0.026658668435305752277,
  0.0090749976707052650939,
  -0.0024131635404176081909,
  0.00049077583652580863229,
  -0.000069169733025012063671,
  4.1390279860730101675e-6,
  7.7403830661984906686e-7,
  -2.1886401049234395661e-7,
  1.0764999465670910377e-8,
  4.5219598112182868979e-9,
  -7.7544002088313511065e-10,
  -6.3180883408866844944e-11,
  2.8687950109306698981e-11,
  1.945586854577734723e-13,
  -9.6546967484334389059e-13,
  3.2525481481487398415e-14,
  3.3478119482868053878e-14,
  -1.8645628804193131015e-15,
  -1.2507950530688647085e-15,
  7.418235256624043463e-17,
  5.0681489047961113168e-17,
  -2.2370566594359995974e-18,
  -2.187342944303017665e-18,
]

/// eˣ²·erfc(x) for x ≥ 0, with relative error below 10⁻¹⁴: it never underflows.
func scaledErfc(_ x: Double) -> Double {
  let t = (x - 3.75) / (x + 3.75)
  // Clenshaw's recurrence.
  var next = 0.0
  var afterNext = 0.0
  for coefficient in scaledErfcCoefficients.dropFirst().reversed() {
    (next, afterNext) = (2 * t * next - afterNext + coefficient, next)
  }
  return (t * next - afterNext + scaledErfcCoefficients[0]) / (1 + 2 * x)
}

/// The complementary error function, with relative error below 10⁻¹³ for x up to 26, from basic arithmetic only.
public func deterministicErfc(_ x: Double) -> Double {
  if x < 0 { return 2 - deterministicErfc(-x) }
  if x > 27 { return 0 }
  // x² in two parts, so that rounding it does not cost digits of a large exponent.
  let high = Double(bitPattern: x.bitPattern & 0xFFFF_FFFF_F800_0000)
  let low = x - high
  return deterministicExp(-high * high) * deterministicExp(-low * (x + high)) * scaledErfc(x)
}

/// Mills' ratio P(X > x)/φ(x) of a standard normal X, for x ≥ 0: √(π/2)·e^(x²/2)·erfc(x/√2).
public func millsRatio(_ x: Double) -> Double {
  1.253_314_137_315_500_3 * scaledErfc(x * 0.707_106_781_186_547_5)
}

/// P(X > x) for a standard normal X, accurate in the far tail.
public func normalUpperTail(_ x: Double) -> Double { 0.5 * deterministicErfc(x * 0.707_106_781_186_547_5) }

/// eˣ − 1 without losing a small x.
public func deterministicExpMinusOne(_ x: Double) -> Double {
  if abs(x) > 0.1 { return deterministicExp(x) - 1 }
  var p = 1.0 / 3_628_800
  p = p * x + 1.0 / 362_880
  p = p * x + 1.0 / 40_320
  p = p * x + 1.0 / 5_040
  p = p * x + 1.0 / 720
  p = p * x + 1.0 / 120
  p = p * x + 1.0 / 24
  p = p * x + 1.0 / 6
  p = p * x + 0.5
  return p * x * x + x
}

/// ln(1 + x) without losing a small x, x > −1 (Kahan's correction of the rounding of 1 + x).
public func deterministicLogOnePlus(_ x: Double) -> Double {
  let u = 1 + x
  if u == 1 { return x }
  return deterministicLog(u) * (x / (u - 1))
}
