import FederationProtocol
import Foundation
import Testing

@Suite("Frames")
struct FrameTests {
  private func header(length: UInt32 = 0, version: UInt8 = Frame.version, kind: UInt8 = 66, zeros: UInt8 = 0)
    -> [UInt8]
  {
    (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + [version, kind, zeros, 0]
  }

  @Test("have headers that say their kind and length")
  func headers() throws {
    for kind in Frame.Kind.allCases {
      let body = [UInt8](repeating: 1, count: min(3, kind.longestBody))
      let (parsed, length) = try Frame.parseHeader(Frame(kind: kind, body: body).header)
      #expect(parsed == kind && length == body.count)
    }
  }

  @Test("of another version, an unknown kind or with set padding are refused")
  func wrongHeaders() {
    #expect(throws: ProtocolError.version(found: 9)) { try Frame.parseHeader(header(version: 9)) }
    #expect(throws: ProtocolError.unknownKind(64)) { try Frame.parseHeader(header(kind: 64)) }
    #expect(throws: ProtocolError.unknownKind(66)) { try Frame.parseHeader(header(zeros: 1)) }
    #expect(throws: ProtocolError.truncated) { try Frame.parseHeader([0, 0, 0]) }
  }

  @Test("longer than their kind allows are refused by their header alone", arguments: Frame.Kind.allCases)
  func bounds(kind: Frame.Kind) throws {
    let most = UInt32(kind.longestBody)
    #expect(try Frame.parseHeader(header(length: most, kind: kind.rawValue)).bodyLength == Int(most))
    #expect(throws: ProtocolError.tooLong(kind: kind, length: Int(most) + 1)) {
      try Frame.parseHeader(header(length: most + 1, kind: kind.rawValue))
    }
  }

  @Test("from a worker are too short to hold anything but counts, a digest, sums, a place and a key a client")
  func workerFramesAreBounded() {
    #expect(Frame.Kind.ready.longestBody <= 40 + 32)
    #expect(Frame.Kind.identified.longestBody <= Limits.clients * 8 + 64)
    #expect(Frame.Kind.failure.longestBody <= 64)
    #expect(Frame.Kind.sum.longestBody <= Limits.sums * 8 + 64)
  }
}

@Suite("Connections over pipes")
struct PipeConnectionTests {
  @Test("carry frames longer than a pipe holds")
  func longFrames() throws {
    let pipe = Pipe()
    let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let sender = PipeConnection(reading: -1, writing: pipe.fileHandleForWriting.fileDescriptor)
    let receiver = PipeConnection(reading: pipe.fileHandleForReading.fileDescriptor, writing: -1)
    // A thread of its own: a task would wait for one of the few that tests run on, of which this one is one.
    Thread.detachNewThread { try? sender.send(Frame(kind: .sum, body: body)) }
    let frame = try receiver.receive(timeout: 60)
    #expect(frame == Frame(kind: .sum, body: body))
    withExtendedLifetime(pipe) {}
  }

  @Test("tell an end between frames from an end inside one")
  func ends() throws {
    for (bytes, error) in [([UInt8](), ProtocolError.closed), ([1, 0, 0], .truncated)] {
      let pipe = Pipe()
      try pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
      try pipe.fileHandleForWriting.close()
      let channel = PipeConnection(reading: pipe.fileHandleForReading.fileDescriptor, writing: -1)
      #expect(throws: error) { try channel.receive() }
    }
  }

  @Test("stop waiting when asked to")
  func interruption() {
    let pipe = Pipe()
    let channel = PipeConnection(
      reading: pipe.fileHandleForReading.fileDescriptor, writing: -1, shouldStop: { true })
    #expect(throws: ProtocolError.interrupted) { try channel.receive() }
    withExtendedLifetime(pipe) {}
  }

  @Test("show their recorder every byte received")
  func recording() throws {
    let pipe = Pipe()
    let recorded = Recorded()
    let channel = PipeConnection(
      reading: pipe.fileHandleForReading.fileDescriptor,
      writing: pipe.fileHandleForWriting.fileDescriptor, recorder: { recorded.append($0) })
    let frame = Frame(kind: .ready, body: [1, 2, 3])
    try channel.send(frame)
    #expect(try channel.receive() == frame)
    #expect(recorded.bytes == frame.header + frame.body)
    withExtendedLifetime(pipe) {}
  }

  /// Bytes behind a lock, because a recorder may be called from anywhere.
  private final class Recorded: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: [UInt8] = []
    var bytes: [UInt8] { lock.withLock { stored } }
    func append(_ bytes: UnsafeRawBufferPointer) { lock.withLock { stored += bytes } }
  }
}
