import Coordinator
import Foundation

/// One line on standard error that is rewritten while a run goes on; silent when that is not a terminal.
package final class ProgressLine {
  private let enabled: Bool
  private let start = Date()
  private var lastShown = Date.distantPast

  /// - Parameter quiet: never show anything.
  package init(quiet: Bool) {
    enabled = !quiet && isatty(FileHandle.standardError.fileDescriptor) == 1
  }

  /// Shows where the run stands, at most ten times a second.
  package func show(_ progress: RunProgress) {
    guard enabled else { return }
    let now = Date()
    guard now.timeIntervalSince(lastShown) >= 0.1 || progress.round == progress.rounds else { return }
    lastShown = now
    let elapsed = now.timeIntervalSince(start)
    let left = elapsed / Double(progress.round) * Double(progress.rounds - progress.round)
    FileHandle.standardError.write(Data(("\r\u{1B}[K" + Self.text(progress, secondsLeft: left)).utf8))
  }

  /// Removes the line.
  package func clear() {
    if enabled { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }

  static func text(_ progress: RunProgress, secondsLeft: Double) -> String {
    var parts = ["round \(progress.round)/\(progress.rounds)", "AUC \(Number.fixed(progress.auc, 4))"]
    if let epsilon = progress.epsilon { parts.append("ε ≤ \(Number.fixed(epsilon, 3))") }
    parts.append("\(Number.duration(secondsLeft)) left")
    return parts.joined(separator: " · ")
  }
}
