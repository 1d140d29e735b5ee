import DifferentialPrivacy
import Scenarios

/// What is accounted for.
enum AccountSubject {
  /// What a run would do, by the options of the command line.
  case plan(Planned)
  /// What runs and queries have done, by their ledgers.
  case ledgers(LedgerComposition, count: Int)

  /// A plan in full.
  struct Planned {
    let events: [RepeatedEvent]
    let adjacency: Adjacency
    /// What is said back of it; nil where the options say it in these words themselves.
    let text: String?
    let json: [String: JSONValue]
  }

  /// Reads ledgers.
  /// - Throws: `UsageError` where they cannot be put together, `RunFailure` with status 1 where one has no guarantee.
  init(ledgers paths: [String]) throws {
    let parts = try paths.flatMap { try LedgerFile($0).parts }
    do {
      self = .ledgers(try LedgerComposition(parts), count: parts.count)
    } catch {
      switch error {
      case .noGuarantee: throw RunFailure(error.description, status: 1)
      case .noiseUnknown, .noiseShared, .unitsDiffer, .adjacenciesDiffer, .tooManyHistories:
        throw UsageError(description: error.description)
      }
    }
  }

  var adjacency: Adjacency {
    switch self {
    case .plan(let plan): plan.adjacency
    case .ledgers(let composition, _): composition.adjacency
    }
  }

  /// Noisy releases.
  var releases: Int {
    switch self {
    case .plan(let plan): plan.events.reduce(0) { $0 + $1.count }
    case .ledgers(let composition, _): composition.releases
    }
  }

  /// δ at an ε, for the client that it is largest for.
  func delta(epsilon: Double, accountant: any Accountant) throws -> DeltaBracket {
    switch self {
    case .plan(let plan):
      try accountant.delta(of: plan.events, adjacency: plan.adjacency, epsilon: epsilon)
    case .ledgers(let composition, _): try composition.delta(epsilon: epsilon, accountant: accountant)
    }
  }

  /// What is accounted for, in a sentence.
  var about: String {
    switch self {
    case .plan(let plan):
      plan.text ?? "A plan of \(releases) releases, \(adjacency.rawValue)."
    case .ledgers(let composition, let count):
      "\(count == 1 ? "A ledger" : "\(count) ledgers together"): \(releases) releases, unit \(composition.unit), \(adjacency.rawValue)."
    }
  }

  /// ε at a δ, for the client that it is largest for.
  func epsilon(delta: Double, accountant: any Accountant) throws -> EpsilonBracket {
    switch self {
    case .plan(let plan):
      try accountant.epsilon(of: plan.events, adjacency: plan.adjacency, delta: delta)
    case .ledgers(let composition, _): try composition.epsilon(delta: delta, accountant: accountant)
    }
  }
}
