#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A connection over a pair of file descriptors: the pipes to a process.
package struct PipeConnection: ByteConnection {
  private let input: Int32
  private let output: Int32
  /// Asked whenever a signal interrupts a wait.
  private let shouldStop: @Sendable () -> Bool
  /// Sees every byte received, for audits.
  private let recorder: ByteRecorder?
  private let closing: @Sendable () -> Void

  /// A connection over open descriptors.
  /// - Parameter closing: closes them; without it they stay open until the process ends.
  package init(
    reading input: Int32, writing output: Int32, shouldStop: @escaping @Sendable () -> Bool = { false },
    recorder: ByteRecorder? = nil, closing: @escaping @Sendable () -> Void = {}
  ) {
    self.input = input
    self.output = output
    self.shouldStop = shouldStop
    self.recorder = recorder
    self.closing = closing
  }

  package func close() { closing() }

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

  package func read(
    into buffer: UnsafeMutableRawBufferPointer, startsFrame: Bool, deadline: ContinuousClock.Instant?
  ) throws -> Int {
    while true {
      if deadline != nil || startsFrame { try waitForData(deadline) }
      #if canImport(Darwin)
        let got = Darwin.read(input, buffer.baseAddress, buffer.count)
      #else
        let got = Glibc.read(input, buffer.baseAddress, buffer.count)
      #endif
      if got > 0 { recorder?(UnsafeRawBufferPointer(rebasing: buffer[..<got])) }
      if got >= 0 { return got }
      if errno != EINTR { throw ProtocolError.system(errno) }
      if shouldStop() { throw ProtocolError.interrupted }
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

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
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
