import DifferentialPrivacy
import Scenarios

/// One option of a scenario, and the values that it can be given. Values come from the scenario's own lists of choices,
/// so that a new one joins every test here by itself.
struct Option: Sendable {
  /// A value: its name, and the keys of the scenario that it sets, or with nil removes.
  struct Value: Sendable {
    let name: String
    let changes: [(path: String, to: JSONValue?)]

    init(_ name: String, _ changes: [(path: String, to: JSONValue?)] = []) {
      self.name = name
      self.changes = changes
    }
  }

  let name: String
  let values: [Value]

  init(_ name: String, _ values: [Value]) {
    self.name = name
    self.values = values
  }

  /// One value a case, written under a key.
  /// - Parameter absent: whether leaving the key out is a value too.
  init<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ path: String, _ type: Choice.Type, absent: Bool = false
  ) where Choice.RawValue == String {
    let given = Choice.allCases.map { Value($0.rawValue, [(path, .string($0.rawValue))]) }
    // Where leaving a key out is the same as giving its default, the combination is called by what is given.
    self.init(name, given + (absent ? [Value("default")] : []))
  }
}

extension Option {
  static let trust = Option("trust", "privacy.trust", Privacy.Trust.self)
  static let adjacency = Option("adjacency", "privacy.adjacency", Adjacency.self)
  static let mechanism = Option("mechanism", "privacy.mechanism", Privacy.Mechanism.self, absent: true)

  /// Which example takes part is drawn, or every one does.
  static let unit = Option(
    "unit",
    Privacy.Unit.allCases.flatMap { unit -> [Value] in
      let change = [(path: "privacy.unit", to: JSONValue?.some(.string(unit.rawValue)))]
      switch unit {
      case .client: return [Value(unit.rawValue, change)]
      case .example:
        return [0.5, 1].map { rate in
          let sampling = JSONValue.object(["rate": .number(rate), "expectedExamples": .integer(4)])
          return Value("\(unit.rawValue) at \(rate)", change + [("privacy.exampleSampling", sampling)])
        }
      }
    })

  /// Full participation takes everyone, so no size is given.
  static let sampling = Option(
    "sampling",
    Cohort.Sampling.allCases.map {
      let change = [(path: "training.cohort.sampling", to: JSONValue?.some(.string($0.rawValue)))]
      return Value($0.rawValue, change + ($0 == .full ? [("training.cohort.expectedSize", nil)] : []))
    })

  /// Noise follows from the tiers. With so large an ε everyone but those who opted out takes part in every round, which
  /// is quick to calculate.
  static let tiers = Option(
    "tiers",
    [
      Value("none"),
      Value(
        "three",
        [
          ("privacy.noiseMultiplier", nil), ("privacy.tiers.careful", tier(share: 0.4, epsilon: 300)),
          ("privacy.tiers.relaxed", tier(share: 0.599, epsilon: 900)), ("privacy.tiers.out", tier(share: 0.001)),
        ]),
    ])

  private static func tier(share: Double, epsilon: Double? = nil) -> JSONValue {
    var members = ["share": JSONValue.number(share)]
    members["epsilon"] = epsilon.map(JSONValue.number)
    return .object(members)
  }

  /// With every update beyond the norm and a quantile of 1 the norm grows by about e² a round, so that a ledger with
  /// another round's norm cannot be taken for right.
  static let adaptiveClipping = Option(
    "adaptive clipping",
    [
      Value("off"),
      Value(
        "on",
        [
          (
            "privacy.adaptiveClipping",
            .object(["quantile": .number(1), "learningRate": .number(2), "countNoiseMultiplier": .number(5)])
          )
        ]),
    ])

  static let sparsification = Option(
    "sparsification",
    Compression.Sparsification.allCases.map {
      let change = [(path: "training.compression.sparsification", to: JSONValue?.some(.string($0.rawValue)))]
      return Value(
        $0.rawValue, $0 == .none ? [] : change + [("training.compression.share", .number(0.25))])
    })

  /// With the small range every coordinate of a worst client is beyond the highest level, and its length is known to
  /// the step; with the large one chance makes it longer than the clipping norm.
  static let rounding = Option(
    "bits",
    [
      Value("none"), rounding("1, small range", bits: 1, range: 0x1p-7),
      rounding("4, large range", bits: 4, range: 1),
    ])

  private static func rounding(_ name: String, bits: Int, range: Double) -> Value {
    Value(name, [("training.compression.bits", .integer(bits)), ("training.compression.range", .number(range))])
  }

  static let rule = Option(
    "rule",
    Aggregation.Rule.allCases.map {
      let change = [(path: "training.aggregation.rule", to: JSONValue?.some(.string($0.rawValue)))]
      let groups: Int? =
        switch $0 {
        case .mean: nil
        case .median: 3
        case .trimmedMean: 4
        }
      return Value(
        $0.rawValue, change + (groups.map { [("training.aggregation.groups", .integer($0))] } ?? []))
    })

  /// The one that is quickest to compute comes first; noise does not depend on it.
  static let accountants: [AccountantKind] =
    [.zcdp] + AccountantKind.allCases.filter { $0 != .zcdp }
}

extension Option {
  /// A scenario, and the names of the values that it has.
  typealias Candidate = (choices: [String: String], value: JSONValue)

  /// Every combination of the options' values, written into scenarios.
  static func product(_ options: [Option], from start: [Candidate]) -> [Candidate] {
    options.reduce(start) { candidates, option in
      candidates.flatMap { candidate in
        option.values.map { value in
          (
            choices: candidate.choices.merging([option.name: value.name]) { $1 },
            value: value.changes.reduce(candidate.value) { changed, change in
              let keys = change.path.split(separator: ".").map(String.init)
              return change.to.map { changed.setting(keys[...], to: $0) } ?? changed.removing(path: change.path)
            }
          )
        }
      }
    }
  }
}
