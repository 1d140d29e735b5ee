import FederationProtocol
import Foundation
import NumericalCore
import Recommender

/// The worker process: answers one frame with one frame until the coordinator is gone.
package enum WorkerLoop {
  /// Serves a connection.
  /// - Returns: when the coordinator closed it; that is the normal end, also after the coordinator was killed.
  /// - Throws: `ProtocolError` when the coordinator does not keep to the protocol.
  package static func run(_ channel: FrameChannel) throws {
    var worker: CohortWorker?
    var queries: QueryWorker?
    while true {
      let message: CoordinatorMessage
      do {
        message = try CoordinatorMessage(channel.receive())
      } catch ProtocolError.closed {
        return
      }
      var failure: CohortWorker.Failure?
      if case .train(let round, _, _, _, _) = message { failure = worker?.failure(round: round) }
      try fail(failure, channel)
      var answer: WorkerMessage
      do {
        answer = try reply(to: message, worker: &worker, queries: &queries)
      } catch let failure as WorkerFailure {
        answer = .failure(failure)
      }
      do {
        if failure == .slow { try channel.sendInPieces(answer.frame) } else { try channel.send(answer.frame) }
      } catch ProtocolError.closed {
        return
      }
    }
  }

  /// Does what a failing worker does: it never returns. A slow one only answers slowly, and does.
  private static func fail(_ failure: CohortWorker.Failure?, _ channel: FrameChannel) throws {
    switch failure {
    case nil, .slow: return
    case .crash: exit(70)
    case .hang: while true { pause() }
    case .garbage:
      var stream = RandomStream(seed: 1, purpose: .workerFault)
      try channel.sendRaw((0..<200).map { _ in UInt8(truncatingIfNeeded: stream.nextWord()) })
      // Nothing that follows could be taken for an answer.
      while true { pause() }
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
      return .evaluation(counts: try configured().evaluate(scorer, slice: slice, weights: weights))
    case .evaluateCells(let cells, let scorer, let slice, let weights):
      let cells = cells.map { ScoreCell(first: $0.first, bits: $0.bits) }
      return .evaluation(
        counts: try configured().evaluate(in: cells, scorer, slice: slice, weights: weights))
    case .measureFeatures: return .evaluation(counts: try configured().features())
    case .tally(let request):
      guard let queries else { throw ProtocolError.unexpected(message.frame.kind) }
      return try queries.tally(request)
    case .attack(let weights): return .evaluation(counts: try configured().attack(weights: weights))
    case .identify: return .identified(keys: try configured().trainingKeys)
    case .measureSizes: return .evaluation(counts: try configured().sizes())
    case .measureUpdates(let round, let clippingNorm, let weights):
      return .evaluation(
        counts: try configured().updates(round: round, clippingNorm: clippingNorm, weights: weights))
    }
  }
}
