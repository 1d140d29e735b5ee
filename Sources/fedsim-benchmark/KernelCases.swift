import KernelInterface
import KernelSelection

/// What the machine can do at most, and how close the kernels come, on one core.
final class KernelCases {
  private let repetitions: Int
  private let kernels = VectorWidth.kernels
  private lazy var bandwidth = readBandwidth()
  private lazy var peak = arithmeticPeak()

  init(repetitions: Int) { self.repetitions = repetitions }

  var cases: [Case] {
    [Case(name: Self.readName) { self.bandwidth }, Case(name: Self.peakName) { self.peak }]
      + [64, 256].flatMap { features in
        [
          Case(name: Self.cachedName(features)) { self.cached(features).against(self.peak.median, "the machine") },
          Case(name: Self.streamedName(features)) {
            self.streamed(features).against(self.bandwidth.median, "the machine")
          },
        ]
      }
  }

  private static let readName = "machine: memory read"
  private static let peakName = "machine: multiplications and additions in registers"
  private static func cachedName(_ features: Int) -> String { "kernel: gradient of 50 cached rows of \(features)" }
  private static func streamedName(_ features: Int) -> String {
    "kernel: margins of rows of \(features) from memory"
  }

  /// Sums a buffer that is larger than any cache, sixteen streams at a time.
  private func readBandwidth() -> Measurement {
    let count = 64 << 20
    let values = [Float](repeating: 1, count: count)
    var total: Float = 0
    let result = Measurement(
      Self.readName, unit: "GB/s", repetitions: repetitions, figure: { Double(count * 4) / $0 / 1e9 }
    ) {
      values.withUnsafeBytes { bytes in
        var sums = (SIMD16<Float>(), SIMD16<Float>())
        for offset in stride(from: 0, to: bytes.count, by: 128) {
          sums.0 += bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
          sums.1 += bytes.loadUnaligned(fromByteOffset: offset + 64, as: SIMD16<Float>.self)
        }
        total += (sums.0 + sums.1).sum()
      }
    }
    precondition(total > 0)
    return result
  }

  /// Multiplications and additions that never leave the registers.
  private func arithmeticPeak() -> Measurement {
    let steps = 2_000_000
    var total: Float = 0
    let result = Measurement(
      Self.peakName, unit: "GFLOP/s", repetitions: repetitions,
      figure: { Double(steps * 6 * 16 * 2) / $0 / 1e9 }
    ) { total += kernels.multiplyAndAdd(steps: steps, factor: 0.5, addend: 1) }
    precondition(total > 0)
    return result
  }

  /// The two kernels of one client's gradient: its margins, then the weighted sum of its rows.
  private func cached(_ features: Int) -> Measurement {
    let rows = Dense(rows: 50, features: features)
    let work = 2_000_000 / features
    let operations = Double(4 * 50 * features * work)
    return Measurement(
      Self.cachedName(features), unit: "GFLOP/s", repetitions: repetitions, figure: { operations / $0 / 1e9 }
    ) {
      for _ in 0..<work {
        rows.margins(kernels)
        rows.accumulate(kernels)
      }
    }
  }

  /// Margins of rows that come from memory.
  private func streamed(_ features: Int) -> Measurement {
    let rows = Dense(rows: (64 << 20) / features, features: features)
    return Measurement(
      Self.streamedName(features), unit: "GB/s", repetitions: repetitions,
      figure: { Double(256 << 20) / $0 / 1e9 }
    ) { rows.margins(kernels) }
  }

  /// Rows and what kernels write to, where a worker has them: at whole cache lines.
  private final class Dense {
    private let values: UnsafeMutablePointer<Float>
    private let weights: UnsafeMutablePointer<Float>
    private let margins: UnsafeMutablePointer<Float>
    private let target: UnsafeMutablePointer<Float>
    private let order: [Int32]
    private let features: Int

    init(rows: Int, features: Int) {
      self.features = features
      order = (0..<Int32(rows)).map { $0 }
      values = Self.aligned(0.5, count: rows * features)
      weights = Self.aligned(0.25, count: features)
      margins = Self.aligned(0, count: rows)
      target = Self.aligned(0.25, count: features)
    }

    deinit { for memory in [values, weights, margins, target] { memory.deallocate() } }

    private static func aligned(_ value: Float, count: Int) -> UnsafeMutablePointer<Float> {
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: count * MemoryLayout<Float>.stride, alignment: Rows.alignment)
      return memory.initializeMemory(as: Float.self, repeating: value, count: count)
    }

    func margins(_ kernels: any VectorKernels) {
      kernels.margins(
        of: .dense(values: values, width: features), order, count: order.count, weights: weights, into: margins)
    }

    func accumulate(_ kernels: any VectorKernels) {
      kernels.accumulate(
        .dense(values: values, width: features), order, count: order.count, coefficients: margins, into: target)
    }
  }
}
