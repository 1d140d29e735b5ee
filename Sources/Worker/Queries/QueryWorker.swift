import ClientData
import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Scenarios

/// A worker that answers queries: it adds up what its clients contribute, each within its bounds.
package final class QueryWorker {
  /// What this worker's clients contribute to one query.
  private struct Contributions {
    let query: Int
    /// Contributions of clients within their bounds, one client after the other.
    var cells: [Int32] = []
    var amounts: [Int32] = []
    /// Where each client's start, and the total as the last element.
    var starts = [0]
    /// Sums over everything that clients hold.
    var exact: [Int64]
    /// Clients that contribute something.
    var clients = 0
  }

  private let scenario: QueryScenario
  private let configuration: WorkerConfiguration
  private let source: any RecordSource
  private let fields: [RecordField]
  /// Of the query that was asked last.
  private var latest: Contributions?

  /// - Throws: `WorkerFailure` when the scenario cannot be used.
  package init(_ configuration: WorkerConfiguration) throws {
    guard let value = try? JSONValue(utf8: configuration.scenario),
      let scenario = try? QueryScenario(value, file: "scenario")
    else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
    self.configuration = configuration
    self.scenario = scenario
    source = makeRecordSource(for: scenario)
    fields = scenario.population.fields
  }

  /// What this worker found.
  package var readiness: WorkerReadiness {
    WorkerReadiness(
      trainingClients: source.clients, heldOutClients: 0, skippedClients: 0, knowsTruth: true,
      knowsPopularity: false)
  }

  /// The answer to a query.
  /// - Throws: `WorkerFailure` when there is no such query.
  package func tally(_ request: TallyRequest) throws -> WorkerMessage {
    guard scenario.queries.indices.contains(request.query) else {
      throw WorkerFailure(reason: .scenarioNotUnderstood)
    }
    let query = scenario.queries[request.query]
    guard query.epsilons.indices.contains(request.level) else {
      throw WorkerFailure(reason: .scenarioNotUnderstood)
    }
    let contributions = contributions(of: query, number: request.query)
    return .tallied(
      Tally(
        clients: contributions.clients, exact: contributions.exact, bounded: boundedSums(contributions),
        noisy: scenario.protection.trust.clientsAddNoise ? try noisySums(contributions, query, request) : []))
  }

  private func contributions(of query: Query, number: Int) -> Contributions {
    if let latest, latest.query == number { return latest }
    let trust = scenario.protection.trust
    var found = Contributions(query: number, exact: [Int64](repeating: 0, count: query.cellCount(fields)))
    for client in Swift.stride(from: configuration.worker, to: source.clients, by: configuration.workers) {
      let records = source.records(of: client)
      _ = query.contribute(records, fields, most: nil, trust: trust) { cell, amount in
        found.exact[cell] += Int64(amount)
      }
      let contributes = query.contribute(records, fields, most: query.maximumPerClient, trust: trust) {
        cell, amount in
        found.cells.append(Int32(truncatingIfNeeded: cell))
        found.amounts.append(Int32(truncatingIfNeeded: amount))
      }
      found.starts.append(found.cells.count)
      found.clients += contributes ? 1 : 0
    }
    latest = found
    return found
  }

  private func boundedSums(_ contributions: Contributions) -> [Int64] {
    var sums = [Int64](repeating: 0, count: contributions.exact.count)
    for (cell, amount) in zip(contributions.cells, contributions.amounts) { sums[Int(cell)] += Int64(amount) }
    return sums
  }

  // MARK: Local trust

  private func noisySums(
    _ contributions: Contributions, _ query: Query, _ request: TallyRequest
  ) throws -> [Int64] {
    do {
      if configuration.secureNoise && request.trial == 0 {
        return try noisySums(contributions, query, request) { _ in SecureRandomSource() }
      }
      let round = request.release << 16 ^ request.trial
      return try noisySums(contributions, query, request) {
        RandomStream(seed: scenario.seed, purpose: .clientAnswer, round: round, client: $0)
      }
    } catch is AccountingError { throw WorkerFailure(reason: .scenarioNotUnderstood) }
  }

  private func noisySums<Source: RandomSource>(
    _ contributions: Contributions, _ query: Query, _ request: TallyRequest, source: (Int) -> Source
  ) throws -> [Int64] {
    let protection = LocalProtection(query, fields, epsilon: query.epsilons[request.level])
    var sums = [Int64](repeating: 0, count: protection.answers)
    let noise = try protection.mechanisms()
    for (position, (start, end)) in zip(contributions.starts, contributions.starts.dropFirst()).enumerated() {
      var random = source(configuration.worker + position * configuration.workers)
      switch noise {
      case .response(let response):
        // The last category is that of clients without a value.
        let truth = start < end ? Int(contributions.cells[start]) : protection.answers - 1
        sums[response.answer(truth, from: &random)] += 1
      case .laplace(let parts):
        for index in start..<end { sums[Int(contributions.cells[index])] += Int64(contributions.amounts[index]) }
        for (part, mechanism) in parts {
          for cell in part.cells { sums[cell] += Int64(mechanism.release(0, from: &random)) }
        }
      }
    }
    return sums
  }
}
