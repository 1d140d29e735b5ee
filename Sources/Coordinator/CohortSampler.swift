import NumericalCore
import Scenarios

/// Draws the clients of a round. A cohort is a pure function of (seed, round).
package struct CohortSampler: Sendable {
  private let settings: Cohort
  private let clients: Int
  private let seed: UInt64
  /// ln(1 − q), for Poisson sampling with q < 1.
  private let logAbsence: Double

  /// - Parameter clients: the public population size.
  package init(settings: Cohort, clients: Int, seed: UInt64) {
    self.settings = settings
    self.clients = clients
    self.seed = seed
    logAbsence = deterministicLogOnePlus(-settings.samplingRate(clients: clients))
  }

  /// Whether every round takes everyone.
  var isFull: Bool { settings.sampling == .full || settings.expectedSize == clients }

  /// The cohort of round `round`, ascending.
  package func cohort(round: Int) -> [UInt32] {
    var stream = RandomStream(seed: seed, purpose: .cohort, round: round)
    switch settings.sampling {
    case .full: return (0..<UInt32(clients)).map { $0 }
    case .poisson: return settings.expectedSize == clients ? (0..<UInt32(clients)).map { $0 } : poisson(&stream)
    case .fixedSize: return fixedSize(&stream)
    }
  }

  /// Each client independently: the gaps between sampled clients are geometric, so that the cost is the cohort's
  /// and not the population's. Drawing a size first and then that many clients would not be Poisson sampling.
  private func poisson(_ stream: inout RandomStream) -> [UInt32] {
    var cohort: [UInt32] = []
    var client = stream.nextGeometric(logFailure: logAbsence)
    while client < clients {
      cohort.append(UInt32(client))
      client += 1 + stream.nextGeometric(logFailure: logAbsence)
    }
    return cohort
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
