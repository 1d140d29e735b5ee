import DifferentialPrivacy
import NumericalCore
import Scenarios

/// The noise of a run, fixed before its first round, and what each round's release is called in the ledger.
package struct PrivacyPlan: Sendable {
  package let settings: Privacy
  /// Standard deviation of the noise over the sensitivity.
  package let noiseMultiplier: Double
  private let cohort: Cohort
  private let clients: Int

  /// Calibrates the noise where the scenario asks for an ε.
  /// - Throws: `AccountingError` when no noise meets the target or the accountant has no proof.
  package init(_ settings: Privacy, training: Training, clients: Int) throws {
    self.settings = settings
    self.clients = clients
    cohort = training.cohort
    switch settings.noise {
    case .multiplier(let multiplier): noiseMultiplier = multiplier
    case .calibrated(let epsilon):
      noiseMultiplier = try Calibration.noiseMultiplier(
        epsilon: epsilon, delta: settings.delta, adjacency: settings.adjacency,
        accountant: settings.accountant.accountant
      ) { multiplier in
        let event = Self.event(training.cohort, clients: clients, noiseMultiplier: multiplier)
        return [RepeatedEvent(event, count: training.rounds)]
      }
    }
  }

  /// The rounds that the scenario's budget allows; nil where there is no budget.
  /// - Throws: `AccountingError` when it does not allow even one.
  package func roundsWithinBudget() throws -> Int? {
    try settings.budget.map { budget in
      try Calibration.rounds(
        epsilon: budget, delta: settings.delta, adjacency: settings.adjacency,
        accountant: settings.accountant.accountant
      ) { rounds in
        let event = Self.event(cohort, clients: clients, noiseMultiplier: noiseMultiplier)
        return [RepeatedEvent(event, count: rounds)]
      }
    }
  }

  /// How far one unit can move the sum of clipped updates: C when it is added or removed, 2C when it is replaced
  /// (or when it changes who else is sampled, which fixed-size sampling is only used with replacement for).
  package var sensitivity: Double { settings.clippingNorm * sensitivityInNorms }

  private var sensitivityInNorms: Double { settings.adjacency == .replaceOne ? 2 : 1 }

  /// The noise of one round.
  /// - Parameter lattice: the lattice that updates are on.
  package func noise(on lattice: Lattice) -> GaussianLatticeNoise {
    GaussianLatticeNoise(standardDeviation: noiseMultiplier * sensitivityInNorms * lattice.stepsPerNorm)
  }

  /// The ledger's entry for a release to which `noise` was added.
  package func entry(round: Int, noise: GaussianLatticeNoise, lattice: Lattice) -> LedgerEntry {
    let deviation = noise.standardDeviation * lattice.spacing
    return LedgerEntry(
      round: round,
      event: Self.event(cohort, clients: clients, noiseMultiplier: deviation / sensitivity),
      adjacency: settings.adjacency, unit: settings.unit.rawValue, sensitivity: sensitivity,
      noiseStandardDeviation: deviation)
  }

  /// ε of a ledger at the scenario's δ, by the scenario's accountant.
  package func epsilon(of ledger: [LedgerEntry]) throws -> EpsilonBracket {
    try settings.accountant.accountant.epsilon(
      of: RepeatedEvent.grouping(ledger.map(\.event)), adjacency: settings.adjacency, delta: settings.delta)
  }

  private static func event(_ cohort: Cohort, clients: Int, noiseMultiplier: Double) -> PrivacyEvent {
    switch cohort.sampling {
    case .full: .gaussian(noiseMultiplier: noiseMultiplier)
    case .poisson:
      .poissonSampledGaussian(
        samplingRate: cohort.samplingRate(clients: clients), noiseMultiplier: noiseMultiplier)
    case .fixedSize:
      .fixedSizeSampledGaussian(
        sample: cohort.expectedSize, population: clients, noiseMultiplier: noiseMultiplier)
    }
  }
}
