import NumericalCore

/// Digests of examples: of what was understood, not of how it was written.
struct ExampleDigest {
  private var message: [UInt32] = []

  /// Takes an example into the digest of those before it.
  mutating func add(_ example: ShardExample, to digest: inout SIMD8<UInt32>) {
    message.removeAll(keepingCapacity: true)
    for word in digest.indices { message.append(digest[word]) }
    message.append(example.label.bitPattern)
    message.append(UInt32(truncatingIfNeeded: example.coordinates.count))
    message += example.coordinates
    for value in example.values { message.append(value.bitPattern) }
    digest = message.withUnsafeBytes { SHA256.words(of: $0) }
  }
}
