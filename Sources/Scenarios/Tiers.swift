import NumericalCore

/// Groups of clients with privacy targets of their own. Which client belongs to which is public, and drawn from the seed.
package struct Tiers: Sendable, Equatable {
  /// One group.
  package struct Tier: Sendable, Equatable {
    package let name: String
    /// Share of all clients.
    package let share: Double
    /// The ε that its clients accept; nil: they opted out and are never contacted.
    package let epsilon: Double?
  }

  /// In the order of their names.
  package let tiers: [Tier]

  init(_ readers: [(name: String, reader: ObjectReader)]) {
    tiers = readers.map { name, reader in
      Tier(
        name: name, share: reader.number("share", 0...1, "share of all clients; all shares add up to 1"),
        epsilon: reader.optionalNumber(
          "epsilon", 0.001...1000,
          "the ε that these clients accept; left out: they opted out and are never contacted"))
    }
  }

  /// The tier of a client.
  /// - Parameter client: training clients from 0, held-out clients on from there.
  package func index(ofClient client: Int, seed: UInt64) -> Int {
    var stream = RandomStream(seed: seed, purpose: .tier, client: client)
    var left = stream.nextUniform()
    for (index, tier) in tiers.enumerated() {
      left -= tier.share
      if left < 0 { return index }
    }
    // Shares add up to 1 but for rounding; what is left over belongs to the last tier that has a share.
    return tiers.lastIndex { $0.share > 0 } ?? tiers.count - 1
  }
}
