import DifferentialPrivacy
import Foundation
import Scenarios

/// The options that name an accountant and an output form.
private let accountingOptions = [
  Command.Option(name: "delta", value: "D", about: "δ; required"),
  Command.Option(name: "accountant", value: "NAME", about: "pld or rdp; default: pld"),
  Command.Option(name: "json", value: nil, about: "print JSON"),
]

private func accountant(_ arguments: Arguments) throws -> AccountantKind {
  guard let name = arguments.string("accountant") else { return .pld }
  guard let kind = AccountantKind(rawValue: name) else {
    let names = AccountantKind.allCases.map(\.rawValue).joined(separator: ", ")
    throw UsageError(description: "--accountant: found \"\(name)\"; allowed: \(names)")
  }
  return kind
}

/// A Gaussian on a Poisson sample, or on everyone when the rate is 1.
private func event(rate: Double, multiplier: Double) -> PrivacyEvent {
  rate == 1
    ? .gaussian(noiseMultiplier: multiplier)
    : .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
}

private func show(_ values: [String: JSONValue], json: Bool, _ sentence: String) throws {
  print(json ? String(decoding: try JSONValue.object(values).encoded(pretty: true), as: UTF8.self) : sentence)
}

let accountCommand = Command(
  name: "account", about: "Compute ε of a ledger, or of a plan: a Poisson-sampled Gaussian repeated T times.",
  positional: [],
  options: [
    Command.Option(
      name: "ledger", value: "FILE", about: "a run's ledger.jsonl, instead of the three options of a plan"),
    Command.Option(name: "sampling-rate", value: "Q", about: "probability that a client takes part in a round"),
    Command.Option(name: "noise-multiplier", value: "S", about: "noise standard deviation over sensitivity"),
    Command.Option(name: "rounds", value: "T", about: "rounds"),
  ] + accountingOptions
) { arguments in
  let delta = try arguments.number("delta", 1e-300...0.999)
  let kind = try accountant(arguments)
  var events: [RepeatedEvent]
  var adjacency = Adjacency.addOrRemove
  if let path = arguments.string("ledger") {
    for option in ["sampling-rate", "noise-multiplier", "rounds"] where arguments.has(option) {
      throw UsageError(
        description: "--\(option) describes a plan; a ledger says it itself, so leave one of the two out")
    }
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw UsageError(description: "\(path): no such file, or it cannot be read")
    }
    let entries = try readLedger(data, path: path)
    if let first = entries.first {
      adjacency = first.adjacency
      guard entries.allSatisfy({ $0.adjacency == adjacency }) else {
        throw UsageError(
          description: "\(path): its entries have different adjacencies, about which nothing can be proved together"
        )
      }
    }
    events = RepeatedEvent.grouping(entries.map(\.event))
  } else {
    let rate = try arguments.number("sampling-rate", 1e-12...1)
    let multiplier = try arguments.number("noise-multiplier", 1e-3...1e6)
    guard let rounds = try arguments.integer("rounds", 1...1_000_000_000) else {
      throw UsageError(description: "--rounds is missing")
    }
    events = [RepeatedEvent(event(rate: rate, multiplier: multiplier), count: rounds)]
  }
  let epsilon = try kind.accountant.epsilon(of: events, adjacency: adjacency, delta: delta)
  try show(
    [
      "epsilon": .number(epsilon.upper), "epsilonLowerBound": epsilon.lower.map(JSONValue.number) ?? .null,
      "delta": .number(delta), "adjacency": .string(adjacency.rawValue), "accountant": .string(kind.rawValue),
      "releases": .integer(events.reduce(0) { $0 + $1.count }),
    ], json: arguments.has("json"),
    "ε ≤ \(epsilon.upper)" + (epsilon.lower.map { ", at least \($0)," } ?? "")
      + " at δ = \(delta) (\(adjacency.rawValue), \(kind.rawValue))")
  return 0
}

private func readLedger(_ data: Data, path: String) throws -> [LedgerEntry] {
  var entries: [LedgerEntry] = []
  let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  for (index, line) in lines.enumerated() where !line.isEmpty {
    do {
      entries.append(try LedgerEntry(line: line, number: index + 1))
    } catch let error as LedgerError {
      throw UsageError(description: "\(path):\(error.line): \(error.message)")
    }
  }
  return entries
}

let calibrateCommand = Command(
  name: "calibrate", about: "Find the least noise multiplier that keeps ε after T rounds at a target.",
  positional: [],
  options: [
    Command.Option(name: "sampling-rate", value: "Q", about: "probability that a client takes part in a round"),
    Command.Option(name: "rounds", value: "T", about: "rounds"),
    Command.Option(name: "epsilon", value: "E", about: "target ε"),
  ] + accountingOptions
) { arguments in
  let delta = try arguments.number("delta", 1e-300...0.999)
  let rate = try arguments.number("sampling-rate", 1e-12...1)
  let target = try arguments.number("epsilon", 1e-4...1e4)
  let kind = try accountant(arguments)
  guard let rounds = try arguments.integer("rounds", 1...1_000_000_000) else {
    throw UsageError(description: "--rounds is missing")
  }
  func events(_ multiplier: Double) -> [RepeatedEvent] {
    [RepeatedEvent(event(rate: rate, multiplier: multiplier), count: rounds)]
  }
  let multiplier = try Calibration.noiseMultiplier(
    epsilon: target, delta: delta, adjacency: .addOrRemove, accountant: kind.accountant, events: events)
  let epsilon = try kind.accountant.epsilon(of: events(multiplier), adjacency: .addOrRemove, delta: delta)
  try show(
    [
      "noiseMultiplier": .number(multiplier), "epsilon": .number(epsilon.upper),
      "epsilonLowerBound": epsilon.lower.map(JSONValue.number) ?? .null, "delta": .number(delta),
      "accountant": .string(kind.rawValue),
    ], json: arguments.has("json"),
    "noise multiplier \(multiplier): ε ≤ \(epsilon.upper) at δ = \(delta) (\(Adjacency.addOrRemove.rawValue), \(kind.rawValue))"
  )
  return 0
}
