import ClientData
import Coordinator
import FederationProtocol
import Foundation
import Scenarios

/// A run that could not be carried out, in words for its user.
struct RunFailure: Error, CustomStringConvertible {
  let description: String
  let status: Int32

  init(_ description: String, status: Int32 = 3) {
    self.description = description
    self.status = status
  }

  /// Explains what the coordinator reports.
  /// - Parameter task: which of several runs it was.
  init(_ error: CoordinatorError, scenario: Scenario, folder: String, while task: String) {
    let failure = RunFailure(error, scenario: scenario, folder: folder)
    self.init("in the run \(task): \(failure.description)", status: failure.status)
  }

  /// Explains what the coordinator reports.
  init(_ error: CoordinatorError, scenario: Scenario, folder: String) {
    self.init(error) { failure in
      guard case .files(let files) = scenario.population else { return "a worker cannot work: \(failure.reason)" }
      return ShardFailure(failure, files, folder: folder).description
    }
  }

  /// Explains what the coordinator reports of queries.
  init(_ error: CoordinatorError, scenario: QueryScenario) {
    if error == .interrupted {
      self.init("interrupted; nothing was written", status: Interruption.status)
    } else {
      self.init(error) { "a worker cannot work: \($0.reason)" }
    }
  }

  private init(_ error: CoordinatorError, explain: (WorkerFailure) -> String) {
    switch error {
    case .workerNotStarted(let reason):
      self.init("a worker process could not be started: \(reason)")
    case .workerKeepsFailing(let worker, let attempts, let last):
      self.init(
        "worker \(worker) failed \(attempts) times at the same request (\(last)); its own messages are above, if it left any"
      )
    case .populationDiffers:
      self.init("workers read different populations; the shards changed while they were read")
    case .diverged(let round):
      self.init(
        "the model diverged in round \(round): a weight left the range of single precision; lower training.server.learningRate or training.l2"
      )
    case .interrupted:
      self.init("interrupted before the first round; nothing was written", status: Interruption.status)
    case .workerFailed(let failure):
      self.init(explain(failure), status: 2)
    }
  }
}
