/// How a coordinator and a worker talk: whole frames, one way and the other, blocking.
package protocol Connection: Sendable {
  /// Sends one frame.
  /// - Throws: `ProtocolError.closed` when nobody reads, `.system` for other failures.
  func send(_ frame: Frame) throws

  /// Waits for one frame.
  /// - Parameter timeout: seconds after which the peer counts as hung; nil waits for ever.
  /// - Throws: `ProtocolError`; `.closed` when the peer ended between two frames.
  func receive(timeout: Double?) throws -> Frame

  /// Ends the connection: the peer, and whoever waits on this side, finds it closed.
  func close()
}

extension Connection {
  /// Waits for one frame, however long it takes.
  package func receive() throws -> Frame { try receive(timeout: nil) }
}

/// A connection that carries bytes in their order. Frames have one form on all of these, and one reader.
package protocol ByteConnection: Connection {
  /// Sends bytes, all of them.
  func write(_ bytes: UnsafeRawBufferPointer) throws

  /// Waits for bytes and takes what is there.
  /// - Parameters:
  ///   - startsFrame: whether nothing of a frame has been read, so that the peer may still be thinking.
  ///   - deadline: nil waits for ever.
  /// - Returns: how many bytes were taken; none when the peer has closed its end.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, startsFrame: Bool, deadline: ContinuousClock.Instant?
  ) throws -> Int
}

extension ByteConnection {
  /// Copying so many bytes takes less time than another call of the system.
  private var longestCopied: Int { 1 << 14 }

  package func send(_ frame: Frame) throws {
    // A reader that is woken by the header alone would wait again for the body.
    if frame.body.count <= longestCopied { return try write(frame.header + frame.body) }
    try write(frame.header)
    try write(frame.body)
  }

  /// Sends bytes that need not be a frame.
  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  package func receive(timeout: Double?) throws -> Frame {
    let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
    let header = try read(count: Frame.headerLength, startsFrame: true, deadline)
    let (kind, length) = try Frame.parseHeader(header)
    return Frame(kind: kind, body: try read(count: length, startsFrame: false, deadline))
  }

  private func read(count: Int, startsFrame: Bool, _ deadline: ContinuousClock.Instant?) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var done = 0
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
        let isFirst = startsFrame && done == 0
        let got = try read(into: rest, startsFrame: isFirst, deadline: deadline)
        if got == 0 { throw isFirst ? ProtocolError.closed : ProtocolError.truncated }
        done += got
      }
      initialized = count
    }
  }
}
