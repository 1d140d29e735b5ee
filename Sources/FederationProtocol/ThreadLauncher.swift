import Foundation

/// Workers that are threads of this process. What they do is handed in, because who coordinates must not reach the module
/// of the workers.
package struct ThreadLauncher: Launcher {
  private let body: @Sendable (LoopbackConnection) throws -> Void

  /// - Parameter body: what a worker does until its connection is closed.
  package init(_ body: @escaping @Sendable (LoopbackConnection) throws -> Void) { self.body = body }

  package func launch(
    shouldStop: @escaping @Sendable () -> Bool, recorder: ByteRecorder?
  ) throws -> WorkerHandle {
    let (near, far) = LoopbackConnection.pair(shouldStop: shouldStop, recorder: recorder)
    let body = body
    let thread = Thread {
      // However a worker ends, its coordinator learns of it as of the end of a process.
      defer { far.close() }
      try? body(far)
    }
    // As much as a process has; the default of secondary threads is small on some systems.
    thread.stackSize = 8 << 20
    thread.start()
    // A thread cannot be killed: one that is at work ends when it next looks at its connection.
    return WorkerHandle(connection: near, processIdentifier: nil) { near.close() }
  }
}
