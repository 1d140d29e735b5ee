import FederationProtocol
import Recommender

/// A worker: answers one frame with one frame until the coordinator is gone.
package enum WorkerLoop {
  /// Serves a connection.
  /// - Returns: when the coordinator closed it; that is the normal end, also after the coordinator was killed.
  /// - Throws: `ProtocolError` when the coordinator does not keep to the protocol.
  package static func run(_ connection: any ByteConnection) throws {
    var worker: CohortWorker?
    var queries: QueryWorker?
    while true {
      let message: CoordinatorMessage
      do {
        message = try CoordinatorMessage(connection.receive())
      } catch ProtocolError.closed {
        return
      }
      var failure: CohortWorker.Failure?
      if case .train(let round, _, _, _, _) = message { failure = worker?.failure(round: round) }
      var answer: WorkerMessage
      do {
        answer = try reply(to: message, worker: &worker, queries: &queries)
      } catch let failure as WorkerFailure {
        answer = .failure(failure)
      }
      do {
        let outgoing: any Connection = failure.map { FailingConnection(connection, $0) } ?? connection
        try outgoing.send(answer.frame)
      } catch ProtocolError.closed {
        return
      }
    }
  }

  private static func reply(
    to message: CoordinatorMessage, worker: inout CohortWorker?, queries: inout QueryWorker?
  ) throws -> WorkerMessage {
    func configured() throws -> CohortWorker {
      guard let worker else { throw ProtocolError.unexpected(message.frame.kind) }
      return worker
    }
    switch message {
    case .configure(let configuration) where configuration.task == .queries:
      let made = try QueryWorker(configuration)
      queries = made
      return .ready(made.readiness)
    case .configure(let configuration):
      let made = try CohortWorker(configuration, replacing: worker)
      worker = made
      return .ready(made.readiness)
    case .train(let round, let clippingNorm, let clients, let weights, let noise):
      return try configured().train(
        round: round, clippingNorm: clippingNorm, clients: clients, weights: weights, noise: noise)
    case .evaluate(let scorer, let slice, let weights):
      return counted(try configured().evaluate(scorer, slice: slice, weights: weights))
    case .evaluateCells(let cells, let scorer, let slice, let weights):
      let cells = cells.map { ScoreCell(first: $0.first, bits: $0.bits) }
      return counted(try configured().evaluate(in: cells, scorer, slice: slice, weights: weights))
    case .measureFeatures: return counted(try configured().features())
    case .tally(let request):
      guard let queries else { throw ProtocolError.unexpected(message.frame.kind) }
      return try queries.tally(request)
    case .attack(let weights): return counted(try configured().attack(weights: weights))
    case .identify: return .identified(keys: try configured().trainingKeys)
    case .measureSizes: return counted(try configured().sizes())
    case .measureUpdates(let round, let clippingNorm, let weights):
      return counted(try configured().updates(round: round, clippingNorm: clippingNorm, weights: weights))
    }
  }

  /// Counters as they travel.
  private static func counted<Counts: AdditiveCounts>(_ counts: Counts) -> WorkerMessage {
    .evaluation(Counts.kind, counts: counts.values)
  }
}
