import DifferentialPrivacy
import KernelSelection
import NumericalCore

/// What the noise of releases is drawn from.
package enum NoiseDraws: Sendable {
  /// The counter-based generator: for each round a stream of its own.
  /// - Parameter client: whose noise it is; nil: the coordinator's.
  case seeded(UInt64, client: Int?)
  /// The system's secure generator.
  case secure

  /// Standard normal numbers for a round, the first of them the same however many there are.
  func normalNumbers(round: Int, count: Int) -> [Double] {
    switch self {
    case .seeded(let seed, let client): VectorWidth.kernels.normalNumbers(stream(seed, client, round), count: count)
    case .secure: SecureRandomSource().normalNumbers(count: count)
    }
  }

  /// Whole numbers by a mechanism that draws bits, one for each of `sums`, added to it.
  func addInteger(
    to sums: UnsafeMutableBufferPointer<Double>, round: Int, by mechanism: some AdditiveMechanism
  ) {
    func add(from source: some RandomSource) {
      var source = source
      for j in sums.indices { sums[j] += Double(mechanism.release(0, from: &source)) }
    }
    switch self {
    case .seeded(let seed, let client): add(from: stream(seed, client, round))
    case .secure: add(from: SecureRandomSource())
    }
  }

  private func stream(_ seed: UInt64, _ client: Int?, _ round: Int) -> RandomStream {
    if let client {
      RandomStream(seed: seed, purpose: .clientNoise, round: round, client: client)
    } else {
      RandomStream(seed: seed, purpose: .noise, round: round)
    }
  }
}
