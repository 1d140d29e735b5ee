import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: noted by a handler, acted on between and during rounds.
enum Interruption {
  private static let signalNumber = Atomic<Int32>(0)

  /// Whether the user asked to stop.
  static var requested: Bool { signalNumber.load(ordering: .relaxed) != 0 }

  /// The exit status that says which signal it was.
  static var status: Int32 { 128 + signalNumber.load(ordering: .relaxed) }

  /// Installs the handlers. Waits are interrupted (no SA_RESTART), so that a long round stops at once.
  static func install() {
    _ = requested
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { Interruption.note($0) }
      #else
        action.__sigaction_handler.sa_handler = { Interruption.note($0) }
      #endif
      sigaction(number, &action, nil)
    }
    // Who started this program may have blocked them: threads of some runtimes do, and a child inherits it.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func note(_ number: Int32) {
    signalNumber.store(number, ordering: .relaxed)
  }
}
