import DifferentialPrivacy
import KernelInterface
import KernelSelection
import NumericalCore
import Testing

/// Design law 1: the bits do not depend on the vector width. Every width that this processor has is compared with the
/// narrowest, over random shapes.
@Suite("Kernels of every vector width")
struct VectorWidthTests {
  /// Random rows in both layouts, and what kernels need around them.
  private struct Client {
    let width: Int
    let count: Int
    let dense: [Float]
    let starts: [Int32]
    let columns: [UInt32]
    let entries: [Float]
    let weights: [Float]
    let labels: [Float]
    let order: [Int32]

    init(seed: UInt64) {
      var stream = RandomStream(seed: seed, purpose: .examples)
      let width = Rows.lanes * (1 + stream.nextInteger(below: 20))
      let count = 1 + stream.nextInteger(below: 70)
      func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.nextNormal()) } }
      dense = numbers(width * count)
      weights = numbers(width)
      entries = numbers(width * count)
      labels = (0..<count).map { _ in Float(stream.nextInteger(below: 2)) }
      order = (0..<count).map { _ in Int32(stream.nextInteger(below: count)) }
      var starts: [Int32] = [0]
      var columns: [UInt32] = []
      for _ in 0..<count {
        columns += (0..<UInt32(width)).filter { _ in stream.nextUniform() < 0.2 }
        starts.append(Int32(columns.count))
      }
      (self.width, self.count, self.starts, self.columns) = (width, count, starts, columns)
    }

    func withRows<Result>(sparse: Bool, _ body: (Rows) -> Result) -> Result {
      starts.withUnsafeBufferPointer { starts in
        columns.withUnsafeBufferPointer { columns in
          (sparse ? entries : dense).withUnsafeBufferPointer { values in
            body(
              sparse
                ? .sparse(
                  starts: starts.baseAddress!, columns: columns.baseAddress ?? UnsafePointer(bitPattern: 8)!,
                  values: values.baseAddress!, width: width)
                : .dense(values: values.baseAddress!, width: width))
          }
        }
      }
    }

    /// Everything that training one client computes, as bit patterns.
    func bits(_ kernels: any VectorKernels, sparse: Bool) -> [UInt64] {
      var margins = [Float](repeating: 0, count: count)
      var local = weights
      var update = [Float](repeating: 0, count: width)
      var steps = update
      var sums = [Double](repeating: 0, count: width + 40)
      withRows(sparse: sparse) { rows in
        kernels.margins(of: rows, order, count: count, weights: weights, into: &margins)
        kernels.residuals(labels: labels, order, count: count, scale: 0.3, margins: &margins)
        kernels.accumulate(rows, order, count: count, coefficients: margins, into: &local)
      }
      kernels.pull(&local, towards: weights, by: 0.1, width: width)
      kernels.subtract(weights, from: local, width: width, into: &update)
      let norm = kernels.squaredNorm(update, width: width)
      let squares = kernels.truncate(update, times: 12_345.6, width: width, into: &steps)
      kernels.add(steps, width: width, to: &sums)
      let touched = (0..<UInt32(width)).map { $0 + 40 }
      touched.withUnsafeBufferPointer { kernels.add(steps, at: $0, to: &sums) }
      return (margins + local + update + steps).map { UInt64($0.bitPattern) }
        + ([norm, squares] + sums).map(\.bitPattern)
    }
  }

  @Test("give the same bits for every client", arguments: VectorWidth.available)
  func sameBits(width: VectorWidth) {
    for seed in 1...200 as ClosedRange<UInt64> {
      let client = Client(seed: seed)
      for sparse in [false, true] {
        let expected = client.bits(VectorWidth.bits128.kernels, sparse: sparse)
        #expect(client.bits(width.kernels, sparse: sparse) == expected, "seed \(seed), sparse \(sparse)")
      }
    }
  }

  @Test("are not touched by what they read ahead, nor touch it", arguments: VectorWidth.available)
  func readingAhead(width: VectorWidth) {
    // The second page of memory belongs to nobody.
    let nobodys = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 4096), count: 3_000)
    for seed in 1...20 as ClosedRange<UInt64> {
      let client = Client(seed: seed)
      for sparse in [false, true] {
        client.withRows(sparse: sparse) { rows in
          var plain = [Float](repeating: 0, count: client.count)
          var found = plain
          var ahead = ReadAhead(nobodys, portions: client.count)
          let (order, count, weights) = (client.order, client.count, client.weights)
          width.kernels.margins(of: rows, order, count: count, weights: weights, into: &plain)
          width.kernels.margins(of: rows, order, count: count, weights: weights, into: &found, ahead: &ahead)
          #expect(found.map(\.bitPattern) == plain.map(\.bitPattern))
          #expect(ahead.next().isEmpty)
        }
      }
    }
  }

  @Test("draw the same noise", arguments: VectorWidth.available)
  func sameNoise(width: VectorWidth) {
    for count in [1, 2, 127, 128, 129, 5000] {
      let stream = RandomStream(seed: 5, purpose: .noise, round: count)
      var (expected, found) = ([Double](repeating: 0, count: count), [Double](repeating: 1, count: count))
      expected.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
      found.withUnsafeMutableBufferPointer { width.kernels.fillNormal(stream, into: $0) }
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
      var sums = [Double](repeating: 3, count: count)
      GaussianLatticeNoise(standardDeviation: 1e6).add(
        width.kernels.normalNumbers(stream, count: count), to: &sums, at: 0..<count)
      #expect(sums == expected.map { 3 + ($0 * 1e6).rounded(.toNearestOrEven) })
    }
  }

  @Test("the narrowest is always there, and what is in use is there")
  func selection() {
    #expect(VectorWidth.available.first == .bits128)
    #expect(VectorWidth.available.contains(VectorWidth.inUse))
  }

  @Test("gather and scatter are each other's inverse")
  func gatherScatter() {
    let touched: [UInt32] = [3, 4, 19, 20, 77]
    var steps = [Float](repeating: 0, count: 16)
    for k in 0..<5 { steps[k] = Float(k + 1) }
    var sums = [Double](repeating: 0, count: 80)
    var back = [Float](repeating: 9, count: 16)
    for kernels in VectorWidth.available.map(\.kernels) {
      sums = sums.map { _ in 0 }
      touched.withUnsafeBufferPointer {
        kernels.add(steps, at: $0, to: &sums)
        kernels.gather(sums.map { Float($0) }, at: $0, width: 16, into: &back)
      }
      #expect(back == steps)
      #expect(sums.reduce(0, +) == 15)
    }
  }
}
