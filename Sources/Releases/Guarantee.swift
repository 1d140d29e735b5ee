import DifferentialPrivacy
import FederationProtocol

/// Who adds which noise to a round's sum.
///
/// It is switched over and never compared, so that one more case stops the compiler wherever it has to be thought about.
package enum Guarantee: Sendable {
  /// Nobody: nothing is promised, and the sum is used as it is.
  case none
  /// The coordinator, which sees the exact sum and is trusted with it.
  case server(any NoiseProcess, Wording)
  /// Each client, before its update leaves it: nobody is trusted, and everyone sees who takes part.
  case clients(ClientNoise, Wording)

  /// What is said of the round's releases.
  package struct Wording: Sendable {
    let terms: ReleaseTerms
    /// The length of a lattice step, in units of the model.
    let spacing: Double
    /// Whether two neighbouring populations exist between which the release tells as much as its event says it can.
    let isAttained: Bool

    package init(_ terms: ReleaseTerms, spacing: Double, isAttained: Bool) {
      self.terms = terms
      self.spacing = spacing
      self.isAttained = isAttained
    }

    fileprivate func entry(
      _ noise: some NoiseProcess, _ group: ReleaseTerms.Group, round: Int, client: Int?, clients: Int
    ) -> LedgerEntry {
      LedgerEntry(
        round: round, client: client, tier: group.tier, event: group.sampling.event(of: noise.event),
        adjacency: terms.adjacency, unit: terms.unit, sensitivity: noise.sensitivity * spacing,
        noiseStandardDeviation: noise.standardDeviation(spacing: spacing),
        countNoiseMultiplier: noise.countMultiplier, release: terms.release, clients: clients,
        isAttained: isAttained)
    }
  }

  /// Whose data a round's sum has.
  package struct Participants: Sendable {
    /// Clients that were asked, by tier, or in all.
    let contacted: [Int]
    /// The clients whose update left them.
    let sent: [UInt32]
    /// Clients in the sum, one number a group of the terms.
    let summed: [Int]

    package init(contacted: [Int], sent: [UInt32], summed: [Int]) {
      self.contacted = contacted
      self.sent = sent
      self.summed = summed
    }
  }

  /// The noise that each client is told to add; nil where clients add none.
  package var clientNoise: ClientNoise? {
    switch self {
    case .none, .server: nil
    case .clients(let noise, _): noise
    }
  }

  /// What the ledger says of a round under this guarantee.
  package func entries(round: Int, _ participants: Participants) throws -> [LedgerEntry] {
    switch self {
    case .none: return []
    case .server(let noise, let wording):
      return zip(wording.terms.groups, participants.summed).map {
        wording.entry(noise, $0, round: round, client: nil, clients: $1)
      }
    case .clients(let noise, let wording):
      let process = try noise.process
      return wording.terms.groups.prefix(1).flatMap { group in
        participants.sent.map { wording.entry(process, group, round: round, client: Int($0), clients: 1) }
      }
    }
  }
}
