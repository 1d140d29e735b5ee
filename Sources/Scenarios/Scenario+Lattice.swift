import NumericalCore

extension Scenario {
  /// The lattice that updates are written on; coordinator and workers must agree on it.
  package var lattice: Lattice {
    privacy.map { Lattice.clipped(to: $0.clippingNorm) } ?? .withoutPrivacy
  }
}
