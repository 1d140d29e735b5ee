import Coordinator
import Foundation
import Recommender
import Regression
import Reporting
import ResultFiles
import Scenarios

/// A scenario that has a baseline, or is to get one.
struct CheckTask: QueuedTask {
  let name: String
  /// As the user would write it.
  let file: String
  let baselineFile: URL
  /// nil when baselines are written.
  let baseline: Baseline?
  let scenario: Scenario
  /// The folder that relative paths start from.
  let folder: String
  /// The same scenario under the seeds that intervals are learned from; only asked for when a baseline is written.
  let others: [Scenario]
  let clients: String
  var label: String { name }

  /// - Parameter isUpdate: whether the baseline is to be written instead of read.
  /// - Throws: `ScenarioError` or `BaselineError`.
  init(path: String, isUpdate: Bool) throws {
    let url = URL(fileURLWithPath: path)
    let source = try ScenarioFile(path: path)
    let scenario = try source.scenario()
    name = url.deletingPathExtension().lastPathComponent
    file = path
    folder = source.folder.path
    baselineFile = CheckTask.baselineFile(of: url)
    baseline = isUpdate ? nil : try Baseline(file: baselineFile)
    if isUpdate { try Baseline.checkReplaceable(baselineFile) }
    self.scenario = scenario
    if case .learned(let seeds, _)? = scenario.check?.metrics {
      // Seeds that follow the scenario's own: any others would do.
      others = try (1..<seeds).map {
        let seed = (Int(scenario.seed) + $0) % Scenario.largestSeed
        return try source.scenario(overrides: [("seed", .integer(seed))])
      }
    } else {
      others = []
    }
    clients = try scenario.clientsKey()
  }

  /// `NAME.baseline.json` beside `NAME.json5`.
  static func baselineFile(of scenario: URL) -> URL {
    scenario.deletingPathExtension().appendingPathExtension("baseline.json")
  }

  private var check: Check { scenario.check ?? .standard }

  /// Runs the scenario and holds it against its baseline.
  func compare(
    against baseline: Baseline, options: RunOptions, on pool: WorkerPool
  ) throws -> (state: ScenarioCheck.State, gauges: [ScenarioCheck.Gauge]) {
    let now = try baselineOfToday(options: options, on: pool, learning: false)
    let comparison = Comparison(now, against: baseline, check: check)
    let gauges = baseline.figures.compactMap { figure -> ScenarioCheck.Gauge? in
      guard let metrics = check.metrics,
        let allowed = Comparison.allowed(figure, metrics, metrics: baseline.figures.count),
        let before = figure.value, let value = now.figures.first(where: { $0.metric == figure.metric })?.value
      else { return nil }
      return ScenarioCheck.Gauge(title: figure.metric.title, baseline: before, value: value, allowed: allowed)
    }
    return (.compared(comparison), gauges)
  }

  /// Runs the scenario, with all seeds that it learns from, and writes its baseline.
  func update(options: RunOptions, on pool: WorkerPool) throws -> ScenarioCheck.State {
    let now = try baselineOfToday(options: options, on: pool, learning: true)
    let contents = try now.json.encoded(pretty: true) + Data("\n".utf8)
    let before = try? Data(contentsOf: baselineFile)
    if before == contents { return .updated([]) }
    let changes: [String]
    if let old = try? Baseline(file: baselineFile) {
      let comparison = Comparison(now, against: old, check: check)
      let moved =
        comparison.findings.map { "\($0.kind.rawValue): \($0.message)" } + comparison.causes.map { "because \($0)" }
      changes = moved.isEmpty ? ["the intervals, or what is not checked, were written anew"] : moved
    } else if before == nil {
      changes = ["a new baseline: digest \(now.digest.prefix(16))…"]
    } else {
      changes = ["the old baseline could not be read"]
    }
    try writeWhole(contents, to: baselineFile)
    return .updated(changes)
  }

  private func baselineOfToday(options: RunOptions, on pool: WorkerPool, learning: Bool) throws -> Baseline {
    func run(_ scenario: Scenario) throws -> RunResult {
      let result = try Simulation(scenario, options: options).run(on: pool)
      guard result.status != .interrupted else { throw CoordinatorError.interrupted }
      return result
    }
    let result = try run(scenario)
    return Baseline(
      result, of: scenario, version: Version.current,
      dataDigest: result.population.dataDigest ?? "",
      others: learning ? try others.map { try run($0).metrics.final } : [])
  }
}
