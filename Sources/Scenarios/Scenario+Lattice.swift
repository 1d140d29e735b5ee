import NumericalCore

extension Scenario {
  /// The lattice that updates are written on; coordinator and workers must agree on it.
  package var lattice: Lattice { lattice(clippingNorm: privacy?.clippingNorm ?? 1) }

  /// The lattice of a round whose clipping norm is `clippingNorm`.
  package func lattice(clippingNorm: Double) -> Lattice {
    privacy == nil ? .withoutPrivacy : .clipped(to: clippingNorm)
  }
}
