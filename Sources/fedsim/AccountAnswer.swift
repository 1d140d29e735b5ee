import DifferentialPrivacy
import Reporting
import Scenarios

/// What one accountant says.
struct AccountAnswer {
  /// What was found for a question.
  private enum Finding {
    case epsilon(EpsilonBracket, delta: Double)
    case delta(DeltaBracket, epsilon: Double)
  }

  let kind: AccountantKind
  /// nil: not asked for, or refused.
  let curve: PrivacyCurve?
  /// Why it refuses; nil where it answers.
  let refusal: String?
  private let subject: AccountSubject
  private let finding: Finding?
  /// Of the best of how many trials; nil: of what is accounted for by itself.
  private let trials: TrialDistribution?

  /// - Parameter trials: the distribution that the accountant is for, where it tells what the best of several trials costs.
  init(
    _ accountant: any Accountant, about subject: AccountSubject, _ question: AccountQuestion, wantsCurve: Bool,
    theBestOf trials: TrialDistribution? = nil
  ) throws {
    (kind, self.subject, self.trials) = (accountant.kind, subject, trials)
    let answer: (finding: Finding?, curve: PrivacyCurve?, refusal: String?)
    do {
      let found = try Self.find(question, about: subject, accountant)
      let curve =
        wantsCurve
        ? try PrivacyCurve(accountant.kind) { try subject.epsilon(delta: $0, accountant: accountant) } : nil
      answer = (found, curve, nil)
    } catch let error as AccountingError {
      answer = (nil, nil, error.description)
    }
    (finding, curve, refusal) = answer
  }

  private static func find(
    _ question: AccountQuestion, about subject: AccountSubject, _ accountant: any Accountant
  ) throws -> Finding? {
    switch question {
    case .epsilon(let delta): .epsilon(try subject.epsilon(delta: delta, accountant: accountant), delta: delta)
    case .delta(let epsilon): .delta(try subject.delta(epsilon: epsilon, accountant: accountant), epsilon: epsilon)
    case .curve: nil
    }
  }

  /// The answer in a line; nil where only the curve was asked for.
  var text: String? {
    if let refusal { return "no answer: \(refusal)" }
    func atLeast(_ lower: Double?) -> String { lower.map { ", at least \($0)," } ?? "" }
    let together: String =
      if case .ledgers(_, let count) = subject, count > 1 { "; the \(count) ledgers together" } else { "" }
    let soFar: String =
      if case .ledgers(let composition, _) = subject, !composition.unended.isEmpty {
        "; so far: the run of \(composition.unended.joined(separator: ", ")) did not end"
      } else { "" }
    let best = trials.map { "; the best of trials, \($0.inWords)" } ?? ""
    let by = "(\(subject.adjacency.rawValue), \(kind.rawValue)\(together)\(soFar)\(best))"
    switch finding {
    case nil: return nil
    case .epsilon(let epsilon, let delta):
      return "ε ≤ \(epsilon.upper)\(atLeast(epsilon.lower)) at δ = \(delta) \(by)"
    case .delta(let delta, let epsilon):
      return "δ ≤ \(delta.upper)\(atLeast(delta.lower)) at ε = \(epsilon) \(by)"
    }
  }

  /// The answer for machines.
  func json(wantsCurve: Bool) -> JSONValue {
    var members: [String: JSONValue] = [
      "accountant": .string(kind.rawValue), "adjacency": .string(subject.adjacency.rawValue),
      "releases": .integer(subject.releases),
    ]
    switch finding {
    case nil: break
    case .epsilon(let epsilon, let delta):
      members["delta"] = .number(delta)
      members["epsilon"] = .number(epsilon.upper)
      members["epsilonLowerBound"] = .optional(epsilon.lower)
    case .delta(let delta, let epsilon):
      members["epsilon"] = .number(epsilon)
      members["delta"] = .number(delta.upper)
      members["deltaLowerBound"] = .optional(delta.lower)
    }
    if let trials {
      members["tunedBy"] = .object(["trials": .string(trials.inWords), "expectedTrials": .number(trials.mean)])
    }
    if let refusal { members["refusal"] = .string(refusal) }
    if let curve, wantsCurve { members.merge(curve.json) { own, _ in own } }
    switch subject {
    case .ledgers(let composition, let count):
      members["ledgers"] = .integer(count)
      members["unit"] = .string(composition.unit)
      members["unended"] = .array(composition.unended.map(JSONValue.string))
    case .plan(let plan): members.merge(plan.json) { own, _ in own }
    }
    return .object(members)
  }
}
