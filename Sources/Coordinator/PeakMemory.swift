import Foundation

/// The most memory that each process of a run has held so far, in bytes. nil where the system does not tell.
package struct PeakMemory: Sendable {
  package let coordinator: Int?
  /// One a worker, in their order; of the process that is the worker now.
  package let workers: [Int?]

  /// - Parameter workers: process identifiers.
  init(workers: [Int32?]) {
    coordinator = Self.peak(ofProcess: ProcessInfo.processInfo.processIdentifier)
    self.workers = workers.map { $0.flatMap(Self.peak(ofProcess:)) }
  }

  /// The resident set's high-water mark, from Linux's table of processes.
  private static func peak(ofProcess identifier: Int32) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
