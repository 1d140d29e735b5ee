import FederationProtocol
import Recommender

/// A question to all workers about held-out clients, with typed counters for an answer, and what is said of their sum.
protocol Probe {
  /// What a worker answers with.
  associatedtype Counts: AdditiveCounts
  /// What the sum over all workers says.
  associatedtype Finding

  /// What workers are asked.
  var request: CoordinatorMessage { get }
  /// Whether counters can be an answer to this very question; otherwise the worker is broken.
  func accepts(_ counts: Counts) -> Bool
  /// What is said of the counters of all workers.
  func finding(_ total: Counts) -> Finding
}

extension Probe {
  func accepts(_ counts: Counts) -> Bool { true }
}

extension WorkerPool {
  /// Asks every worker.
  /// - Throws: `CoordinatorError`.
  func ask<Question: Probe>(_ probe: Question) throws -> Question.Finding {
    let frame = probe.request.frame
    let parts: [Question.Counts] = try askAll((0..<count).map { (worker: $0, frame: frame) }) { answer in
      guard case .evaluation(Question.Counts.kind, let values) = answer,
        let counts = Question.Counts(values: values),
        probe.accepts(counts)
      else { return nil }
      return counts
    }
    guard var total = parts.first else { preconditionFailure("a run has a worker") }
    for counts in parts.dropFirst() { total.add(counts) }
    return probe.finding(total)
  }
}
