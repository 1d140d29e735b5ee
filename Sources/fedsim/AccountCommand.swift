import DifferentialPrivacy
import Foundation
import Reporting
import Scenarios

let accountCommand = Command(
  name: "account",
  about: "Compute ε of ledgers put together, or of a plan: a Gaussian on a sample, repeated T times.",
  positional: [],
  options: [
    Command.Option(
      name: "ledger", value: "FILE",
      about: "a run's ledger.jsonl or its folder, instead of a plan; repeatable: ε of all of them together",
      repeats: true)
  ] + planOptions + [
    Command.Option(name: "delta", value: "D", about: "δ, for which ε is computed"),
    Command.Option(name: "epsilon", value: "E", about: "instead of --delta: ε, for which δ is computed"),
    Command.Option(name: "curve", value: nil, about: "print δ at many ε, and the least errors of an attacker"),
    Command.Option(name: "out", value: "FILE", about: "draw these curves: a page (.html) or drawings (.svg)"),
    Command.Option(
      name: "accountant", value: "NAMES", about: "pld, rdp, zcdp or pure, or several with commas; default: pld"),
    Command.Option(
      name: "tuned-by", value: "KIND:MEAN",
      about:
        "also of the best of several trials, their number random and secret: geometric, logarithmic or poisson with its mean, or negative-binomial:SHAPE:MEAN"
    ),
    Command.Option(name: "json", value: nil, about: "print JSON"),
  ]
) { arguments, session in
  let question = try AccountQuestion(arguments)
  let trials = try arguments.string("tuned-by").map(trialDistribution)
  if trials != nil {
    for option in ["curve", "out"] where arguments.has(option) {
      throw UsageError(
        description:
          "--\(option) is about one trial, and --tuned-by about the best of several; leave one of the two out")
    }
  }
  let picture = try arguments.string("out").map { try AccountPicture($0) }
  let kinds = try accountants(arguments)
  let subject = try accountSubject(arguments)
  if trials != nil, case .ledgers(let composition, _) = subject, let local = composition.withLocalTrust.first {
    throw UsageError(
      description:
        "--tuned-by: in \(local) each client adds its own noise, and whoever collects that sees every trial, not the best alone; the trials cost as much as all of them together"
    )
  }
  let wantsCurve = arguments.has("curve")
  let answers = try kinds.map {
    try AccountAnswer($0.accountant, about: subject, question, wantsCurve: wantsCurve || picture != nil)
  }
  guard answers.contains(where: { $0.refusal == nil }) else {
    throw UsageError(description: answers.compactMap(\.refusal).joined(separator: "\n"))
  }
  let tuned = try trials.map {
    try AccountAnswer(TunedAccountant($0), about: subject, question, wantsCurve: false, theBestOf: $0)
  }
  let all = answers + [tuned].compactMap { $0 }
  try picture?.write(answers, about: subject)
  if arguments.has("json") {
    let values = all.map { $0.json(wantsCurve: wantsCurve) }
    try session.printJSON(values.count == 1 ? values[0] : .array(values))
    return 0
  }
  if case .plan(let plan) = subject, let text = plan.text { session.print("plan: \(text)") }
  for text in all.compactMap(\.text) { session.print(text) }
  for answer in answers where wantsCurve {
    guard let curve = answer.curve else { continue }
    session.print((["", answer.kind.rawValue] + curve.table).joined(separator: "\n"))
  }
  if let picture { session.print("picture   \(picture.names.joined(separator: ", "))") }
  return 0
}

/// What is asked.
enum AccountQuestion {
  /// ε at a δ.
  case epsilon(delta: Double)
  /// δ at an ε.
  case delta(epsilon: Double)
  /// The curve alone.
  case curve

  /// - Throws: `UsageError` where nothing is asked, or two things.
  init(_ arguments: Arguments) throws {
    switch (arguments.has("delta"), arguments.has("epsilon")) {
    case (true, true):
      throw UsageError(
        description: "--delta and --epsilon: the one is computed from the other; leave one of them out")
    case (true, false): self = .epsilon(delta: try arguments.number("delta", 1e-300...0.999))
    case (false, true): self = .delta(epsilon: try arguments.number("epsilon", 0...1e6))
    case (false, false):
      guard arguments.has("curve") || arguments.has("out") else {
        throw UsageError(description: "--delta is missing; or --epsilon, for δ; or --curve, for both")
      }
      self = .curve
    }
  }
}

/// What the options describe: ledgers, or a plan.
private func accountSubject(_ arguments: Arguments) throws -> AccountSubject {
  guard arguments.has("ledger") else {
    let plan = try Plan(arguments)
    guard let rate = plan.rate, let multiplier = plan.multiplier, let rounds = plan.rounds else {
      throw UsageError(
        description:
          "a plan needs --sampling-rate, --noise-multiplier and --rounds; or --examples, --batch-size and --epochs for the first and the last"
      )
    }
    return .plan(
      AccountSubject.Planned(
        events: plan.events(rate: rate, multiplier: multiplier, rounds: rounds), adjacency: plan.adjacency,
        text: plan.text(multiplier: multiplier, rounds: rounds),
        json: plan.json(multiplier: multiplier, rounds: rounds)))
  }
  for option in planOptions where arguments.has(option.name) {
    throw UsageError(
      description: "--\(option.name) describes a plan; a ledger says it itself, so leave one of the two out")
  }
  return try AccountSubject(ledgers: arguments.strings("ledger"))
}
