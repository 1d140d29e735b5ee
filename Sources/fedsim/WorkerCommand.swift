import FederationProtocol
import Foundation
import Worker

let workerCommand = Command(
  name: "worker", about: "Internal: what the coordinator starts. Speaks frames on standard input and output.",
  positional: [], options: [], isInternal: true
) { _, _ in
  // Ctrl-C reaches the whole foreground group; the coordinator decides when its workers end.
  signal(SIGINT, SIG_IGN)
  try WorkerLoop.run(PipeConnection(reading: STDIN_FILENO, writing: STDOUT_FILENO))
  return 0
}

/// How the coordinator starts a worker: this program again.
func workerLauncher() throws -> any Launcher {
  guard let executable = Bundle.main.executableURL else {
    throw RunFailure("cannot find this program's own file to start workers from")
  }
  return ProcessLauncher(executable: executable, arguments: ["worker"])
}
