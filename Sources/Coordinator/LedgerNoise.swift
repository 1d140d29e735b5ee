import DifferentialPrivacy

extension NoiseSource {
  /// What a ledger says about the noise of a run that starts now.
  /// - Parameter seed: of the run.
  func noise(seed: UInt64) -> LedgerOpening.Noise {
    switch self {
    case .seeded: .seeded(seed)
    case .secure: .secure()
    }
  }
}
