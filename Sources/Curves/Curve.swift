import Recommender
import Scenarios

/// A figure of merit by seed.
package struct SeedValues: Equatable, Sendable {
  package let seed: UInt64
  package let values: MetricValues

  package init(seed: UInt64, values: MetricValues) {
    self.seed = seed
    self.values = values
  }
}

/// What one run came to, as far as curves need it.
package struct RunOutcome: Equatable, Sendable {
  package let seed: UInt64
  /// The run's digest: equal digests mean equal results to the bit.
  package let digest: String
  /// The ε of the run's ledger; nil without privacy.
  package let epsilon: Double?
  /// What no analysis of the ledger can go below, where it is known.
  package let epsilonLowerBound: Double?
  package let noiseMultiplier: Double?
  package let metrics: MetricValues
  /// What a client gets in a round.
  package let bytesDown: Int?
  /// What a client sends in a round, on average.
  package let bytesUp: Double?
  /// How an attacker fares; nil where nobody attacked.
  package let linkage: LinkageRates?

  package init(
    seed: UInt64, digest: String, epsilon: Double?, epsilonLowerBound: Double?, noiseMultiplier: Double?,
    metrics: MetricValues, bytesDown: Int? = nil, bytesUp: Double? = nil, linkage: LinkageRates? = nil
  ) {
    self.seed = seed
    self.digest = digest
    self.epsilon = epsilon
    self.epsilonLowerBound = epsilonLowerBound
    self.noiseMultiplier = noiseMultiplier
    self.metrics = metrics
    self.bytesDown = bytesDown
    self.bytesUp = bytesUp
    self.linkage = linkage
  }
}

/// The runs at one place of a curve, one a seed.
package struct CurvePoint: Equatable, Sendable {
  /// The place on the axis; infinity stands for no privacy.
  package let position: Double
  /// By rising seed.
  package let outcomes: [RunOutcome]

  package init(position: Double, outcomes: [RunOutcome]) {
    self.position = position
    self.outcomes = outcomes.sorted { $0.seed < $1.seed }
  }

  /// The mean over the seeds; nil where the metric was not measured.
  package func interval(_ metric: Metric) -> Interval? {
    Interval(metric, of: outcomes.lazy.map(\.metrics))
  }

  /// The mean over the seeds; nil where one run has no value.
  private func mean(_ value: (RunOutcome) -> Double?) -> Double? {
    let values = outcomes.compactMap(value)
    return values.count == outcomes.count ? values.reduce(0, +) / Double(values.count) : nil
  }

  /// What a client sends in a round, over all seeds; nil where it was not measured.
  package var bytesUp: Double? { mean(\.bytesUp) }

  /// How an attacker fares over all seeds: the mean of its rates, and the largest bound; nil where one was not attacked.
  package var linkage: LinkageRates? {
    guard let first = outcomes.first?.linkage, let told = mean({ $0.linkage?.told }) else { return nil }
    let bounds = outcomes.compactMap { $0.linkage?.bound }
    return LinkageRates(
      candidates: first.candidates, linked: mean { $0.linkage?.linked },
      singledOut: mean { $0.linkage?.singledOut }, told: told,
      bound: bounds.count == outcomes.count ? bounds.max() : nil)
  }

  /// The largest ε of the runs; nil when one has no privacy.
  package var epsilon: Double? {
    outcomes.reduce(Optional(0)) { largest, run in largest.flatMap { one in run.epsilon.map { max(one, $0) } } }
  }
}

/// A line that a curve is read against.
package struct CurveReference: Equatable, Sendable {
  /// What the line is.
  package enum Kind: String, CaseIterable, Sendable {
    case bestReachable, central, alone, popularity, untrained

    /// As a legend says it.
    package var title: String {
      switch self {
      case .bestReachable: "best reachable"
      case .central: "central, no privacy"
      case .alone: "each client alone"
      case .popularity: "popularity"
      case .untrained: "untrained"
      }
    }
  }

  package let kind: Kind
  /// By rising seed.
  package let values: [SeedValues]

  package init(kind: Kind, values: [SeedValues]) {
    self.kind = kind
    self.values = values.sorted { $0.seed < $1.seed }
  }

  /// The mean over the seeds; nil where the metric cannot be had (popularity has no log loss).
  package func interval(_ metric: Metric) -> Interval? {
    Interval(metric, of: values.lazy.map(\.values))
  }

  /// One line a kind, with the values of all; a seed that is in several is taken from the first.
  static func merged(_ references: [CurveReference]) -> [CurveReference] {
    Kind.allCases.compactMap { kind in
      var values: [SeedValues] = []
      for one in references.filter({ $0.kind == kind }).flatMap(\.values)
      where !values.contains(where: { $0.seed == one.seed }) {
        values.append(one)
      }
      return values.isEmpty ? nil : CurveReference(kind: kind, values: values)
    }
  }
}

/// Accuracy at several places of an axis.
package struct Curve: Equatable, Sendable {
  package let name: String
  /// The paths and values that set it apart from the other curves of its set.
  package let settings: [String: JSONValue]
  /// The resolved scenario of its runs, but for the seed.
  package let scenario: JSONValue
  /// By rising position.
  package let points: [CurvePoint]
  /// In the order of their kinds.
  package let references: [CurveReference]
  /// SHA-256 of the shards of its runs; nil where the population is generated, or it is not known.
  package let dataDigest: String?

  package init(
    name: String, settings: [String: JSONValue], scenario: JSONValue, points: [CurvePoint],
    references: [CurveReference], dataDigest: String? = nil
  ) {
    self.dataDigest = dataDigest
    self.name = name
    self.settings = settings
    self.scenario = scenario
    self.points = points.sorted { $0.position < $1.position }
    let order = CurveReference.Kind.allCases
    self.references = order.compactMap { kind in references.first { $0.kind == kind } }
  }

  /// The same curve under another name.
  package func named(_ name: String) -> Curve {
    Curve(
      name: name, settings: settings, scenario: scenario, points: points, references: references,
      dataDigest: dataDigest)
  }

  package func reference(_ kind: CurveReference.Kind) -> CurveReference? { references.first { $0.kind == kind } }
}
