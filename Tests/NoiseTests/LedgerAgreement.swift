import DifferentialPrivacy
import Testing

/// Whether an entry's event, from which ε is computed, is that of the noise and the sensitivity that it states.
enum LedgerAgreement {
  static func holds(_ entry: LedgerEntry) -> Bool {
    let ratio = entry.noiseStandardDeviation / entry.sensitivity
    switch entry.event {
    case .gaussian(let multiplier), .poissonSampledGaussian(_, let multiplier),
      .fixedSizeSampledGaussian(_, _, let multiplier):
      // Sum and count are one Gaussian mechanism: 1/z² adds up (Andrew et al. 2021, theorem 1).
      let count = entry.countNoiseMultiplier.map { 1 / ($0 * $0) } ?? 0
      return isClose(1 / (multiplier * multiplier), 1 / (ratio * ratio) + count)
    case .pure(let epsilon):
      // Laplace noise of scale b deviates by √2·b.
      return isClose(epsilon, 2.0.squareRoot() / ratio)
    default:
      Issue.record("\(entry.event.name) is an event whose noise no test here measures")
      return false
    }
  }

  static func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }
}
