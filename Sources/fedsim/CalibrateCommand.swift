import DifferentialPrivacy
import Foundation
import Scenarios

let calibrateCommand = Command(
  name: "calibrate",
  about: "Find what a target ε allows: the one of noise multiplier, sampling rate and rounds that is left out.",
  positional: [],
  options: planOptions + [
    Command.Option(name: "epsilon", value: "E", about: "target ε; required"),
    Command.Option(name: "delta", value: "D", about: "δ; required"),
    Command.Option(name: "accountant", value: "NAME", about: "pld, rdp, zcdp or pure; default: pld"),
    Command.Option(name: "json", value: nil, about: "print JSON"),
  ]
) { arguments, session in
  let delta = try arguments.number("delta", 1e-300...0.999)
  let target = try arguments.number("epsilon", 1e-4...1e4)
  let kinds = try accountants(arguments)
  guard let kind = kinds.first, kinds.count == 1 else {
    throw UsageError(description: "--accountant: calibration takes one accountant")
  }
  let plan = try Plan(arguments)
  var (rate, multiplier, rounds) = (plan.rate, plan.multiplier, plan.rounds)
  let found: String
  let adjacency = plan.adjacency
  switch (rate, multiplier, rounds) {
  case (let knownRate?, nil, let knownRounds?):
    let least = try Calibration.noiseMultiplier(
      epsilon: target, delta: delta, adjacency: adjacency, accountant: kind.accountant
    ) { plan.events(rate: knownRate, multiplier: $0, rounds: knownRounds) }
    multiplier = least
    found = plan.noise(least)
  case (nil, let knownMultiplier?, let knownRounds?):
    let largest = try Calibration.samplingRate(
      epsilon: target, delta: delta, adjacency: adjacency, accountant: kind.accountant
    ) { plan.events(rate: $0, multiplier: knownMultiplier, rounds: knownRounds) }
    rate = largest
    found = "sampling rate \(largest)"
  case (let knownRate?, let knownMultiplier?, nil):
    let most = try Calibration.rounds(
      epsilon: target, delta: delta, adjacency: adjacency, accountant: kind.accountant
    ) { plan.events(rate: knownRate, multiplier: knownMultiplier, rounds: $0) }
    rounds = most
    found = "\(most) rounds"
  default:
    throw UsageError(
      description:
        "give two of --sampling-rate, --noise-multiplier and --rounds; the third is what is found (--examples and --batch-size are a rate, with --epochs they are rounds too)"
    )
  }
  guard let rate, let multiplier, let rounds else { return 3 }
  let epsilon = try kind.accountant.epsilon(
    of: plan.events(rate: rate, multiplier: multiplier, rounds: rounds), adjacency: adjacency, delta: delta)
  if arguments.has("json") {
    let members: [String: JSONValue] = [
      "noiseMultiplier": .number(multiplier), "samplingRate": .number(rate), "rounds": .integer(rounds),
      "epsilon": .number(epsilon.upper), "epsilonLowerBound": .optional(epsilon.lower),
      "delta": .number(delta), "adjacency": .string(adjacency.rawValue), "accountant": .string(kind.rawValue),
    ]
    try session.printJSON(
      .object(members.merging(plan.json(multiplier: multiplier, rounds: rounds)) { own, _ in own }))
  } else {
    if let text = plan.text(multiplier: multiplier, rounds: rounds) { session.print("plan: \(text)") }
    session.print("\(found): ε ≤ \(epsilon.upper) at δ = \(delta) (\(adjacency.rawValue), \(kind.rawValue))")
  }
  return 0
}
