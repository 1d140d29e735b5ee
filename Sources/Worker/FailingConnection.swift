#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif
import FederationProtocol
import NumericalCore

/// A connection over which a worker fails at its next answer.
struct FailingConnection: Connection {
  private let connection: any ByteConnection
  private let failure: CohortWorker.Failure

  init(_ connection: any ByteConnection, _ failure: CohortWorker.Failure) {
    self.connection = connection
    self.failure = failure
  }

  func send(_ frame: Frame) throws {
    switch failure {
    case .crash: throw ProtocolError.closed
    // Nothing is sent, now or later: the coordinator gives up on this worker and closes the connection.
    case .hang: break
    case .garbage:
      var stream = RandomStream(seed: 1, purpose: .workerFault)
      try connection.write((0..<200).map { _ in UInt8(truncatingIfNeeded: stream.nextWord()) })
    case .slow:
      let bytes = frame.header + frame.body
      for start in stride(from: 0, to: bytes.count, by: 100) {
        try connection.write(Array(bytes[start..<min(start + 100, bytes.count)]))
        usleep(50)
      }
    }
  }

  func receive(timeout: Double?) throws -> Frame { try connection.receive(timeout: timeout) }

  func close() { connection.close() }
}
