#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Sends and receives whole frames over a pair of file descriptors, blocking.
public struct FrameChannel: Sendable {
  private let input: Int32
  private let output: Int32
  /// Asked whenever a signal interrupts a wait.
  private let shouldStop: @Sendable () -> Bool
  /// Sees every byte received, for audits.
  private let recorder: (@Sendable (UnsafeRawBufferPointer) -> Void)?

  /// A channel over open descriptors, which stay the caller's to close.
  public init(
    reading input: Int32, writing output: Int32, shouldStop: @escaping @Sendable () -> Bool = { false },
    recorder: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil
  ) {
    self.input = input
    self.output = output
    self.shouldStop = shouldStop
    self.recorder = recorder
  }

  /// Sends one frame.
  /// - Throws: `ProtocolError.closed` when nobody reads, `.system` for other failures.
  public func send(_ frame: Frame) throws {
    try frame.header.withUnsafeBytes { try write($0) }
    try frame.body.withUnsafeBytes { try write($0) }
  }

  /// Waits for one frame.
  /// - Throws: `ProtocolError`; `.closed` when the peer ended between two frames.
  public func receive() throws -> Frame {
    let header = try read(count: Frame.headerLength, atStart: true)
    let (kind, length) = try Frame.parseHeader(header)
    return Frame(kind: kind, body: try read(count: length, atStart: false))
  }

  private func read(count: Int, atStart: Bool) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var done = 0
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
        #if canImport(Darwin)
          let got = Darwin.read(input, rest.baseAddress, rest.count)
        #else
          let got = Glibc.read(input, rest.baseAddress, rest.count)
        #endif
        if got > 0 {
          recorder?(UnsafeRawBufferPointer(rebasing: rest[..<got]))
          done += got
        } else if got == 0 {
          throw atStart && done == 0 ? ProtocolError.closed : ProtocolError.truncated
        } else if errno != EINTR {
          throw ProtocolError.system(errno)
        } else if shouldStop() {
          throw ProtocolError.interrupted
        }
      }
      initialized = count
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      #if canImport(Darwin)
        let put = Darwin.write(output, rest.baseAddress, rest.count)
      #else
        let put = Glibc.write(output, rest.baseAddress, rest.count)
      #endif
      if put >= 0 {
        done += put
      } else if errno == EPIPE {
        throw ProtocolError.closed
      } else if errno != EINTR {
        throw ProtocolError.system(errno)
      } else if shouldStop() {
        throw ProtocolError.interrupted
      }
    }
  }
}
