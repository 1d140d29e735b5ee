import KernelInterface
import KernelSelection
import NumericalCore
import Releases
import Scenarios

/// Makes contributions of updates: clips them onto the lattice, and where they are written in few bits, rounds them by
/// chance.
package final class Clipping {
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

  package init(
    lattice: Lattice, norm: Norm = .l2, quantization: Compression.Quantization? = nil,
    kernels: any VectorKernels = VectorWidth.kernels
  ) {
    self.norm = norm
    self.quantization = quantization
    self.kernels = kernels
    grid = quantization?.grid(on: lattice)
    self.lattice = lattice
    largestSquaredNorm = lattice.stepsPerNorm * lattice.stepsPerNorm
  }

  /// Clips to another lattice from here on.
  package func use(_ lattice: Lattice) {
    self.lattice = lattice
    largestSquaredNorm = lattice.stepsPerNorm * lattice.stepsPerNorm
    grid = quantization?.grid(on: lattice)
  }

  /// Calls a closure with what an update contributes.
  /// - Parameters:
  ///   - width: values, padded to whole registers.
  ///   - touched: the coordinates that the values are about; nil when there is one for each.
  ///   - rounding: what random rounding draws from; nil where there is none.
  package func withContribution(
    of update: UnsafePointer<Float>, width: Int, touched: UnsafeBufferPointer<UInt32>? = nil,
    rounding: RandomStream? = nil, _ body: (borrowing Contribution) -> Void
  ) {
    withExtendedLifetime(self) {
      body(contribution(of: update, width: width, touched: touched, rounding: rounding))
    }
  }

  private func contribution(
    of update: UnsafePointer<Float>, width: Int, touched: UnsafeBufferPointer<UInt32>?, rounding: RandomStream?
  ) -> Contribution {
    steps.reserve(width)
    let length = Self.norm(of: update, width: width, in: norm, kernels: kernels)
    let count: Double = length <= lattice.clippingNorm ? 1 : -1
    guard length.isFinite, length > 0 else {
      return Contribution(steps: UnsafePointer(steps.pointer), unit: 1, width: 0, touched: nil, count: count)
    }
    clip(update, length: length, width: width)
    if let grid {
      guard var stream = rounding else { preconditionFailure("random rounding needs a stream") }
      // A coordinate of zero is not sent.
      for k in 0..<(touched?.count ?? width) where update[k] != 0 {
        // What a level is in lattice steps a float may not be able to say; which level it is it can.
        steps.pointer[k] = Float(grid.round(Int(steps.pointer[k]), from: &stream) / grid.unit)
      }
    }
    return Contribution(
      steps: UnsafePointer(steps.pointer), unit: Double(grid?.unit ?? 1), width: width, touched: touched,
      count: count)
  }

  /// Clips an update to the lattice's norm and writes it in whole steps, rounding towards zero, which can only
  /// shorten it. The squared norm of the integers is then checked without rounding: squares are below 2⁵³ and the
  /// first sum that is not exact is already far above the bound.
  private func clip(_ update: UnsafePointer<Float>, length: Double, width: Int) {
    var factor = Float(lattice.stepsPerNorm / max(length, lattice.clippingNorm))
    // The factor is a float, so its rounding can leave the norm a hair too long.
    while !isWithinNorm(update, times: factor, width: width) { factor *= 1 - 0x1p-22 }
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
