/// What a scenario's `tune` section asks for, written out: at which ε settings are searched, on which seeds they are
/// chosen and on which they are reported, and the scenario of any run.
package struct TunePlan {
  package let tune: Tune
  package let name: String
  /// By rising ε; infinity stands for no privacy.
  package let positions: [Double]
  /// The sweep's seeds: none of them is one of the section's.
  package let reportSeeds: [Int]
  /// The seed of the scenario itself, for the files that are written.
  private let seed: Int
  /// Without the sections `sweep` and `tune`.
  private let base: JSONValue
  private let file: String
  private let lineOf: (String) -> Int?

  /// - Parameters:
  ///   - scenario: the scenario with its sections.
  ///   - value: the same as it was parsed.
  ///   - lineOf: the line of a dotted path, where one is known.
  /// - Throws: `ScenarioError` when there is no section, or it does not go together with the rest.
  init(_ scenario: Scenario, value: JSONValue, file: String, lineOf: @escaping (String) -> Int?) throws {
    func problem(_ path: String, _ message: String) -> ScenarioError {
      ScenarioError(file: file, problems: [ScenarioProblem(path: path, message: message, line: lineOf(path))])
    }
    guard let tune = scenario.tune else {
      throw problem(
        "tune", "is missing; allowed: { keys: { \"training.client.learningRate\": { logarithmic: [0.1, 2] } } }")
    }
    let others = scenario.sweep?.axes.filter { $0.path != Sweep.epsilonPath } ?? []
    if let other = others.first {
      throw problem(
        "sweep.\(other.path)",
        "a search takes the sweep's ε and seeds, and no other list; leave it out, or put it into tune.keys")
    }
    if scenario.sweep?.variants.isEmpty == false {
      throw problem("sweep.variants", "a search takes the sweep's ε and seeds, and no variants; leave them out")
    }
    guard case let positions = try Self.positions(scenario, problem), !positions.isEmpty else {
      throw problem(
        "privacy", "there is no ε to search settings for; give privacy.epsilon, or sweep.\"privacy.epsilon\"")
    }
    self.positions = positions
    reportSeeds = scenario.sweep?.seeds ?? [Int(scenario.seed)]
    if let common = tune.seeds.first(where: reportSeeds.contains) {
      throw problem(
        "tune.seeds",
        "\(common) is one of the seeds that settings are reported on; settings that are chosen and scored on the same population look better than they are: give others"
      )
    }
    self.tune = tune
    self.lineOf = lineOf
    self.file = file
    name = scenario.name
    seed = Int(scenario.seed)
    base = value.removing("sweep").removing("tune")
    try checkEnds()
  }

  private static func positions(
    _ scenario: Scenario, _ problem: (String, String) -> ScenarioError
  ) throws -> [Double] {
    if let axis = scenario.sweep?.axes.first(where: { $0.path == Sweep.epsilonPath }) {
      return axis.values.map { $0 == .string("infinity") ? .infinity : $0.asDouble ?? .infinity }.sorted()
    }
    guard let privacy = scenario.privacy else { return [.infinity] }
    switch privacy.noise {
    case .calibrated(let epsilon): return [epsilon]
    case .multiplier, .tiers: return []
    }
  }

  /// Every end of a range has to be a scenario by itself: a key that does not exist is found before the first run.
  private func checkEnds() throws {
    let finite = positions.first { $0.isFinite }
    for key in tune.keys {
      for value in key.range.ends {
        let setting = Sweep.Setting(path: key.path, value: value)
        // Keys of the guarantee have no meaning without one.
        guard let position = finite ?? (key.path.hasPrefix("privacy.") ? nil : .infinity) else { continue }
        do {
          _ = try scenario(at: position, seed: seed, [setting])
        } catch let error as ScenarioError {
          throw ScenarioError(
            file: file,
            problems: error.problems.map {
              ScenarioProblem(
                path: $0.path, message: "\($0.message) (in the search, at \(key.path) = \(value.inWords))",
                line: lineOf("tune.keys.\(key.path)") ?? lineOf("tune") ?? $0.line)
            })
        }
      }
    }
  }

  /// The keys that have a meaning at an ε.
  package func keys(at position: Double) -> [Tune.Key] {
    position.isFinite ? tune.keys : tune.keys.filter { !$0.path.hasPrefix("privacy.") }
  }

  /// The value that the scenario itself has at a path, where it gives one.
  package func written(_ path: String) throws -> JSONValue? {
    try scenario(at: positions[0], seed: seed, []).resolved.member(at: path)
  }

  /// One run.
  /// - Parameter settings: what is set beside ε and the seed.
  /// - Throws: `ScenarioError` when such a run is not a valid scenario.
  package func scenario(at position: Double, seed: Int, _ settings: [Sweep.Setting]) throws -> Scenario {
    let epsilon: JSONValue = position.isFinite ? .number(position) : .string("infinity")
    return try SweepPlan.scenario(
      base,
      settings + [
        Sweep.Setting(path: Sweep.epsilonPath, value: epsilon), Sweep.Setting(path: "seed", value: .integer(seed)),
      ], file: file, lineOf: lineOf)
  }

  /// A scenario by itself that runs with some settings. It keeps its name, which is in the ledger, so that a run of it has the
  /// digest that it had in the search.
  package func file(at position: Double, _ settings: [Sweep.Setting]) throws -> JSONValue {
    try scenario(at: position, seed: seed, settings).resolved
  }
}

extension Tune.Range {
  /// The values at the ends: the first and the last of a list.
  package var ends: [JSONValue] {
    switch self {
    case .linear(let low, let high), .logarithmic(let low, let high): [.number(low), .number(high)]
    case .choices(let values): values
    }
  }
}
