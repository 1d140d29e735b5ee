import Coordinator
import Foundation

/// One line that is rewritten while a run goes on.
package final class ProgressLine {
  private let terminal: ((String) -> Void)?
  private let start = Date()
  private var lastShown = Date.distantPast

  /// - Parameter terminal: shows what it is given as it is; nil where nobody watches.
  package init(on terminal: ((String) -> Void)?) { self.terminal = terminal }

  /// Shows where a run stands.
  package func show(_ progress: RunProgress) {
    show(done: progress.round, of: progress.rounds) { left in
      var parts = ["round \(progress.round)/\(progress.rounds)", "AUC \(Number.fixed(progress.auc, 4))"]
      if let epsilon = progress.epsilon { parts.append("ε ≤ \(Number.fixed(epsilon, 3))") }
      return (parts + ["\(left) left"]).joined(separator: " · ")
    }
  }

  /// Shows where something stands that is done in steps, at most ten times a second.
  /// - Parameter text: the line, from the time that is left.
  package func show(done: Int, of total: Int, text: (String) -> String) {
    guard let terminal else { return }
    let now = Date()
    guard now.timeIntervalSince(lastShown) >= 0.1 || done == total else { return }
    lastShown = now
    let left = now.timeIntervalSince(start) / Double(max(done, 1)) * Double(total - done)
    let line = text(done == 0 ? "some time" : Number.duration(left))
    terminal("\r\u{1B}[K" + line)
  }

  /// Removes the line.
  package func clear() { terminal?("\r\u{1B}[K") }
}
