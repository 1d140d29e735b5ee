/// Sees bytes that were received.
package typealias ByteRecorder = @Sendable (UnsafeRawBufferPointer) -> Void

/// How workers are started and connected: as processes, as threads of this one.
package protocol Launcher: Sendable {
  /// Starts a worker.
  /// - Parameters:
  ///   - shouldStop: asked while its answers are waited for.
  ///   - recorder: sees every byte that it sends.
  /// - Throws: `LaunchError`.
  func launch(shouldStop: @escaping @Sendable () -> Bool, recorder: ByteRecorder?) throws -> WorkerHandle
}

/// A worker could not be started.
package struct LaunchError: Error, CustomStringConvertible {
  package let description: String
}

/// A running worker, as its coordinator has it.
package struct WorkerHandle {
  package let connection: any Connection
  /// The system's number of the worker's process; nil when it has none of its own.
  package let processIdentifier: Int32?
  private let ending: () -> Void

  /// - Parameter ending: ends the worker, whatever it is doing.
  package init(connection: any Connection, processIdentifier: Int32?, ending: @escaping () -> Void) {
    self.connection = connection
    self.processIdentifier = processIdentifier
    self.ending = ending
  }

  /// Ends the worker. It holds nothing that could be lost.
  package func stop() { ending() }
}
