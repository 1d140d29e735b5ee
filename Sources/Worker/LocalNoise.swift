import DifferentialPrivacy
import NumericalCore
import Scenarios

/// The noise that a client adds to its own update before anything leaves the worker.
enum LocalNoise {
  case gaussian(GaussianLatticeNoise)
  case laplace(DiscreteLaplaceMechanism)

  /// Nothing when the coordinator adds the noise.
  /// - Parameter multiplier: noise over the sensitivity of replacing a client, which is twice the clipping norm.
  init?(_ privacy: Privacy?, multiplier: Double, lattice: Lattice) {
    guard let privacy, privacy.trust == .local, multiplier > 0 else { return nil }
    switch privacy.mechanism {
    case .gaussian:
      self = .gaussian(GaussianLatticeNoise(standardDeviation: 2 * multiplier * lattice.stepsPerNorm))
    case .laplace:
      guard
        let mechanism = try? DiscreteLaplaceMechanism(
          sensitivity: 2 * Int(lattice.stepsPerNorm), epsilon: 1 / multiplier)
      else { return nil }
      self = .laplace(mechanism)
    }
  }

  /// Adds noise to every coordinate.
  func add(to sums: UnsafeMutableBufferPointer<Double>, from source: some RandomSource) {
    switch self {
    case .gaussian(let noise):
      source.normalNumbers(count: sums.count).withUnsafeBufferPointer { noise.add(normal: $0, to: sums) }
    case .laplace(let mechanism):
      var source = source
      for j in sums.indices { sums[j] += Double(mechanism.release(0, from: &source)) }
    }
  }
}
