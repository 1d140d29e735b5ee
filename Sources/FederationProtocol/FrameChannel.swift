#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Sends and receives whole frames over a pair of file descriptors, blocking.
package struct FrameChannel: Sendable {
  private let input: Int32
  private let output: Int32
  /// Asked whenever a signal interrupts a wait.
  private let shouldStop: @Sendable () -> Bool
  /// Sees every byte received, for audits.
  private let recorder: (@Sendable (UnsafeRawBufferPointer) -> Void)?

  /// A channel over open descriptors, which stay the caller's to close.
  package init(
    reading input: Int32, writing output: Int32, shouldStop: @escaping @Sendable () -> Bool = { false },
    recorder: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil
  ) {
    self.input = input
    self.output = output
    self.shouldStop = shouldStop
    self.recorder = recorder
  }

  /// Copying so many bytes takes less time than another call of the system.
  private static let longestCopied = 1 << 14

  /// Sends one frame.
  /// - Throws: `ProtocolError.closed` when nobody reads, `.system` for other failures.
  package func send(_ frame: Frame) throws {
    // A reader that is woken by the header alone would wait again for the body.
    if frame.body.count <= Self.longestCopied { return try sendRaw(frame.header + frame.body) }
    try frame.header.withUnsafeBytes { try write($0) }
    try frame.body.withUnsafeBytes { try write($0) }
  }

  /// Sends one frame a few bytes at a time: what a slow peer does.
  package func sendInPieces(_ frame: Frame) throws {
    let bytes = frame.header + frame.body
    for start in stride(from: 0, to: bytes.count, by: 100) {
      try sendRaw(Array(bytes[start..<min(start + 100, bytes.count)]))
      usleep(50)
    }
  }

  /// Sends bytes as they are: what a broken peer does.
  package func sendRaw(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Waits for one frame.
  /// - Parameter timeout: seconds after which the peer counts as hung; nil waits for ever.
  /// - Throws: `ProtocolError`; `.closed` when the peer ended between two frames.
  package func receive(timeout: Double? = nil) throws -> Frame {
    let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
    let header = try read(count: Frame.headerLength, atStart: true, deadline)
    let (kind, length) = try Frame.parseHeader(header)
    return Frame(kind: kind, body: try read(count: length, atStart: false, deadline))
  }

  /// Makes sends give up after `writeTimeout` on a peer that does not read.
  package func setNonBlocking() {
    let flags = fcntl(output, F_GETFL)
    _ = fcntl(output, F_SETFL, flags | O_NONBLOCK)
  }

  /// Makes a pipe hold a large frame where the system allows it, so that its writer need not wait for its reader.
  package static func widen(_ pipe: Int32) {
    #if os(Linux)
      // F_SETPIPE_SZ, a macro that Swift does not import; a megabyte is what an unprivileged process may ask for.
      _ = fcntl(pipe, 1031, 1 << 20)
    #endif
  }

  /// How often a wait looks for data before it sleeps: well under 0.1 ms in all.
  private static let looksBeforeSleep = 200
  private static let longestSleepMilliseconds: Int32 = 200

  /// Looks for data for a moment before sleeping. An answer in a small round is due in microseconds, and being
  /// woken from sleep takes longer than that; yielding between looks leaves the core to whoever needs it.
  private func waitForData(_ deadline: ContinuousClock.Instant?) throws {
    var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    for _ in 0..<Self.looksBeforeSleep {
      if poll(&state, 1, 0) != 0 { return }
      sched_yield()
    }
    // Never asleep for good: a signal that comes just before a sleep does not end it.
    while poll(&state, 1, Self.longestSleepMilliseconds) <= 0 {
      if shouldStop() { throw ProtocolError.interrupted }
      if let deadline, ContinuousClock.now > deadline { throw ProtocolError.timedOut }
    }
  }

  private func read(count: Int, atStart: Bool, _ deadline: ContinuousClock.Instant?) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var done = 0
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
        if deadline != nil || (atStart && done == 0) { try waitForData(deadline) }
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

  /// A peer that reads nothing for this long counts as hung.
  private static let writeTimeout = Duration.seconds(60)

  private func waitForRoom() throws {
    var state = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    let deadline = ContinuousClock.now + Self.writeTimeout
    while poll(&state, 1, Self.longestSleepMilliseconds) <= 0 {
      if shouldStop() { throw ProtocolError.interrupted }
      if ContinuousClock.now > deadline { throw ProtocolError.timedOut }
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
      } else if errno == EAGAIN {
        try waitForRoom()
      } else if errno != EINTR {
        throw ProtocolError.system(errno)
      } else if shouldStop() {
        throw ProtocolError.interrupted
      }
    }
  }
}
