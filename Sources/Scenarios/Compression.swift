import NumericalCore

/// How a client shortens the message that carries its update: fewer coordinates, fewer bits for each.
package struct Compression: Sendable, Equatable {
  /// Which coordinates are sent.
  package enum Sparsification: String, CaseIterable, Sendable {
    case none
    /// Those with the largest magnitude (Aji and Heafield 2017, "Sparse communication for distributed gradient descent",
    /// without what is left over: clients remember nothing). Biased.
    case topK = "top-k"
    /// A random part, scaled up so that the mean is the whole update (Konečný et al. 2016, "Federated learning: strategies
    /// for improving communication efficiency", section 3, "subsampling").
    case random
  }

  /// How coordinates are written.
  package struct Quantization: Sendable, Equatable {
    /// Bits of a coordinate.
    package let bits: Int
    /// The largest magnitude that is written, in units of the model; larger ones are cut to it.
    package let range: Double

    /// The levels on a round's lattice.
    package func grid(on lattice: Lattice) -> RoundingGrid {
      // No coordinate of a clipped update is beyond the clipping norm.
      let range = min(range, lattice.clippingNorm)
      return RoundingGrid(bits: bits, range: max(1, Int((range / lattice.spacing).rounded(.up))))
    }
  }

  package let sparsification: Sparsification
  /// Share of the coordinates that are sent; 1 without sparsification.
  package let share: Double
  /// nil: coordinates are floats of 32 bits.
  package let quantization: Quantization?

  init(_ reader: ObjectReader) {
    sparsification = reader.choice(
      "sparsification", Sparsification.self, default: .none, "which coordinates of an update are sent")
    let sparse = ObjectReader.Condition(
      holds: sparsification != .none, meaning: "sparsification \"top-k\" or \"random\"")
    let share = reader.number(
      "share", 1e-6...1, default: 0.1, when: sparse, "top-k, random: share of the coordinates that are sent")
    self.share = sparsification == .none ? 1 : share
    let bits = reader.optionalInteger("bits", 1...16, "bits of a coordinate, by unbiased random rounding")
    let range = reader.optionalNumber(
      "range", 1e-9...1e6, "bits: largest magnitude of a coordinate that is written; larger ones are cut to it")
    quantization = bits.map { Quantization(bits: $0, range: range ?? 1) }
    guard !reader.session.describing else { return }
    switch (bits, range) {
    case (_?, nil): reader.problem("range", "is missing; allowed with bits: a number from 1e-09 to 1000000.0")
    case (nil, _?): reader.problem("range", "only has a meaning with bits: leave it out")
    case (nil, nil) where sparsification == .none:
      reader.problem("bits", "is missing, and sparsification too: give one of them, or leave the section out")
    default: break
    }
  }

  /// How many coordinates of a model a client sends at most.
  package func coordinates(of dimension: Int) -> Int {
    max(1, min(dimension, Int((share * Double(dimension)).rounded(.up))))
  }
}

extension Optional<Compression> {
  /// What no clipped update is longer than when it leaves its client: the clipping norm, or, where random rounding can
  /// lengthen an update, more.
  /// - Returns: L2, in lattice steps.
  package func largestNorm(on lattice: Lattice, dimension: Int) -> Double {
    guard let self, let grid = self.quantization?.grid(on: lattice) else { return lattice.stepsPerNorm }
    return grid.largestNorm(ofRounded: lattice.stepsPerNorm, coordinates: self.coordinates(of: dimension))
  }
}
