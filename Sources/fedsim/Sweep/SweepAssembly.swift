import Coordinator
import Curves
import Foundation
import Reporting
import Scenarios

/// From a plan to its tasks, and from their records to curves.
struct SweepAssembly {
  private let plan: SweepPlan
  /// One a point of the plan; several points may have the same key.
  private let runs: [SweepTask]
  /// By curve: the reference models, one a seed and kind.
  private let references: [[SweepTask]]
  /// Every task once, those with the same clients together.
  let tasks: [SweepTask]
  /// The digests of what the shards of each population hold; empty where all are generated.
  let data: String

  /// - Parameter warn: is told what is odd about shards.
  init(_ plan: SweepPlan, folder: String, warn: (String) -> Void) throws {
    self.plan = plan
    var digests: [(population: Population, digest: String)] = []
    func digest(_ population: Population) throws -> String {
      if let known = digests.first(where: { $0.population == population }) { return known.digest }
      let found = try dataDigest(of: population, folder: folder, warn: warn)
      digests.append((population, found))
      return found
    }
    runs = try plan.points.map { point in
      let name = plan.curves.count > 1 ? "\(plan.curves[point.curve].name), " : ""
      let axis = plan.axis == SweepPlan.epsilonAxis ? "ε" : plan.axis.split(separator: ".").last ?? ""
      let position = point.position.map { "\(axis) \($0 == .infinity ? "∞" : "\($0)"), " } ?? ""
      return try SweepTask(
        .run, point.scenario, label: "\(name)\(position)seed \(point.scenario.seed)",
        dataDigest: digest(point.scenario.population))
    }
    // Where the axis itself changes the clients or the model, there is no one line to read a curve against.
    let isFixed =
      !Scenario.decidesAboutClients(plan.axis)
      && !["training.l2", "evaluation.supportShare"].contains { plan.axis.hasPrefix($0) }
    references = try plan.curves.indices.map { curve in
      guard isFixed else { return [] }
      var scenarios: [Scenario] = []
      for point in plan.points
      where point.curve == plan.referenceCurve ?? curve
        && !scenarios.contains(where: { $0.seed == point.scenario.seed })
      {
        scenarios.append(point.scenario)
      }
      return try scenarios.flatMap { scenario in
        try ReferenceModel.allCases.map { model in
          try SweepTask(
            .reference(model), scenario, label: "\(model.rawValue), seed \(scenario.seed)",
            dataDigest: digest(scenario.population))
        }
      }
    }
    data = digests.allSatisfy { $0.digest.isEmpty } ? "" : digests.map(\.digest).joined(separator: " ")
    var known: Set<String> = []
    let distinct = (runs + references.flatMap { $0 }).filter { known.insert($0.key).inserted }
    tasks = distinct.byClients.flatMap(\.tasks)
  }

  /// What the sweep is of.
  var subject: SweepSubject {
    SweepSubject(
      axis: plan.axis, curves: plan.curves.indices.map { (plan.curves[$0].name, scenario(ofCurve: $0)) },
      data: data,
      keys: tasks.map(\.key))
  }

  /// The tasks of one part of a sweep that is computed in several.
  /// - Parameters:
  ///   - part: from 1.
  ///   - parts: how many there are.
  func tasks(part: Int, of parts: Int) -> ArraySlice<SweepTask> {
    tasks[tasks.count * (part - 1) / parts..<tasks.count * part / parts]
  }

  /// The curves as far as there are records.
  /// - Parameter record: the record of a key, nil where the task is still to be done.
  func curveSet(_ record: (String) -> SweepRecord?) -> CurveSet {
    var records: [String: SweepRecord] = [:]
    for task in tasks { records[task.key] = record(task.key) }
    let curves = plan.curves.indices.map { index in
      var outcomes: [Double: [RunOutcome]] = [:]
      var lines: [CurveReference.Kind: [UInt64: MetricValues]] = [:]
      for (point, task) in zip(plan.points, runs) where point.curve == index {
        guard let record = records[task.key], let outcome = record.outcome else { continue }
        let position = point.position ?? point.scenario.targetEpsilon ?? outcome.epsilon ?? .infinity
        outcomes[position, default: []].append(outcome)
        guard !references[index].isEmpty else { continue }
        for (kind, values) in record.lines { lines[kind, default: [:]][outcome.seed] = values }
      }
      for task in references[index] {
        for (kind, values) in records[task.key]?.lines ?? [:] {
          lines[kind, default: [:]][task.scenario.seed] = values
        }
      }
      return Curve(
        name: plan.curves[index].name,
        settings: Dictionary(
          plan.curves[index].settings.map { ($0.path, $0.value) }, uniquingKeysWith: { $1 }),
        scenario: scenario(ofCurve: index),
        points: outcomes.keys.sorted().map { CurvePoint(position: $0, outcomes: outcomes[$0] ?? []) },
        references: lines.keys.map { kind in
          CurveReference(
            kind: kind, values: (lines[kind] ?? [:]).map { SeedValues(seed: $0.key, values: $0.value) })
        }, dataDigest: digest(ofCurve: index, records))
    }
    return CurveSet(
      name: plan.name, axis: plan.axis, curves: curves,
      missing: tasks.map(\.key).filter { records[$0] == nil }, version: Version.current)
  }

  /// The digest of the shards that all runs of a curve read; nil where there are none, or several.
  private func digest(ofCurve index: Int, _ records: [String: SweepRecord]) -> String? {
    let tasks = zip(plan.points, runs).filter { $0.0.curve == index }.map(\.1) + references[index]
    let found = tasks.compactMap { records[$0.key] }
    guard let digest = found.first?.dataDigest, found.allSatisfy({ $0.dataDigest == digest }) else { return nil }
    return digest
  }

  /// What all runs of a curve have in common: the scenario without its seed and its place on the axis.
  private func scenario(ofCurve index: Int) -> JSONValue {
    let points = plan.points.filter { $0.curve == index }
    let point = points.first { $0.scenario.privacy != nil } ?? points.first
    return point?.scenario.resolved.removing(path: "seed").removing(path: plan.axis) ?? .null
  }
}

extension Scenario {
  /// The ε that the noise is calibrated to; nil where it is not.
  fileprivate var targetEpsilon: Double? {
    if case .calibrated(let epsilon)? = privacy?.noise { epsilon } else { nil }
  }
}
