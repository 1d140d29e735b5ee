import KernelInterface
import KernelSelection
import NumericalCore
import Scenarios

/// The exact sum of clipped updates on the lattice.
///
/// Coordinates are whole numbers of lattice steps. They are held in doubles, which represent every integer up to
/// 2⁵³: with at most 2²⁴ clients and 2²⁸ steps no addition ever rounds, so this is integer arithmetic, in the
/// form that vector units of every width have.
package final class ClippedSum {
  private let buffer: UnsafeMutableBufferPointer<Double>
  /// Updates within the clipping norm less those beyond it.
  @exclusivity(unchecked) package private(set) var signedCount = 0
  @exclusivity(unchecked) private var lattice: Lattice
  /// (2^bits)², the largest squared norm of a clipped update.
  @exclusivity(unchecked) private var largestSquaredNorm: Double
  private let steps = Buffer<Float>()
  private let kernels: any VectorKernels

  /// The norm that updates are clipped in.
  package enum Norm {
    /// For Gaussian noise.
    case l2
    /// For Laplace noise.
    case l1
  }

  private let norm: Norm
  /// How clipped updates are rounded; nil: not at all.
  private let quantization: Compression.Quantization?
  @exclusivity(unchecked) private var grid: RoundingGrid?

  /// A sum of nothing.
  /// - Parameter width: coordinates, padded to whole registers.
  package init(
    width: Int, lattice: Lattice, norm: Norm = .l2, quantization: Compression.Quantization? = nil,
    kernels: any VectorKernels = VectorWidth.kernels
  ) {
    self.norm = norm
    self.quantization = quantization
    self.kernels = kernels
    grid = quantization?.grid(on: lattice)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: width * MemoryLayout<Double>.stride, alignment: Rows.alignment)
    buffer = UnsafeMutableBufferPointer(start: memory.bindMemory(to: Double.self, capacity: width), count: width)
    buffer.initialize(repeating: 0)
    self.lattice = lattice
    largestSquaredNorm = lattice.stepsPerNorm * lattice.stepsPerNorm
  }

  deinit { buffer.deallocate() }

  /// Calls a closure with the sums so far, in lattice steps.
  package func withSums<Result>(_ body: (UnsafeMutableBufferPointer<Double>) -> Result) -> Result {
    withExtendedLifetime(self) { body(buffer) }
  }

  /// A copy of the sums so far.
  package var sums: [Double] { withSums { Array($0) } }

  /// Starts over.
  /// - Parameter lattice: that of the round; nil keeps the last one.
  package func reset(lattice: Lattice? = nil) {
    if let lattice {
      self.lattice = lattice
      largestSquaredNorm = lattice.stepsPerNorm * lattice.stepsPerNorm
      grid = quantization?.grid(on: lattice)
    }
    signedCount = 0
    buffer.update(repeating: 0)
  }

  /// Adds an update, clipped.
  /// - Parameters:
  ///   - width: values, padded to whole registers.
  ///   - touched: the coordinates that the values are about; nil when there is one for each.
  ///   - rounding: what random rounding draws from; nil where there is none.
  package func add(
    _ update: UnsafePointer<Float>, width: Int, touched: UnsafeBufferPointer<UInt32>? = nil,
    rounding: RandomStream? = nil
  ) {
    steps.reserve(width)
    guard clip(update, width: width), let base = buffer.baseAddress else { return }
    if let grid {
      guard var stream = rounding else { preconditionFailure("random rounding needs a stream") }
      // A coordinate of zero is not sent.
      for k in 0..<(touched?.count ?? width) where update[k] != 0 {
        let coordinate = touched.map { Int($0[k]) } ?? k
        base[coordinate] += Double(grid.round(Int(steps.pointer[k]), from: &stream))
      }
    } else if let touched {
      kernels.add(steps.pointer, at: touched, to: base)
    } else {
      kernels.add(steps.pointer, width: width, to: base)
    }
  }

  /// Clips an update to the lattice's norm and writes it in whole steps, rounding towards zero, which can only
  /// shorten it. The squared norm of the integers is then checked without rounding: squares are below 2⁵³ and the
  /// first sum that is not exact is already far above the bound.
  /// - Returns: false when the update contributes nothing: it is zero, or not finite.
  private func clip(_ update: UnsafePointer<Float>, width: Int) -> Bool {
    let length = Self.norm(of: update, width: width, in: norm, kernels: kernels)
    signedCount += length <= lattice.clippingNorm ? 1 : -1
    guard length.isFinite, length > 0 else { return false }
    var factor = Float(lattice.stepsPerNorm / max(length, lattice.clippingNorm))
    // The factor is a float, so its rounding can leave the norm a hair too long.
    while !isWithinNorm(update, times: factor, width: width) { factor *= 1 - 0x1p-22 }
    return true
  }

  /// Writes the steps of an update and says whether they are short enough, in exact arithmetic.
  private func isWithinNorm(_ update: UnsafePointer<Float>, times factor: Float, width: Int) -> Bool {
    let squares = kernels.truncate(update, times: factor, width: width, into: steps.pointer)
    return switch norm {
    case .l2: squares <= largestSquaredNorm
    case .l1: Self.magnitude(steps.pointer, width: width) <= lattice.stepsPerNorm
    }
  }

  /// The length of an update before clipping.
  /// - Parameter width: values, padded to whole registers.
  package static func norm(
    of update: UnsafePointer<Float>, width: Int, in norm: Norm, kernels: any VectorKernels = VectorWidth.kernels
  ) -> Double {
    switch norm {
    case .l2: kernels.squaredNorm(update, width: width).squareRoot()
    case .l1: magnitude(update, width: width)
    }
  }

  private static func magnitude(_ update: UnsafePointer<Float>, width: Int) -> Double {
    (0..<width).reduce(0.0) { $0 + Double(abs(update[$1])) }
  }
}
