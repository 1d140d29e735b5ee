/// The integer lattice that clipped updates live on: every coordinate is a whole number of steps, so sums are
/// exact and their order cannot matter (design law 1), and the norm check is exact (design, "A round").
public struct Lattice: Equatable, Sendable {
  /// The L2 norm C that updates are clipped to.
  public let clippingNorm: Double
  /// The clipping norm is 2^bits steps.
  public let bits: Int

  /// The lattice of spacing C·2⁻²⁴ that privacy is proved on.
  public static func clipped(to norm: Double) -> Lattice { Lattice(clippingNorm: norm, bits: 24) }

  /// A wide lattice for runs without a guarantee: it only serves exact sums. Updates beyond norm 64 are scaled
  /// down to it; the spacing, 2.4·10⁻⁷, is that of a float near 2.
  public static let withoutPrivacy = Lattice(clippingNorm: 64, bits: 28)

  /// Sums of at most this many updates are exact in doubles: each coordinate stays within 2⁵² steps.
  public static let mostUpdatesInASum = 1 << 24

  /// The length of one step in model units.
  public var spacing: Double { clippingNorm / stepsPerNorm }

  /// 2^bits.
  public var stepsPerNorm: Double { Double(sign: .plus, exponent: bits, significand: 1) }
}
