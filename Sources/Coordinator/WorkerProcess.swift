import FederationProtocol
import Foundation

/// How to start a worker: this program again.
package struct WorkerCommand: Sendable {
  package let executable: URL
  package let arguments: [String]

  package init(executable: URL, arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }
}

/// One running worker process and the pipes to it.
final class WorkerProcess {
  private let process = Process()
  private let toWorker = Pipe()
  private let fromWorker = Pipe()
  let channel: FrameChannel

  /// Starts a worker.
  /// - Throws: `CoordinatorError.workerNotStarted`.
  init(
    _ command: WorkerCommand, shouldStop: @escaping @Sendable () -> Bool,
    recorder: (@Sendable (UnsafeRawBufferPointer) -> Void)?
  ) throws {
    process.executableURL = command.executable
    process.arguments = command.arguments
    process.standardInput = toWorker
    process.standardOutput = fromWorker
    do {
      try process.run()
    } catch {
      throw CoordinatorError.workerNotStarted("\(error)")
    }
    channel = FrameChannel(
      reading: fromWorker.fileHandleForReading.fileDescriptor,
      writing: toWorker.fileHandleForWriting.fileDescriptor, shouldStop: shouldStop, recorder: recorder)
    channel.setNonBlocking()
    for pipe in [toWorker.fileHandleForWriting, fromWorker.fileHandleForReading] {
      FrameChannel.widen(pipe.fileDescriptor)
    }
  }

  /// The system's number of the process.
  var identifier: Int32 { process.processIdentifier }

  /// Ends the process at once and reaps it. A worker holds nothing that could be lost.
  func stop() {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? toWorker.fileHandleForWriting.close()
    try? fromWorker.fileHandleForReading.close()
    process.waitUntilExit()
  }
}
