import FederationProtocol
import Foundation
import Worker

let workerCommand = Command(
  name: "worker", about: "Internal: what the coordinator starts. Speaks frames on standard input and output.",
  positional: [], options: [], isInternal: true
) { _ in
  // Ctrl-C reaches the whole foreground group; the coordinator decides when its workers end.
  signal(SIGINT, SIG_IGN)
  try WorkerLoop.run(FrameChannel(reading: STDIN_FILENO, writing: STDOUT_FILENO))
  return 0
}
