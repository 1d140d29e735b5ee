import DifferentialPrivacy
import Scenarios

/// How a query is answered at one ε: what goes into the ledger, and what sums become.
struct QueryMechanism {
  /// The three ways.
  private enum Way {
    /// The coordinator adds noise to sums, or each client has.
    case laplace([(part: Query.Part, mechanism: DiscreteLaplaceMechanism)], isLocal: Bool)
    /// Each client has told one of several values, perhaps not its own.
    case response(RandomizedResponse)
    /// One of several candidates is chosen.
    case selection(any SelectionMechanism)
  }

  let name: String
  private let way: Way
  private let query: Query
  private let fields: [RecordField]

  /// - Parameter selection: for a query that chooses with central trust.
  /// - Throws: `AccountingError` when a parameter is out of range.
  init(
    _ query: Query, _ fields: [RecordField], _ protection: QueryScenario.Protection, epsilon: Double,
    selection: Query.Selection?
  ) throws {
    self.query = query
    self.fields = fields
    if let selection {
      name = selection.rawValue
      let one = epsilon / Double(query.kind == .top ? query.choices : 1)
      let parameters = try SelectionParameters(
        sensitivity: query.utilitySensitivity(protection.adjacency), epsilon: one)
      way =
        switch selection {
        case .exponential: .selection(ExponentialMechanism(parameters))
        case .permuteAndFlip: .selection(PermuteAndFlip(parameters))
        case .reportNoisyMax: .selection(ReportNoisyMax(parameters))
        }
    } else if protection.trust.clientsAddNoise {
      switch try LocalProtection(query, fields, epsilon: epsilon).mechanisms() {
      case .laplace(let parts): (way, name) = (.laplace(parts, isLocal: true), "discrete-laplace by each client")
      case .response(let response): (way, name) = (.response(response), "randomized-response")
      }
    } else {
      way = .laplace(try query.laplace(fields, adjacency: protection.adjacency, epsilon: epsilon), isLocal: false)
      name = "discrete-laplace"
    }
  }

  /// Whether the coordinator is the one who draws.
  var isCentral: Bool {
    switch way {
    case .laplace(_, let isLocal): !isLocal
    case .response: false
    case .selection: true
    }
  }

  /// Numbers of an answer from workers.
  var answers: Int {
    if case .response(let response) = way { response.categories } else { query.cellCount(fields) }
  }

  // MARK: What it costs

  /// What the ledger says of a release.
  func entries(release: Int, clients: Int, adjacency: Adjacency) -> [LedgerEntry] {
    func entry(_ event: PrivacyEvent, sensitivity: Int, deviation: Double) -> LedgerEntry {
      LedgerEntry(
        round: release, event: event, adjacency: adjacency, unit: Privacy.Unit.client.rawValue,
        sensitivity: Double(sensitivity), noiseStandardDeviation: deviation,
        release: "query \"\(query.name)\": \(query.kind.rawValue)", clients: clients)
    }
    switch way {
    case .laplace(let parts, _):
      return parts.map { part, mechanism in
        // Independent noise on several cells is as private as their L1 sensitivity says.
        let event: PrivacyEvent = part.cells.count == 1 ? mechanism.event : .pure(epsilon: mechanism.epsilon.value)
        return entry(event, sensitivity: part.sensitivity, deviation: mechanism.variance.squareRoot())
      }
    case .response(let response): return [entry(response.event, sensitivity: 1, deviation: 0)]
    case .selection(let selection):
      let choices = query.kind == .top ? query.choices : 1
      return (0..<choices).map { _ in entry(selection.event, sensitivity: selection.sensitivity, deviation: 0) }
    }
  }

  // MARK: Answers

  /// An answer.
  /// - Parameter sums: of the workers; the coordinator's noise is not in them yet.
  func estimate(_ sums: [Int], clients: Int, from source: inout some RandomSource) -> QueryEstimate {
    switch way {
    case .selection(let selection): return choose(selection, sums, from: &source)
    case .laplace(_, isLocal: true), .response: return QueryEstimate(query, fields, cells(sums, clients: clients))
    case .laplace(let parts, isLocal: false):
      var noisy = sums
      for (part, mechanism) in parts {
        for cell in part.cells { noisy[cell] = mechanism.release(sums[cell], from: &source) }
      }
      return QueryEstimate(query, fields, cells(noisy, clients: clients))
    }
  }

  /// The answer that the same sums would give without noise, with the deviation that noise would bring.
  /// - Parameter sums: exact, and within the clients' bounds.
  func expectation(_ sums: [Int], clients: Int) -> QueryEstimate? {
    switch way {
    case .selection: return nil
    case .laplace: return QueryEstimate(query, fields, cells(sums, clients: clients))
    case .response(let response):
      let known = sums.map { count in
        NoisyCell(
          Double(count),
          deviation: response.variance(count: max(0, min(count, clients)), of: clients).squareRoot())
      }
      return QueryEstimate(query, fields, known)
    }
  }

  private func cells(_ sums: [Int], clients: Int) -> [NoisyCell] {
    switch way {
    case .selection: return []
    case .laplace(let parts, let isLocal):
      return parts.flatMap { part, mechanism in
        let summed = isLocal ? SummedNoise(mechanism, clients: clients) : nil
        return part.cells.map { cell in
          let value = Double(sums[cell])
          return summed.map { NoisyCell(value, $0) } ?? NoisyCell(value, mechanism)
        }
      }
    case .response(let response):
      return sums.dropLast().map { NoisyCell(response, answers: $0, of: clients) }
    }
  }

  // MARK: Selection

  private func choose(
    _ selection: any SelectionMechanism, _ sums: [Int], from source: inout some RandomSource
  ) -> QueryEstimate {
    guard query.kind == .top else {
      let value = selection.select(query.quantileUtilities(sums), from: &source)
      return QueryEstimate(value: Double(fields[query.fields[0]].numbers?[value] ?? 0))
    }
    // One after the other, each without those chosen before: each costs its part of ε.
    var left = Array(sums.indices)
    let chosen = (0..<query.choices).map { _ in
      left.remove(at: selection.select(left.map { sums[$0] }, from: &source))
    }
    return QueryEstimate(chosen: chosen)
  }
}
