import DifferentialPrivacy
import FederationProtocol

extension ClientNoise {
  /// The noise: what the ledger's entry is made of on the coordinator, and what is drawn from in the worker.
  /// - Throws: `AccountingError` when a parameter is out of range.
  package var process: any NoiseProcess {
    get throws {
      switch kind {
      case .gaussian:
        guard
          IndependentGaussian.deviation(multiplier: multiplier, sensitivity: sensitivity, countMultiplier: nil)
            < GaussianLatticeNoise.largestDeviation
        else { throw AccountingError.invalidEvent("noise multiplier \(multiplier) is too much for a lattice") }
        return IndependentGaussian(multiplier: multiplier, sensitivity: sensitivity)
      case .laplace: return try IndependentLaplace(multiplier: multiplier, sensitivity: sensitivity)
      }
    }
  }
}
