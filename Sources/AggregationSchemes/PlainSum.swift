import KernelInterface
import KernelSelection
import Releases

/// Sums in the open: what a worker sends is the exact sum over its clients, one a group.
///
/// Coordinates are whole numbers of lattice steps. Workers hold them in doubles, which represent every integer up to 2⁵³:
/// with at most 2²⁴ clients and 2²⁸ steps no addition ever rounds, so this is integer arithmetic, in the form that vector
/// units of every width have.
package struct PlainSum: AggregationScheme {
  /// Whole lattice steps: one group's coordinates after the other's, the count of each after them.
  package typealias Share = [Int64]

  /// Coordinates of the model.
  package let dimension: Int
  /// Groups that clients are put into.
  package let groups: Int
  /// Groups whose value is left out on each side, coordinate by coordinate.
  package let trimmed: Int
  /// Whether contributions have a count.
  package let hasCount: Bool

  package init(dimension: Int, groups: Int = 1, trimmed: Int = 0, hasCount: Bool = false) {
    precondition(dimension > 0 && groups > 0 && trimmed >= 0 && 2 * trimmed < groups)
    self.dimension = dimension
    self.groups = groups
    self.trimmed = trimmed
    self.hasCount = hasCount
  }

  /// Numbers of a group.
  package var coordinates: Int { dimension + (hasCount ? 1 : 0) }
  /// Numbers of a share.
  package var shareLength: Int { coordinates * groups }

  package func accumulator() -> Accumulator { Accumulator(self) }

  package func open(_ shares: [Share], round: Int) throws -> ExactSum {
    // Whole numbers below 2⁵²: the additions are exact in any order.
    var sums = [Double](repeating: 0, count: shareLength)
    for share in shares {
      guard share.count == shareLength else { throw ShareError.length(share.count, of: shareLength) }
      for j in sums.indices { sums[j] += Double(share[j]) }
    }
    return ExactSum(opening: kept(sums), hasCount: hasCount, round: round)
  }

  /// Of each coordinate the groups that are kept; the count is that of all groups.
  private func kept(_ sums: [Double]) -> [Double] {
    if groups == 1 { return sums }
    func group(_ index: Int) -> ArraySlice<Double> { sums[index * coordinates..<(index + 1) * coordinates] }
    var total = RobustSum.kept(
      (0..<groups).flatMap { group($0).prefix(dimension) }, groups: groups, trimmed: trimmed)
    if hasCount { total.append((0..<groups).reduce(0) { $0 + (group($1).last ?? 0) }) }
    return total
  }

  /// A worker's sums.
  package final class Accumulator: ContributionAccumulator {
    private let scheme: PlainSum
    /// Of one group after the other, each padded to whole registers.
    private let sums: UnsafeMutablePointer<Double>
    private let width: Int
    private let kernels = VectorWidth.kernels

    init(_ scheme: PlainSum) {
      self.scheme = scheme
      width = Rows.padded(scheme.coordinates)
      let count = width * scheme.groups
      sums = UnsafeMutableRawPointer.allocate(
        byteCount: count * MemoryLayout<Double>.stride, alignment: Rows.alignment
      ).bindMemory(to: Double.self, capacity: count)
      sums.initialize(repeating: 0, count: count)
    }

    deinit { sums.deallocate() }

    package func reset() { sums.update(repeating: 0, count: width * scheme.groups) }

    package func add(_ contribution: borrowing Contribution, group: Int) {
      let sums = self.sums + group &* width
      switch (contribution.touched, contribution.unit == 1) {
      case (let touched?, true): kernels.add(contribution.steps, at: touched, to: sums)
      case (nil, true): kernels.add(contribution.steps, width: contribution.width, to: sums)
      case (let touched?, false):
        for k in touched.indices { sums[Int(touched[k])] += Double(contribution.steps[k]) * contribution.unit }
      case (nil, false):
        for j in 0..<contribution.width { sums[j] += Double(contribution.steps[j]) * contribution.unit }
      }
      if scheme.hasCount { sums[scheme.dimension] += contribution.count }
    }

    package func add(_ noise: some NoiseProcess, group: Int, round: Int, from draws: NoiseDraws) {
      noise.add(
        to: UnsafeMutableBufferPointer(start: sums + group * width, count: scheme.dimension), round: round,
        from: draws)
    }

    package func share() -> Share {
      let count = scheme.coordinates
      return [Int64](unsafeUninitializedCapacity: scheme.shareLength) { output, initialized in
        for group in 0..<scheme.groups {
          for j in 0..<count { output[group &* count &+ j] = Int64(sums[group &* width &+ j]) }
        }
        initialized = scheme.shareLength
      }
    }
  }
}
