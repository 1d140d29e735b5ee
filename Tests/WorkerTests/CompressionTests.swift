import AggregationSchemes
import NumericalCore
import Scenarios
import TestSupport
import Testing
import Worker

@Suite("Compressed updates")
struct CompressionTests {
  private func compression(_ text: String) throws -> Compression {
    try #require(try makeTraining(with: "compression", text).compression)
  }

  private func update(_ client: Int, _ count: Int) -> [Float] {
    var stream = RandomStream(seed: 5, purpose: .examples, client: client)
    return (0..<count).map { _ in Float(stream.nextNormal()) }
  }

  private func shortened(
    _ sparsifier: Sparsifier, _ update: [Float], touched: [UInt32]? = nil, round: Int = 1, client: Int = 0
  ) -> [Float] {
    var update = update
    let count = update.count
    update.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      guard let touched else {
        return sparsifier.shorten(base, count: count, touched: nil, round: round, client: client)
      }
      touched.withUnsafeBufferPointer {
        sparsifier.shorten(base, count: count, touched: $0, round: round, client: client)
      }
    }
    return update
  }

  @Test("of the top-k kind have the largest magnitudes, of equal ones the first")
  func topK() throws {
    for count in [1, 5, 40, 333] {
      let sparsifier = Sparsifier(
        try compression(#"{"sparsification": "top-k", "share": 0.25}"#), dimension: count, seed: 1)
      let kept = (count + 3) / 4
      for client in 0..<50 {
        let values = update(client, count)
        let largest = values.indices.sorted { abs(values[$0]) > abs(values[$1]) }.prefix(kept)
        let expected = values.indices.map { largest.contains($0) ? values[$0] : 0 }
        #expect(shortened(sparsifier, values) == expected)
      }
    }
    let four = Sparsifier(try compression(#"{"sparsification": "top-k", "share": 0.5}"#), dimension: 8, seed: 1)
    #expect(shortened(four, [1, -2, 2, -2, 0.5, 2, 2, -2]) == [0, -2, 2, -2, 0, 2, 0, 0])
    // Fewer values than are allowed are left alone, and what is not finite is left for clipping to find.
    #expect(shortened(four, [1, 0, 3]) == [1, 0, 3])
    #expect(shortened(four, [1, .nan, 3, 4, 5, .infinity, 7, 8]).filter { !$0.isFinite }.count == 2)
  }

  @Test("of the random kind keep as many coordinates for every client, another choice for each, and the mean")
  func random() throws {
    let dimension = 60
    let sparsifier = Sparsifier(
      try compression(#"{"sparsification": "random", "share": 0.2}"#), dimension: dimension, seed: 3)
    let ones = [Float](repeating: 1, count: dimension)
    var times = [Int](repeating: 0, count: dimension)
    var choices: Set<[Float]> = []
    let throwsOfDice = 6000
    for number in 0..<throwsOfDice {
      let kept = shortened(sparsifier, ones, round: 1 + number / 100, client: number)
      #expect(kept.filter { $0 != 0 } == [Float](repeating: 5, count: 12))
      for j in kept.indices where kept[j] != 0 { times[j] += 1 }
      choices.insert(kept)
    }
    #expect(choices.count > 2500)
    // Twelve of sixty a throw; windows make the counts of a round depend on each other, which lowers their variance.
    let expected = [Double](repeating: Double(throwsOfDice) / 5, count: dimension)
    #expect(
      Goodness.chiSquare(observed: times, expected: expected) < Goodness.chiSquareThreshold(freedom: dimension - 1))
  }

  @Test("of sparse clients keep the coordinates that they would keep as dense ones")
  func sparse() throws {
    let sparsifier = Sparsifier(
      try compression(#"{"sparsification": "random", "share": 0.3}"#), dimension: 100, seed: 3)
    let touched: [UInt32] = [2, 3, 17, 40, 41, 42, 77, 99]
    for client in 0..<100 {
      let whole = shortened(sparsifier, [Float](repeating: 1, count: 100), client: client)
      let part = shortened(sparsifier, [Float](repeating: 1, count: 8), touched: touched, client: client)
      #expect(part == touched.map { whole[Int($0)] })
    }
  }

  @Test("with few bits are on the grid, and never longer than the sensitivity says", arguments: [16, 8, 4, 1])
  func rounding(bits: Int) throws {
    let compression = try compression(#"{"bits": \#(bits), "range": 0.2}"#)
    let lattice = Lattice.clipped(to: 0.7)
    let grid = try #require(compression.quantization?.grid(on: lattice))
    for (scale, width) in [(1e-4, 64), (0.01, 256), (1.0, 64), (1e6, 16)] {
      let longest = Optional(compression).largestNorm(on: lattice, dimension: width)
      for client in 0..<40 {
        let clipping = Clipping(lattice: lattice, quantization: compression.quantization)
        let sum = PlainSum(dimension: width).accumulator()
        let values = update(client, width).map { $0 * Float(scale) }
        let rounding = RandomStream(seed: 1, purpose: .updateRounding, client: client)
        clipping.withContribution(of: values, width: width, rounding: rounding) { sum.add($0, group: 0) }
        let steps = sum.share().map { Int($0) }
        #expect(steps.allSatisfy { bits > 1 ? $0 % grid.step == 0 : abs($0) == grid.highest })
        let squares = steps.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
        #expect(squares <= Int128(longest) * Int128(longest))
      }
    }
  }

  @Test("are worth what the whole ones are on average (false-positive rate 10⁻⁶ a coordinate)", .tags(.statistical))
  func mean() throws {
    let compression = try compression(#"{"bits": 4, "range": 0.7}"#)
    let lattice = Lattice.clipped(to: 0.7)
    let values = update(3, 16).map { $0 * 0.05 }
    let whole = PlainSum(dimension: 16).accumulator()
    Clipping(lattice: lattice).withContribution(of: values, width: 16) { whole.add($0, group: 0) }
    let exact = whole.share().map(Double.init)
    let clipping = Clipping(lattice: lattice, quantization: compression.quantization)
    let samples = (0..<5000).map { client in
      let sum = PlainSum(dimension: 16).accumulator()
      let rounding = RandomStream(seed: 2, purpose: .updateRounding, client: client)
      clipping.withContribution(of: values, width: 16, rounding: rounding) { sum.add($0, group: 0) }
      return sum.share().map(Double.init)
    }
    for j in 0..<16 {
      #expect(
        Goodness.standardErrors(samples.map { $0[j] }, from: exact[j]) < Goodness.standardErrorThreshold)
    }
  }
}
