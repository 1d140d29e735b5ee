import DifferentialPrivacy
import NumericalCore
import Scenarios

/// Draws the clients of a round. A seeded cohort is a pure function of (seed, round); a secure one is drawn anew each time
/// it is asked for.
package struct CohortSampler: Sendable {
  private let settings: Cohort
  private let clients: Int
  private let seed: UInt64
  private let source: NoiseSource
  /// The sampling rate q of Poisson sampling: with tiers, the largest of theirs.
  private let rate: Double
  private let tiers: (tiers: Tiers, rates: [Double])?
  private let keys: DrawKeys

  /// - Parameters:
  ///   - clients: the public population size.
  ///   - source: where chance comes from. Amplification by sampling holds against those who cannot tell who was drawn.
  ///   - tiers: groups of clients with sampling rates of their own, Poisson sampling only.
  ///   - keys: what the tier of a client is drawn by.
  package init(
    settings: Cohort, clients: Int, seed: UInt64, source: NoiseSource = .seeded,
    tiers: (tiers: Tiers, rates: [Double])? = nil, keys: DrawKeys = .numbers
  ) {
    self.settings = settings
    self.clients = clients
    self.seed = seed
    self.source = source
    self.tiers = tiers
    self.keys = keys
    rate = tiers?.rates.max() ?? settings.samplingRate(clients: clients)
  }

  /// Whether every round takes everyone.
  var isFull: Bool { settings.sampling == .full || (settings.expectedSize == clients && tiers == nil) }

  /// The cohort of round `round`, ascending.
  package func cohort(round: Int) -> [UInt32] {
    switch source {
    case .seeded:
      var stream = RandomStream(seed: seed, purpose: .cohort, round: round)
      return cohort(from: &stream) {
        RandomStream(seed: seed, purpose: .tierSampling, round: round, client: Int($0))
      }
    case .secure:
      var system = SecureRandomSource()
      return cohort(from: &system) { _ in SecureRandomSource() }
    }
  }

  /// - Parameter thinning: what decides whether a client that was drawn is taken at its tier's rate.
  private func cohort<Source: UniformSource>(
    from source: inout Source, thinning: (UInt32) -> Source
  ) -> [UInt32] {
    switch settings.sampling {
    case .full: (0..<UInt32(clients)).map { $0 }
    case .poisson: poisson(&source).filter { isTaken($0, by: thinning) }
    case .fixedSize: fixedSize(&source)
    }
  }

  /// Each client independently: the gaps between sampled clients are geometric, so that the cost is the cohort's
  /// and not the population's. Drawing a size first and then that many clients would not be Poisson sampling.
  private func poisson(_ source: inout some UniformSource) -> [UInt32] {
    if rate >= 1 { return (0..<UInt32(clients)).map { $0 } }
    let logAbsence = deterministicLogOnePlus(-rate)
    var cohort: [UInt32] = []
    var client = source.nextGeometric(logFailure: logAbsence)
    while client < clients {
      cohort.append(UInt32(client))
      client += 1 + source.nextGeometric(logFailure: logAbsence)
    }
    return cohort
  }

  /// Thins a draw at the largest rate to the rate of the client's own tier. A tier that opted out has rate 0.
  private func isTaken(_ client: UInt32, by thinning: (UInt32) -> some UniformSource) -> Bool {
    guard let tiers else { return true }
    let own = tiers.rates[tiers.tiers.index(ofClient: keys[client], seed: seed)]
    if own >= rate { return true }
    var source = thinning(client)
    return source.nextUniform() < own / rate
  }

  /// Every subset of the size equally likely (Floyd's algorithm; Bentley and Floyd 1987).
  private func fixedSize(_ source: inout some UniformSource) -> [UInt32] {
    var chosen: Set<UInt32> = []
    for last in clients - settings.expectedSize..<clients {
      let drawn = UInt32(source.nextInteger(below: last + 1))
      if !chosen.insert(drawn).inserted { chosen.insert(UInt32(last)) }
    }
    return chosen.sorted()
  }
}
