import Foundation

/// A connection within this process: two queues of bytes between two threads.
package final class LoopbackConnection: ByteConnection {
  private let incoming: ByteQueue
  private let outgoing: ByteQueue
  private let shouldStop: @Sendable () -> Bool
  private let recorder: ByteRecorder?

  private init(
    from incoming: ByteQueue, to outgoing: ByteQueue, shouldStop: @escaping @Sendable () -> Bool,
    recorder: ByteRecorder?
  ) {
    self.incoming = incoming
    self.outgoing = outgoing
    self.shouldStop = shouldStop
    self.recorder = recorder
  }

  /// Two ends of one connection.
  /// - Parameters:
  ///   - shouldStop: asked while the near end waits.
  ///   - recorder: sees every byte that the near end receives.
  package static func pair(
    shouldStop: @escaping @Sendable () -> Bool = { false }, recorder: ByteRecorder? = nil
  ) -> (near: LoopbackConnection, far: LoopbackConnection) {
    let (there, back) = (ByteQueue(), ByteQueue())
    return (
      LoopbackConnection(from: back, to: there, shouldStop: shouldStop, recorder: recorder),
      LoopbackConnection(from: there, to: back, shouldStop: { false }, recorder: nil)
    )
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws { try outgoing.append(bytes) }

  package func read(
    into buffer: UnsafeMutableRawBufferPointer, startsFrame: Bool, deadline: ContinuousClock.Instant?
  ) throws -> Int {
    let got = try incoming.take(into: buffer, deadline: deadline, shouldStop: shouldStop)
    if got > 0 { recorder?(UnsafeRawBufferPointer(rebasing: buffer[..<got])) }
    return got
  }

  package func close() {
    incoming.close()
    outgoing.close()
  }
}

/// Bytes on their way from one thread to another. A queue that is closed takes no more, and gives what it holds.
private final class ByteQueue: @unchecked Sendable {
  /// Guards everything below.
  private let condition = NSCondition()
  private var bytes: [UInt8] = []
  /// Bytes at the start of `bytes` that were taken already.
  private var taken = 0
  private var isClosed = false

  /// How often a reader that waits asks whether it is to stop.
  private static let longestWait = 0.05

  func append(_ new: UnsafeRawBufferPointer) throws {
    condition.lock()
    defer { condition.unlock() }
    if isClosed { throw ProtocolError.closed }
    bytes.append(contentsOf: new)
    condition.signal()
  }

  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }

  /// Waits until there are bytes, and moves as many as fit.
  /// - Returns: how many; none when the queue is closed and empty.
  func take(
    into buffer: UnsafeMutableRawBufferPointer, deadline: ContinuousClock.Instant?, shouldStop: () -> Bool
  ) throws -> Int {
    condition.lock()
    defer { condition.unlock() }
    while taken == bytes.count {
      if isClosed { return 0 }
      if shouldStop() { throw ProtocolError.interrupted }
      if let deadline, ContinuousClock.now > deadline { throw ProtocolError.timedOut }
      _ = condition.wait(until: Date(timeIntervalSinceNow: Self.longestWait))
    }
    let count = min(buffer.count, bytes.count - taken)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + count])) }
    taken += count
    if taken == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      taken = 0
    }
    return count
  }
}
