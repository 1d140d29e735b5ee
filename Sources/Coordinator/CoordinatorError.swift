import FederationProtocol

/// Why a run cannot go on.
package enum CoordinatorError: Error, Equatable {
  /// A worker process could not be started at all.
  case workerNotStarted(String)
  /// A worker ended or broke the protocol again and again at the same request.
  case workerKeepsFailing(worker: Int, attempts: Int, last: ProtocolError)
  /// A worker said why it cannot work.
  case workerFailed(WorkerFailure)
  /// Workers disagree on what the population is: the shards changed while they were read.
  case populationDiffers
  /// A weight left the range of single precision: the server's steps are too large.
  case diverged(round: Int)
  /// The user asked to stop.
  case interrupted
}
