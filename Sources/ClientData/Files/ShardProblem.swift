import FederationProtocol

/// What is wrong with a file, and where; which file it is, its reader knows.
struct ShardProblem: Error {
  let reason: WorkerFailure.Reason
  /// From 1; 0 where no line is meant.
  let line: Int
  /// From 1; 0 where no field is meant. What it counts depends on the reason.
  let field: Int

  init(_ reason: WorkerFailure.Reason, line: Int = 0, field: Int = 0) {
    self.reason = reason
    self.line = line
    self.field = field
  }

  /// The same at a line, where it has none yet.
  func at(line: Int) -> ShardProblem { self.line > 0 ? self : ShardProblem(reason, line: line, field: field) }

  func failure(heldOut: Bool, file: Int) -> WorkerFailure {
    WorkerFailure(reason: reason, heldOut: heldOut, file: file, line: line, field: field)
  }
}
