import DifferentialPrivacy
import Scenarios

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

extension Ledger {
  /// The ledger of a file of queries.
  /// - Parameters:
  ///   - answers: one a query that was asked, or refused.
  ///   - participations: how often clients were asked.
  init(
    _ scenario: QueryScenario, noise: LedgerOpening.Noise, entries: [LedgerEntry], answers: [QueryAnswer],
    participations: Int
  ) {
    let protection = scenario.protection
    self.init(
      opening: LedgerOpening(
        name: scenario.name, seed: scenario.seed, clients: scenario.population.clients,
        promise: LedgerOpening.Promise(
          unit: Privacy.Unit.client.rawValue, trust: protection.trust.rawValue, adjacency: protection.adjacency,
          delta: protection.delta, accountant: protection.accountant), noise: noise),
      entries: entries,
      closing: LedgerClosing(
        entries: entries.count, rounds: answers.count,
        contacts: [LedgerClosing.Contacts(tier: nil, participations: participations)],
        unanswered: answers.indices.filter { answers[$0].release == nil }.map { $0 + 1 }))
  }
}

extension LedgerOpening {
  /// The first line of a run's ledger.
  /// - Parameter noise: what identifies the run's noise.
  init(_ scenario: Scenario, noise: Noise) {
    let promise = scenario.privacy.map {
      Promise(
        unit: $0.unit.rawValue, trust: $0.trust.rawValue, adjacency: $0.adjacency, delta: $0.delta,
        accountant: $0.accountant)
    }
    self.init(
      name: scenario.name, seed: scenario.seed, clients: scenario.population.clients, promise: promise,
      tiers: (scenario.privacy?.tiers?.tiers ?? []).map {
        Tier(name: $0.name, share: $0.share, epsilon: $0.epsilon)
      },
      noise: promise == nil ? nil : noise)
  }
}
