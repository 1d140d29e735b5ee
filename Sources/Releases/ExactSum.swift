/// The exact sum of a round's contributions, in whole lattice steps.
///
/// It cannot be copied, looked at or stepped with. The one thing that can be done with it is to release it.
package struct ExactSum: ~Copyable {
  private var coordinates: [Double]
  private let round: Int
  private let hasCount: Bool

  /// What an aggregation scheme opens.
  /// - Parameters:
  ///   - coordinates: whole numbers below 2⁵² in magnitude, one a coordinate, with adaptive clipping and the count.
  ///   - hasCount: whether the last one is the count.
  ///   - round: that the contributions are of.
  package init(opening coordinates: [Double], hasCount: Bool, round: Int) {
    self.coordinates = coordinates
    self.hasCount = hasCount
    self.round = round
  }

  /// Makes the sum a release: adds the noise that is still missing, and has the ledger say so.
  /// - Throws: `ReleaseError`, and what the ledger throws; there is no release then.
  package consuming func release(_ pending: consuming PendingRelease, ledger: inout LedgerWriter) throws -> Release
  {
    guard pending.round == round else { throw ReleaseError.otherRound(pending.round, of: round) }
    var values = coordinates
    switch pending.addition {
    case .entered: break
    case .nothing: ledger.count(pending.contacted)
    case .noise(let noise, let entries):
      guard noise.count == values.count else { throw ReleaseError.otherLength(noise.count, of: values.count) }
      try ledger.enter(entries)
      ledger.count(pending.contacted)
      // Whole numbers: exact.
      for j in values.indices { values[j] += noise[j] }
    }
    let count = hasCount ? values.removeLast() : nil
    return Release(round: round, steps: values, count: count)
  }
}

/// Why a sum is not released. Neither can happen but by a fault in fedsim.
package enum ReleaseError: Error, Equatable, CustomStringConvertible {
  /// Noise that was drawn for another round.
  case otherRound(Int, of: Int)
  /// Noise for another number of coordinates.
  case otherLength(Int, of: Int)

  package var description: String {
    switch self {
    case .otherRound(let found, let round): "noise of round \(found) was to be added to the sum of round \(round)"
    case .otherLength(let found, let count): "noise of \(found) coordinates was to be added to a sum of \(count)"
    }
  }
}
