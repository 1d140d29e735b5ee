import NumericalCore
import Scenarios

/// Draws the clients of a round. A cohort is a pure function of (seed, round).
package struct CohortSampler: Sendable {
  private let settings: Cohort
  private let clients: Int
  private let seed: UInt64
  /// The sampling rate q of Poisson sampling: with tiers, the largest of theirs.
  private let rate: Double
  private let tiers: (tiers: Tiers, rates: [Double])?

  /// - Parameters:
  ///   - clients: the public population size.
  ///   - tiers: groups of clients with sampling rates of their own, Poisson sampling only.
  package init(settings: Cohort, clients: Int, seed: UInt64, tiers: (tiers: Tiers, rates: [Double])? = nil) {
    self.settings = settings
    self.clients = clients
    self.seed = seed
    self.tiers = tiers
    rate = tiers?.rates.max() ?? settings.samplingRate(clients: clients)
  }

  /// Whether every round takes everyone.
  var isFull: Bool { settings.sampling == .full || (settings.expectedSize == clients && tiers == nil) }

  /// The cohort of round `round`, ascending.
  package func cohort(round: Int) -> [UInt32] {
    var stream = RandomStream(seed: seed, purpose: .cohort, round: round)
    switch settings.sampling {
    case .full: return (0..<UInt32(clients)).map { $0 }
    case .poisson: return poisson(&stream).filter { isTaken($0, round: round) }
    case .fixedSize: return fixedSize(&stream)
    }
  }

  /// Each client independently: the gaps between sampled clients are geometric, so that the cost is the cohort's
  /// and not the population's. Drawing a size first and then that many clients would not be Poisson sampling.
  private func poisson(_ stream: inout RandomStream) -> [UInt32] {
    if rate >= 1 { return (0..<UInt32(clients)).map { $0 } }
    let logAbsence = deterministicLogOnePlus(-rate)
    var cohort: [UInt32] = []
    var client = stream.nextGeometric(logFailure: logAbsence)
    while client < clients {
      cohort.append(UInt32(client))
      client += 1 + stream.nextGeometric(logFailure: logAbsence)
    }
    return cohort
  }

  /// Thins a draw at the largest rate to the rate of the client's own tier. A tier that opted out has rate 0.
  private func isTaken(_ client: UInt32, round: Int) -> Bool {
    guard let tiers else { return true }
    let own = tiers.rates[tiers.tiers.index(ofClient: Int(client), seed: seed)]
    if own >= rate { return true }
    var stream = RandomStream(seed: seed, purpose: .tierSampling, round: round, client: Int(client))
    return stream.nextUniform() < own / rate
  }

  /// Every subset of the size equally likely (Floyd's algorithm; Bentley and Floyd 1987).
  private func fixedSize(_ stream: inout RandomStream) -> [UInt32] {
    var chosen: Set<UInt32> = []
    for last in clients - settings.expectedSize..<clients {
      let drawn = UInt32(stream.nextInteger(below: last + 1))
      if !chosen.insert(drawn).inserted { chosen.insert(UInt32(last)) }
    }
    return chosen.sorted()
  }
}
