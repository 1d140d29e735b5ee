import DifferentialPrivacy
import Foundation
import Scenarios

let accountCommand = Command(
  name: "account", about: "Compute ε of a ledger, or of a plan: a Poisson-sampled Gaussian repeated T times.",
  positional: [],
  options: [
    Command.Option(name: "ledger", value: "FILE", about: "a run's ledger.jsonl, instead of a plan")
  ] + planOptions + [
    Command.Option(name: "delta", value: "D", about: "δ; required"),
    Command.Option(
      name: "accountant", value: "NAMES", about: "pld, rdp, zcdp or pure, or several with commas; default: pld"),
    Command.Option(name: "json", value: nil, about: "print JSON"),
  ]
) { arguments in
  let delta = try arguments.number("delta", 1e-300...0.999)
  let kinds = try accountants(arguments)
  let entries: [LedgerEntry]
  var planned: [RepeatedEvent]?
  var adjacency = Adjacency.addOrRemove
  if let path = arguments.string("ledger") {
    for option in planOptions where arguments.has(option.name) {
      throw UsageError(
        description: "--\(option.name) describes a plan; a ledger says it itself, so leave one of the two out")
    }
    entries = try readLedger(path)
    adjacency = entries.first?.adjacency ?? adjacency
  } else {
    let plan = try Plan(arguments)
    guard let rate = plan.rate, let multiplier = plan.multiplier, let rounds = plan.rounds else {
      throw UsageError(description: "a plan needs --sampling-rate, --noise-multiplier and --rounds")
    }
    planned = Plan.events(rate: rate, multiplier: multiplier, rounds: rounds)
    entries = []
  }
  let results = try kinds.map { kind in
    let accountant = kind.accountant
    let epsilon =
      try planned.map { try accountant.epsilon(of: $0, adjacency: adjacency, delta: delta) }
      ?? LedgerEntry.epsilon(of: entries, adjacency: adjacency, delta: delta, accountant: accountant)
    return (kind, epsilon)
  }
  if arguments.has("json") {
    let releases = planned.map { $0.reduce(0) { $0 + $1.count } } ?? entries.count
    let values = results.map { kind, epsilon in
      JSONValue.object([
        "epsilon": .number(epsilon.upper), "epsilonLowerBound": .optional(epsilon.lower),
        "delta": .number(delta), "adjacency": .string(adjacency.rawValue), "accountant": .string(kind.rawValue),
        "releases": .integer(releases),
      ])
    }
    try printJSON(values.count == 1 ? values[0] : .array(values))
  } else {
    for (kind, epsilon) in results {
      let lower = epsilon.lower.map { ", at least \($0)," } ?? ""
      print("ε ≤ \(epsilon.upper)\(lower) at δ = \(delta) (\(adjacency.rawValue), \(kind.rawValue))")
    }
  }
  return 0
}

/// The entries of a ledger on disk, all of one adjacency.
private func readLedger(_ path: String) throws -> [LedgerEntry] {
  guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
    throw UsageError(description: "\(path): no such file, or it cannot be read")
  }
  let entries: [LedgerEntry]
  do {
    entries = try Ledger.entries(of: String(decoding: data, as: UTF8.self))
  } catch let error as LedgerError {
    throw UsageError(description: "\(path):\(error.line): \(error.message)")
  }
  guard let first = entries.first, entries.contains(where: { $0.adjacency != first.adjacency }) else {
    return entries
  }
  throw UsageError(
    description: "\(path): its entries have different adjacencies, about which nothing can be proved together")
}
