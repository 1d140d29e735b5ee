import Releases

/// What becomes of a unit's contribution before it leaves its worker, how it is added to others, and how the sum is opened.
///
/// A worker accumulates the contributions of its clients; what leaves it is a share; the shares of all workers are opened to
/// an exact sum, which can only be released. The bits of the sum are the same for every scheme. In a plain sum a share is
/// whole numbers in the open; a scheme with masks has numbers mod 2^b there, one with encryption ciphertexts.
package protocol AggregationScheme: Sendable {
  /// What a worker adds up while it goes through its clients.
  associatedtype Accumulator: ContributionAccumulator where Accumulator.Share == Share
  /// What leaves a worker.
  associatedtype Share: Equatable, Sendable

  /// A sum of nothing.
  func accumulator() -> Accumulator
  /// Adds up what workers sent, and opens it.
  /// - Parameter round: that the shares are of.
  /// - Throws: `ShareError` when the shares are not this scheme's.
  func open(_ shares: [Share], round: Int) throws -> ExactSum
}

/// A worker's part of a sum.
package protocol ContributionAccumulator: AnyObject {
  /// What leaves the worker.
  associatedtype Share

  /// Starts over.
  func reset()
  /// Adds what a unit contributes.
  /// - Parameter group: of its client.
  func add(_ contribution: borrowing Contribution, group: Int)
  /// Adds a client's own noise to what it contributes.
  func add(_ noise: some NoiseProcess, group: Int, round: Int, from draws: NoiseDraws)
  /// What is to leave the worker.
  func share() -> Share
}

/// Why shares are not opened.
package enum ShareError: Error, Equatable {
  /// So many numbers instead of so many.
  case length(Int, of: Int)
}
