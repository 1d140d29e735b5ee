import AggregationSchemes
import NumericalCore
import Testing
import Worker

@Suite("Sums of clipped updates")
struct ClippingTests {
  private func update(_ client: Int, width: Int, scale: Double) -> [Float] {
    var stream = RandomStream(seed: 3, purpose: .examples, client: client)
    return (0..<width).map { _ in Float(scale * stream.nextNormal()) }
  }

  private func sum(_ updates: [[Float]], width: Int, lattice: Lattice) -> [Double] {
    let clipping = Clipping(lattice: lattice)
    let sum = PlainSum(dimension: width).accumulator()
    for update in updates {
      clipping.withContribution(of: update, width: width) { sum.add($0, group: 0) }
    }
    return sum.share().map(Double.init)
  }

  /// The squared norm in lattice steps, in integers of 128 bits: no rounding anywhere.
  private func squaredNorm(_ steps: [Double]) -> Int128 {
    steps.reduce(0) { $0 + Int128($1) * Int128($1) }
  }

  @Test(
    "of one update are whole steps and never longer than the clipping norm", arguments: [1e-3, 0.01, 1, 1e6, 1e30])
  func exactNorm(scale: Double) {
    for norm in [0.3, 1.0, 1e-6, 1e6] {
      for client in 0..<100 {
        let width = 16 * (1 + client % 9)
        let steps = sum(
          [update(client, width: width, scale: scale * norm)], width: width, lattice: .clipped(to: norm))
        #expect(squaredNorm(steps) <= 1 << 48)
      }
    }
  }

  @Test("keep the direction of a long update and all but a step of a short one")
  func accuracy() {
    let lattice = Lattice.clipped(to: 1)
    let long = update(1, width: 64, scale: 1)
    let norm = long.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    for (steps, value) in zip(sum([long], width: 64, lattice: lattice), long) {
      // Rounding towards zero costs up to a step; a float's rounding of the product a part in 2²³ of the value.
      #expect(abs(steps * lattice.spacing - Double(value) / norm) < lattice.spacing * 4)
      #expect(abs(steps) <= abs(Double(value)) / norm / lattice.spacing + 4)
    }
    let short = update(2, width: 64, scale: 0.01)
    for (steps, value) in zip(sum([short], width: 64, lattice: lattice), short) {
      #expect(abs(steps) <= abs(Double(value)) * lattice.stepsPerNorm)
      #expect(abs(steps) > abs(Double(value)) * lattice.stepsPerNorm - 1)
    }
  }

  @Test(
    "of updates that are not finite are as if they were not there", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(bad: Float) {
    let good = update(1, width: 32, scale: 0.1)
    var broken = update(2, width: 32, scale: 0.1)
    broken[17] = bad
    let lattice = Lattice.clipped(to: 1)
    #expect(sum([good, broken], width: 32, lattice: lattice) == sum([good], width: 32, lattice: lattice))
  }

  @Test("do not depend on the order of the clients")
  func order() {
    let updates = (0..<300).map { update($0, width: 48, scale: 0.3) }
    let lattice = Lattice.clipped(to: 0.7)
    let forwards = sum(updates, width: 48, lattice: lattice)
    #expect(sum(updates.reversed(), width: 48, lattice: lattice) == forwards)
    let shuffled = (0..<300).map { updates[$0 * 7 % 300] }
    #expect(sum(shuffled, width: 48, lattice: lattice) == forwards)
  }

  @Test("of sparse updates land on the touched coordinates, also when reused")
  func sparse() {
    let lattice = Lattice.clipped(to: 1)
    let clipping = Clipping(lattice: lattice)
    let sum = PlainSum(dimension: 64).accumulator()
    for _ in 0..<2 {
      sum.reset()
      let values: [Float] = [0.5, -0.25] + [Float](repeating: 0, count: 14)
      let touched: [UInt32] = [3, 60]
      values.withUnsafeBufferPointer { values in
        touched.withUnsafeBufferPointer {
          clipping.withContribution(of: values.baseAddress!, width: 16, touched: $0) { sum.add($0, group: 0) }
        }
      }
    }
    var expected = [Int64](repeating: 0, count: 64)
    expected[3] = 1 << 23
    expected[60] = -1 << 22
    #expect(sum.share() == expected)
  }

  @Test("clipped in L1 norm never have magnitudes that add up to more", arguments: [1e-3, 1, 1e6])
  func exactL1Norm(scale: Double) {
    for client in 0..<100 {
      let width = 16 * (1 + client % 9)
      let clipping = Clipping(lattice: .clipped(to: 0.7), norm: .l1)
      let sum = PlainSum(dimension: width).accumulator()
      let values = update(client, width: width, scale: scale)
      clipping.withContribution(of: values, width: width) { sum.add($0, group: 0) }
      let total = sum.share().reduce(Int128(0)) { $0 + Int128(abs($1)) }
      #expect(total <= 1 << 24)
      if scale >= 1 { #expect(total > (1 << 24) - Int128(2 * width)) }
    }
  }

  @Test("truncate every magnitude towards zero")
  func truncation() {
    let values: [Float] = [
      0.9999, -0.9999, 1, 1.5, -1.5, 2.9, 1e5 + 0.5, -8_388_607.5, 8_388_609, 0, -0.0, 0.49, 3, 7, -2.000001,
      100.25,
    ]
    // With a clipping norm of 2²⁴ steps one step is 1, and nothing here is clipped.
    let steps = sum([values], width: 16, lattice: .clipped(to: 0x1p24))
    #expect(steps == values.map { Double($0.rounded(.towardZero)) })
  }
}
