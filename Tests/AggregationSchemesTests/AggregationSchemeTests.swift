import AggregationSchemes
import DifferentialPrivacy
import NumericalCore
import Releases
import Testing

/// A scheme in whose shares nothing can be read: each number has a mask added mod 2⁶⁴, and the masks of all workers cancel.
private struct MaskedSum: AggregationScheme {
  struct Share: Equatable {
    let worker: Int
    let masked: [UInt64]
  }

  let plain: PlainSum
  let workers: Int

  final class Accumulator: ContributionAccumulator {
    let plain: PlainSum.Accumulator
    let worker: Int
    let scheme: MaskedSum

    init(_ scheme: MaskedSum, worker: Int) {
      plain = scheme.plain.accumulator()
      self.worker = worker
      self.scheme = scheme
    }

    func reset() { plain.reset() }
    func add(_ contribution: borrowing Contribution, group: Int) { plain.add(contribution, group: group) }
    func add(_ noise: some NoiseProcess, group: Int, round: Int, from draws: NoiseDraws) {
      plain.add(noise, group: group, round: round, from: draws)
    }
    func share() -> Share {
      let mask = scheme.mask(of: worker)
      return Share(worker: worker, masked: zip(plain.share(), mask).map { UInt64(bitPattern: $0) &+ $1 })
    }
  }

  func accumulator() -> Accumulator { Accumulator(self, worker: 0) }

  /// The last worker's takes the others' away.
  func mask(of worker: Int) -> [UInt64] {
    func own(_ worker: Int) -> [UInt64] {
      var stream = RandomStream(seed: 5, purpose: .examples, client: worker)
      return (0..<plain.shareLength).map { _ in UInt64(stream.nextWord()) << 32 | UInt64(stream.nextWord()) }
    }
    guard worker == workers - 1 else { return own(worker) }
    return (0..<worker).map(own).reduce([UInt64](repeating: 0, count: plain.shareLength)) {
      zip($0, $1).map { $0 &- $1 }
    }
  }

  func open(_ shares: [Share], round: Int) throws -> ExactSum {
    let sums = shares.map(\.masked).reduce([UInt64](repeating: 0, count: plain.shareLength)) {
      zip($0, $1).map { $0 &+ $1 }
    }
    return try plain.open([sums.map { Int64(bitPattern: $0) }], round: round)
  }
}

@Suite("Aggregation schemes")
struct AggregationSchemeTests {
  private static let dimension = 21
  private static let clients = 40

  /// Steps that a client contributes, padded to whole registers.
  private static func steps(_ client: Int) -> [Float] {
    var stream = RandomStream(seed: 2, purpose: .examples, client: client)
    return (0..<dimension).map { _ in Float(Int(1000 * stream.nextNormal())) } + [Float](repeating: 0, count: 11)
  }

  /// What three workers' clients come to, released with no promise.
  private func released<Scheme: AggregationScheme>(
    _ scheme: Scheme, _ accumulators: [Scheme.Accumulator], groups: Int
  ) throws -> Release {
    for accumulator in accumulators { accumulator.reset() }
    for client in 0..<Self.clients {
      Self.steps(client).withUnsafeBufferPointer {
        let contribution = Contribution(
          steps: $0.baseAddress!, unit: client % 2 == 0 ? 1 : 4, width: $0.count, touched: nil,
          count: client % 3 == 0 ? -1 : 1)
        accumulators[client % accumulators.count].add(contribution, group: client % groups)
      }
    }
    var ledger = try LedgerWriter(LedgerOpening(name: "t", seed: 1, clients: 100, promise: nil))
    let pending = try PendingRelease(
      .none, round: 4, Guarantee.Participants(contacted: [40], sent: [], summed: [40]),
      coordinates: Self.dimension + 1,
      draws: .secure, ledger: &ledger)
    return try scheme.open(accumulators.map { $0.share() }, round: 4).release(pending, ledger: &ledger)
  }

  @Test(
    "of every kind open to the same bits, whatever their shares look like", arguments: [(1, 0), (5, 0), (5, 2)])
  func sameBits(groups: Int, trimmed: Int) throws {
    let plain = PlainSum(dimension: Self.dimension, groups: groups, trimmed: trimmed, hasCount: true)
    let open = try released(plain, (0..<3).map { _ in plain.accumulator() }, groups: groups)
    let masked = MaskedSum(plain: plain, workers: 3)
    let accumulators = (0..<3).map { MaskedSum.Accumulator(masked, worker: $0) }
    let hidden = try released(masked, accumulators, groups: groups)
    #expect(hidden.steps == open.steps && hidden.count == open.count)
    // Added up by hand.
    var sums = [[Double]](repeating: [Double](repeating: 0, count: Self.dimension), count: groups)
    for client in 0..<Self.clients {
      for j in 0..<Self.dimension {
        sums[client % groups][j] += Double(Self.steps(client)[j]) * (client % 2 == 0 ? 1 : 4)
      }
    }
    let kept = RobustSum.kept(sums.flatMap { $0 }, groups: groups, trimmed: trimmed)
    #expect(open.steps == kept && open.round == 4)
    // No group's count is left out: 14 of 40 clients were beyond the norm.
    #expect(open.count == 12)
    // A worker's masked share says nothing of its plain one.
    let shares = zip(accumulators, accumulators.map { $0.plain.share() })
    for (accumulator, plain) in shares {
      #expect(zip(accumulator.share().masked, plain).allSatisfy { $0 != UInt64(bitPattern: $1) })
    }
  }

  @Test("refuse shares of another length")
  func length() {
    let plain = PlainSum(dimension: 3, groups: 2)
    #expect(throws: ShareError.length(5, of: 6)) { _ = try plain.open([[1, 2, 3, 4, 5]], round: 1) }
  }
}
