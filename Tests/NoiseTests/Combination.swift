import DifferentialPrivacy
import Scenarios

/// One value of each option, which together make a scenario that is accepted.
struct Combination: Sendable, CustomStringConvertible {
  /// The names of the values, by option.
  let choices: [String: String]
  let value: JSONValue
  let scenario: Scenario

  var description: String {
    choices.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// The same scenario with other values under some keys.
  func with(_ changes: (path: String, to: JSONValue)...) throws -> Scenario { try with(changes) }

  /// The same for a list.
  func with(_ changes: [(path: String, to: JSONValue)]) throws -> Scenario {
    let changed = changes.reduce(value) {
      $0.setting($1.path.split(separator: ".").map(String.init)[...], to: $1.to)
    }
    return try Scenario(changed, file: "combination")
  }

  var privacy: Privacy {
    guard let privacy = scenario.privacy else { preconditionFailure("combinations are private") }
    return privacy
  }
}

extension Combination {
  /// Clients 0 to 2 exist; the public population size counts one more, as it may.
  static let populationSize = 4
  /// Coordinates of the model.
  static let dimension = 4096

  /// What all combinations have in common: a client's update is its gradient, and the model moves by the release.
  private static let base = """
    {"name": "noise", "seed": 1,
     "population": {"kind": "files", "train": "plus", "heldOut": "held", "clients": \(populationSize),
       "dimension": \(dimension)},
     "training": {"rounds": 1, "cohort": {"expectedSize": 3}, "client": {"algorithm": "fedsgd"},
       "server": {"optimizer": "sgd", "learningRate": 1}},
     "privacy": {"noiseMultiplier": 2, "delta": 1e-5},
     "evaluation": {"every": 1000000}}
    """

  private static let privacyOptions: [Option] = [
    .trust, .unit, .adjacency, .mechanism, .sampling, .tiers, .adaptiveClipping,
  ]
  private static let updateOptions: [Option] = [.sparsification, .rounding, .rule]

  static let options = privacyOptions + updateOptions

  /// Every combination that the parser accepts, with an accountant that goes with it. What says how updates are
  /// shortened and added is left at its defaults where the rest is sought: those defaults are never what is refused.
  static let accepted: [Combination] = {
    guard let base = try? JSONValue(utf8: base.utf8) else { preconditionFailure("the base is no JSON") }
    let guarantees = Option.product(privacyOptions, from: [(choices: [:], value: base)]).compactMap { candidate in
      Option.accountants.lazy.map {
        (
          choices: candidate.choices,
          value: candidate.value.setting(["privacy", "accountant"], to: .string($0.rawValue))
        )
      }.first { (try? Scenario($0.value, file: "candidate")) != nil }
    }
    // Leaving a key out and giving its default is one scenario.
    var seen: Set<String> = []
    return Option.product(updateOptions, from: guarantees).compactMap { candidate in
      guard let scenario = try? Scenario(candidate.value, file: "candidate"),
        let text = try? scenario.resolved.encoded(pretty: false),
        seen.insert(String(decoding: text, as: UTF8.self)).inserted
      else { return nil }
      return Combination(choices: candidate.choices, value: candidate.value, scenario: scenario)
    }
  }()

  static let central = accepted.filter { $0.privacy.trust == .central }
  static let local = accepted.filter { $0.privacy.trust == .local }
}
