import Foundation
import KernelInterface
import Kernels128

#if arch(x86_64)
  import Kernels256
  import Kernels512
#endif

/// How many bits the machine's vector registers have, as far as there are kernels for them.
package enum VectorWidth: Int, CaseIterable, Sendable {
  /// What every processor of its architecture has: SSE2, NEON.
  case bits128 = 128
  /// AVX2, with the rest of the level x86-64-v3.
  case bits256 = 256
  /// AVX-512, with the rest of the level x86-64-v4.
  case bits512 = 512

  /// The environment variable that asks for a width; one that the processor has not is not taken.
  package static let variable = "FEDSIM_VECTOR_WIDTH"

  /// The width in use: the widest, unless the environment asks for less.
  package static let inUse: VectorWidth = {
    let asked = ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? .max
    return available.last { $0.rawValue <= asked } ?? .bits128
  }()

  /// The kernels in use.
  package static let kernels: any VectorKernels = inUse.kernels

  /// The widths that this processor has, rising.
  package static let available: [VectorWidth] = {
    let features = ProcessorFeatures.found
    return allCases.filter { $0.neededFeatures.isSubset(of: features) }
  }()

  /// The kernels of this width.
  /// - Precondition: the processor has it.
  package var kernels: any VectorKernels {
    #if arch(x86_64)
      switch self {
      case .bits128: Kernels128.Kernels()
      case .bits256: Kernels256.Kernels()
      case .bits512: Kernels512.Kernels()
      }
    #else
      Kernels128.Kernels()
    #endif
  }

  /// What the compiler may use at this width, by the names that Linux gives it (x86-64 psABI, table 3.1).
  private var neededFeatures: Set<String> {
    let level3: Set = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]
    return switch self {
    case .bits128: []
    case .bits256: level3
    case .bits512: level3.union(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])
    }
  }
}
