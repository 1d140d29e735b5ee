import Foundation

/// Workers that are processes, with pipes to them.
package struct ProcessLauncher: Launcher {
  private let executable: URL
  private let arguments: [String]

  package init(executable: URL, arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  package func launch(
    shouldStop: @escaping @Sendable () -> Bool, recorder: ByteRecorder?
  ) throws -> WorkerHandle {
    let (process, toWorker, fromWorker) = (Process(), Pipe(), Pipe())
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = toWorker
    process.standardOutput = fromWorker
    do {
      try process.run()
    } catch {
      throw LaunchError(description: "\(error)")
    }
    let (writing, reading) = (toWorker.fileHandleForWriting, fromWorker.fileHandleForReading)
    let connection = PipeConnection(
      reading: reading.fileDescriptor, writing: writing.fileDescriptor, shouldStop: shouldStop, recorder: recorder
    ) {
      try? writing.close()
      try? reading.close()
    }
    connection.setNonBlocking()
    for pipe in [writing, reading] { PipeConnection.widen(pipe.fileDescriptor) }
    return WorkerHandle(connection: connection, processIdentifier: process.processIdentifier) {
      // At once, and reaped.
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      connection.close()
      process.waitUntilExit()
    }
  }
}
