import DifferentialPrivacy

/// A release that is about to happen: its noise is drawn, while workers train, and its entries are made from that noise.
///
/// Where clients add the noise, what they send is released by sending it, so that the entries are in the ledger before
/// anything that was sent is read.
package struct PendingRelease: ~Copyable {
  enum Addition {
    /// The sum is used as it is.
    case nothing
    /// Drawn by the coordinator, one number a coordinate, in lattice steps; entered when it is added.
    case noise([Double], entries: LedgerWriter.Lines)
    /// In the sum already, and in the ledger.
    case entered
  }

  /// The round that the noise is for.
  let round: Int
  let addition: Addition
  let contacted: [Int]

  /// - Parameters:
  ///   - coordinates: of the sum, with the count.
  ///   - draws: what the coordinator's noise is drawn from.
  /// - Throws: what the ledger throws.
  package init(
    _ guarantee: Guarantee, round: Int, _ participants: Guarantee.Participants, coordinates: Int, draws: NoiseDraws,
    ledger: inout LedgerWriter
  ) throws {
    self.round = round
    contacted = participants.contacted
    let entries = try guarantee.entries(round: round, participants)
    switch guarantee {
    case .none: addition = .nothing
    case .server(let noise, _):
      addition = .noise(
        noise.draw(coordinates: coordinates, round: round, from: draws), entries: try ledger.lines(of: entries))
    case .clients:
      try ledger.enter(ledger.lines(of: entries))
      ledger.count(contacted, unsent: contacted.reduce(0, +) - participants.sent.count)
      addition = .entered
    }
  }

  /// Enters what clients have sent once more: a worker that was replaced asked its clients again, and their noise was other
  /// noise.
  /// - Throws: what the ledger throws.
  package static func enterAgain(
    _ guarantee: Guarantee, round: Int, sent: [UInt32], ledger: inout LedgerWriter
  ) throws {
    switch guarantee {
    case .none, .server: return
    case .clients:
      let entries = try guarantee.entries(
        round: round, Guarantee.Participants(contacted: [], sent: sent, summed: []))
      try ledger.enter(ledger.lines(of: entries))
    }
  }
}
