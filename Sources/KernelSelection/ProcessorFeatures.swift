#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the processor and its operating system can do beyond the architecture's baseline.
enum ProcessorFeatures {
  /// Names as in Linux's list; empty where none can be read, which means the baseline.
  static let found: Set<String> = {
    #if arch(x86_64) && os(Linux)
      Set(flagsOfFirstProcessor())
    #elseif arch(x86_64) && canImport(Darwin)
      // macOS tells AVX2 and AVX-512; every processor with them that it runs on has the rest of their level.
      (has("hw.optional.avx2_0") ? level3 : []).union(has("hw.optional.avx512f") ? level4 : [])
    #else
      []
    #endif
  }()

  #if arch(x86_64) && os(Linux)
    /// The first processor's entry is in the file's first kilobytes; more would be made for every further processor.
    private static func flagsOfFirstProcessor() -> [String] {
      let file = open("/proc/cpuinfo", O_RDONLY)
      guard file >= 0 else { return [] }
      defer { close(file) }
      var buffer = [UInt8](repeating: 0, count: 8192)
      let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return [] }
      let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
      guard let flags = lines.first(where: { $0.hasPrefix("flags") }) else { return [] }
      return flags.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    }
  #elseif arch(x86_64) && canImport(Darwin)
    private static let level3: Set = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]
    private static let level4: Set = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]

    private static func has(_ name: String) -> Bool {
      var value: Int32 = 0
      var size = MemoryLayout<Int32>.size
      return sysctlbyname(name, &value, &size, nil, 0) == 0 && value == 1
    }
  #endif
}
