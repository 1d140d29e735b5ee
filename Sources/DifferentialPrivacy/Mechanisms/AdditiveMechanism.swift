/// A mechanism that adds whole noise to a whole number.
///
/// Numbers that are not whole are put on a lattice first: choose a step, round, and measure the sensitivity in steps.
public protocol AdditiveMechanism: Sendable {
  /// How far one unit can move the number.
  var sensitivity: Int { get }
  /// What one release is in a ledger.
  var event: PrivacyEvent { get }
  /// Variance of the noise.
  var variance: Double { get }
  /// The value with noise.
  func release(_ value: Int, from source: inout some RandomSource) -> Int
}
