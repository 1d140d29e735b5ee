/// The noise that each client of a round is to add to its own update: the one value that both the client draws by and the
/// ledger's entry is made of.
package struct ClientNoise: Equatable, Sendable {
  /// The distribution. Values are part of the wire format.
  package enum Kind: UInt8, Sendable {
    case gaussian = 0
    case laplace = 1
  }

  package let kind: Kind
  /// Scale of the noise over the sensitivity, in (0, 10⁵].
  package let multiplier: Double
  /// How far a client can move a sum, in lattice steps, in [1, 2⁴⁰].
  package let sensitivity: Double

  package init(kind: Kind, multiplier: Double, sensitivity: Double) {
    self.kind = kind
    self.multiplier = multiplier
    self.sensitivity = sensitivity
  }
}

extension ByteWriter {
  /// A flag, and the noise where there is one.
  mutating func noise(_ noise: ClientNoise?) {
    integer(UInt8(noise == nil ? 0 : 1))
    guard let noise else { return }
    integer(noise.kind.rawValue)
    integer(noise.multiplier.bitPattern)
    integer(noise.sensitivity.bitPattern)
  }
}

extension ByteReader {
  /// What `ByteWriter.noise` wrote.
  mutating func noise(in kind: Frame.Kind) throws -> ClientNoise? {
    guard try flag() else { return nil }
    let distribution = ClientNoise.Kind(rawValue: try integer(UInt8.self))
    let multiplier = Double(bitPattern: try integer(UInt64.self))
    let sensitivity = Double(bitPattern: try integer(UInt64.self))
    guard let distribution, multiplier > 0, multiplier <= 1e5, sensitivity >= 1, sensitivity <= 0x1p40 else {
      throw ProtocolError.malformed(kind)
    }
    return ClientNoise(kind: distribution, multiplier: multiplier, sensitivity: sensitivity)
  }
}
