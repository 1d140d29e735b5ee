import FederationProtocol
import Foundation
import Synchronization
import Testing

@Suite("Connections within a process")
struct LoopbackConnectionTests {
  private static let frame = Frame(kind: .ready, body: [1, 2, 3])

  @Test("carry frames both ways, each whole, however many wait")
  func frames() throws {
    let (near, far) = LoopbackConnection.pair()
    let long = Frame(kind: .sum, body: (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    for frame in [Self.frame, long, Self.frame] { try near.send(frame) }
    for frame in [Self.frame, long, Self.frame] { #expect(try far.receive() == frame) }
    try far.send(long)
    #expect(try near.receive(timeout: 1) == long)
  }

  @Test("tell an end between frames from an end inside one, and take nothing after it")
  func ends() throws {
    for (bytes, error) in [([UInt8](), ProtocolError.closed), ([1, 0, 0], .truncated)] {
      let (near, far) = LoopbackConnection.pair()
      try far.write(bytes)
      far.close()
      #expect(throws: error) { try near.receive() }
      #expect(throws: ProtocolError.closed) { try near.send(Self.frame) }
    }
  }

  @Test("wake whoever waits when they are closed, on either side")
  func closing() {
    for isNear in [true, false] {
      let (near, far) = LoopbackConnection.pair()
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: 0.02)
        (isNear ? near : far).close()
      }
      #expect(throws: ProtocolError.closed) { try far.receive(timeout: 60) }
    }
  }

  @Test("give up on a peer that says nothing, and stop waiting when asked to")
  func waits() {
    #expect(throws: ProtocolError.timedOut) { try LoopbackConnection.pair().near.receive(timeout: 0.01) }
    let stopping = LoopbackConnection.pair(shouldStop: { true }).near
    #expect(throws: ProtocolError.interrupted) { try stopping.receive() }
  }

  @Test("refuse bytes that are no frame, as over a pipe")
  func garbage() throws {
    let (near, far) = LoopbackConnection.pair()
    try far.write([UInt8](repeating: 9, count: 200))
    #expect(throws: ProtocolError.version(found: 9)) { try near.receive() }
  }

  @Test("show their recorder every byte that the near end receives")
  func recording() throws {
    let recorded = Mutex<[UInt8]>([])
    let (near, far) = LoopbackConnection.pair(recorder: { bytes in recorded.withLock { $0 += bytes } })
    try far.send(Self.frame)
    try near.send(Self.frame)
    #expect(try near.receive() == Self.frame && far.receive() == Self.frame)
    #expect(recorded.withLock { $0 } == Self.frame.header + Self.frame.body)
  }

  @Test("end with the worker that is a thread, however it ends")
  func threads() throws {
    let launcher = ThreadLauncher { connection in
      while true {
        let frame = try connection.receive()
        if frame.kind == .tally { throw ProtocolError.unexpected(.tally) }
        try connection.send(frame)
      }
    }
    let worker = try launcher.launch(shouldStop: { false }, recorder: nil)
    #expect(worker.processIdentifier == nil)
    try worker.connection.send(Self.frame)
    #expect(try worker.connection.receive(timeout: 60) == Self.frame)
    try worker.connection.send(Frame(kind: .tally, body: []))
    #expect(throws: ProtocolError.closed) { try worker.connection.receive(timeout: 60) }
    worker.stop()
  }
}
