import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Scenarios

/// Asks the queries of a file one after the other, and keeps the ledger.
package struct QuerySession {
  private let scenario: QueryScenario
  private let options: RunOptions
  private let fields: [RecordField]

  package init(_ scenario: QueryScenario, options: RunOptions) {
    self.scenario = scenario
    self.options = options
    fields = scenario.population.fields
  }

  /// Asks everything that the budget allows.
  /// - Throws: `CoordinatorError`, and `AccountingError` when the accountant has no proof for an answer.
  package func run(on pool: WorkerPool) throws -> QueryResult {
    _ = try pool.configure(options.configurations(for: scenario))
    let noise = options.noiseSource.noise(seed: scenario.seed)
    var answers: [QueryAnswer] = []
    var ledger: [LedgerEntry] = []
    var participations = 0
    for (number, query) in scenario.queries.enumerated() {
      for level in query.epsilons.indices {
        for method in methods(of: query) {
          let release = answers.count + 1
          let asked = try ask(
            query, number: number, level: level, selection: method, release: release, ledger: &ledger, pool)
          if asked.release != nil { participations += asked.clients }
          answers.append(asked)
        }
      }
    }
    let whole = Ledger(scenario, noise: noise, entries: ledger, answers: answers, participations: participations)
    let (text, head) = try whole.encoded()
    return QueryResult(
      answers: answers, ledger: ledger, ledgerText: text, ledgerHead: head, epsilon: try epsilon(of: ledger),
      participations: participations, noiseSource: options.noiseSource)
  }

  private func methods(of query: Query) -> [Query.Selection?] {
    query.selects(scenario.protection.trust) ? query.selections : [nil]
  }

  private func epsilon(of ledger: [LedgerEntry]) throws -> EpsilonBracket {
    let protection = scenario.protection
    return try LedgerEntry.epsilon(
      of: ledger, adjacency: protection.adjacency, delta: protection.delta,
      accountant: protection.accountant.accountant)
  }

  /// One answer.
  private func ask(
    _ query: Query, number: Int, level: Int, selection: Query.Selection?, release: Int, ledger: inout [LedgerEntry],
    _ pool: WorkerPool
  ) throws -> QueryAnswer {
    if pool.shouldStop() { throw CoordinatorError.interrupted }
    let protection = scenario.protection
    let epsilon = query.epsilons[level]
    let mechanism = try QueryMechanism(query, fields, protection, epsilon: epsilon, selection: selection)
    // What it would cost is known before any client is asked.
    let planned = mechanism.entries(release: release, clients: 0, adjacency: protection.adjacency)
    if let budget = protection.budget, try self.epsilon(of: ledger + planned).upper > budget * (1 + 1e-12) {
      return QueryAnswer(
        query: query.name, mechanism: mechanism.name, epsilon: epsilon, release: nil, lines: [], error: nil,
        hitRate: nil, clients: 0)
    }
    let request = TallyRequest(query: number, level: level, release: release, trial: 0)
    let tally = try tally(request, of: query, mechanism, pool)
    // Everyone answers with local trust, also those who have nothing to tell.
    let clients = protection.trust.clientsAddNoise ? scenario.population.clients : tally.clients
    let times = releases(repeats: pool.repeats)
    for _ in 0..<times {
      ledger += mechanism.entries(release: release, clients: clients, adjacency: protection.adjacency)
    }

    let first =
      mechanism.isCentral && options.noiseSource == .secure
      ? estimate(mechanism, tally.sums, clients, SecureRandomSource())
      : estimate(mechanism, tally.sums, clients, noise(release: release, trial: 0))
    let truth = QueryEstimate.exact(query, fields, tally.exact.map(Double.init))
    let withoutNoise = QueryEstimate(query, fields, tally.bounded.map { NoisyCell(Double($0)) }).values
    var errors = ErrorMeter(truth: truth ?? [], areNames: query.kind == .top)
    errors.record(first.values)
    for trial in stride(from: 1, to: scenario.trials, by: 1) {
      var sums = tally.sums
      if !mechanism.isCentral {
        if pool.shouldStop() { throw CoordinatorError.interrupted }
        let again = TallyRequest(query: number, level: level, release: release, trial: trial)
        sums = try self.tally(again, of: query, mechanism, pool).sums
      }
      errors.record(estimate(mechanism, sums, clients, noise(release: release, trial: trial)).values)
    }
    return QueryAnswer(
      query: query.name, mechanism: mechanism.name, epsilon: epsilon, release: release,
      lines: lines(query, first, withoutNoise: withoutNoise, truth: truth),
      error: query.kind == .top || truth == nil
        ? nil : errors.error(expected: mechanism.expectation(tally.bounded, clients: clients)),
      hitRate: query.kind == .top ? errors.hitRate : nil, clients: clients)
  }

  /// How often clients have answered. A worker that was replaced asks its clients again, and where they add noise that
  /// cannot be repeated, the coordinator may have seen both answers.
  private func releases(repeats: [Int]) -> Int {
    switch (scenario.protection.trust, options.noiseSource) {
    case (.central, _), (_, .seeded): 1
    case (.local, .secure): 1 + (repeats.max() ?? 0)
    }
  }

  private func estimate(
    _ mechanism: QueryMechanism, _ sums: [Int], _ clients: Int, _ source: some RandomSource
  ) -> QueryEstimate {
    var source = source
    return mechanism.estimate(sums, clients: clients, from: &source)
  }

  private func noise(release: Int, trial: Int) -> RandomStream {
    RandomStream(seed: scenario.seed, purpose: .queryNoise, round: release, client: trial)
  }

  private func lines(
    _ query: Query, _ estimate: QueryEstimate, withoutNoise: [Double], truth: [Double]?
  ) -> [QueryAnswer.Line] {
    let labels = query.labels(fields)
    return estimate.values.indices.map { index in
      let value = estimate.values[index]
      if query.kind == .top {
        return QueryAnswer.Line(
          label: labels[Int(value)], released: value, noiseInterval: nil, withoutNoise: withoutNoise[index],
          truth: truth?[index])
      }
      let isShown = query.kind != .histogram || value >= Double(query.minimumCount)
      return QueryAnswer.Line(
        label: labels[index], released: isShown ? value : nil,
        noiseInterval: isShown ? estimate.intervals[index] : nil, withoutNoise: withoutNoise[index],
        truth: truth?[index])
    }
  }

  /// The sums of all workers.
  private func tally(
    _ request: TallyRequest, of query: Query, _ mechanism: QueryMechanism, _ pool: WorkerPool
  ) throws -> (clients: Int, exact: [Int], bounded: [Int], sums: [Int]) {
    let cells = query.cellCount(fields)
    let noisy = mechanism.isCentral ? 0 : mechanism.answers
    let frame = CoordinatorMessage.tally(request).frame
    let tallies: [Tally] = try pool.askAll((0..<pool.count).map { (worker: $0, frame: frame) }) { answer in
      if case .tallied(let tally) = answer, tally.exact.count == cells, tally.bounded.count == cells,
        tally.noisy.count == noisy,
        (tally.exact + tally.bounded + tally.noisy).allSatisfy({ $0.magnitude < 1 << 50 })
      {
        tally
      } else {
        nil
      }
    }
    func total(_ part: (Tally) -> [Int64]) -> [Int] {
      tallies.dropFirst().reduce(part(tallies[0]).map { Int($0) }) { sums, tally in
        zip(sums, part(tally)).map { $0 + Int($1) }
      }
    }
    let bounded = total(\.bounded)
    return (
      tallies.reduce(0) { $0 + $1.clients }, total(\.exact), bounded, mechanism.isCentral ? bounded : total(\.noisy)
    )
  }
}

/// Adds up how far answers are from the truth.
private struct ErrorMeter {
  let truth: [Double]
  /// Whether answers are choices of names, of which only those that are true winners count.
  let areNames: Bool
  private var squares = 0.0
  private var hits = 0
  private var trials = 0

  init(truth: [Double], areNames: Bool) {
    self.truth = truth
    self.areNames = areNames
  }

  mutating func record(_ values: [Double]) {
    trials += 1
    if areNames {
      hits += values.count { truth.contains($0) }
    } else {
      for (value, truth) in zip(values, truth) { squares += (value - truth) * (value - truth) }
    }
  }

  var hitRate: Double { Double(hits) / Double(trials * truth.count) }

  /// - Parameter expected: the answer without noise, and the deviation that noise brings.
  func error(expected: QueryEstimate?) -> QueryAnswer.Error {
    var predicted: Double?
    if let expected, let deviation = expected.deviation {
      let bias = zip(expected.values, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)
      predicted = (deviation * deviation + bias).squareRoot()
    }
    return QueryAnswer.Error(
      measured: (squares / Double(trials * truth.count)).squareRoot(), predicted: predicted)
  }
}
