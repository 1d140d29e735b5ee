import Curves
import Foundation
import Scenarios
import Tuning

/// One search over all ε: with the keys that cost nothing, or with those that spend more as well.
struct TuneFamily {
  /// The name of its curve.
  let name: String
  let keys: [String]
  /// One an ε of the plan.
  private(set) var searches: [Search]
  private let plan: TunePlan
  private let dataDigest: String

  /// The searches of a plan: one at equal cost, and where keys are resources one in which they are free too.
  /// - Parameter dataDigest: of the shards; empty for generated populations.
  static func all(of plan: TunePlan, dataDigest: String) throws -> [TuneFamily] {
    let paths = plan.tune.keys.map(\.path)
    let resources = paths.filter(Resource.isOne)
    let others = paths.filter { !resources.contains($0) }
    let names = resources.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    let free = "tuned, \(names.joined(separator: ", ")) free"
    var families: [TuneFamily] = []
    if !others.isEmpty { families.append(try TuneFamily("tuned", others, plan, dataDigest)) }
    if !resources.isEmpty { families.append(try TuneFamily(free, paths, plan, dataDigest)) }
    return families
  }

  private init(_ name: String, _ keys: [String], _ plan: TunePlan, _ dataDigest: String) throws {
    self.name = name
    self.keys = keys
    self.plan = plan
    self.dataDigest = dataDigest
    searches = try plan.positions.map { position in
      let free = plan.keys(at: position).filter { keys.contains($0.path) }
      let written = try free.map { try plan.written($0.path) }
      let space = SearchSpace(
        zip(free, written).map { key, value in
          var isWhole = key.range.ends.allSatisfy { $0.asInteger != nil }
          if let value { isWhole = isWhole && value.asInteger != nil }
          return SearchSpace.Key(path: key.path, range: key.range, isWhole: isWhole)
        })
      return Search(space, written: written, runs: plan.tune.runs, seeds: plan.tune.seeds)
    }
  }

  /// The runs that the next step of each search needs; nil for one that is no valid scenario.
  var tasks: [[SweepTask?]] { searches.indices.map(tasks) }

  private func tasks(_ index: Int) -> [SweepTask?] {
    let search = searches[index]
    let position = plan.positions[index]
    return search.trials.map { trial in
      guard
        let scenario = try? plan.scenario(
          at: position, seed: trial.seed, search.candidates[trial.candidate].settings)
      else { return nil }
      return try? SweepTask(
        .run, scenario, label: "\(name), ε \(position == .infinity ? "∞" : "\(position)"), seed \(trial.seed)",
        dataDigest: dataDigest)
    }
  }

  /// Where the searches stand, one by one: what is best so far, by path.
  var best: [[String: Double]] { searches.map { $0.hasScores ? $0.bestPoint : [:] } }

  /// Takes the scores of one step of every search.
  /// - Parameters:
  ///   - tasks: those of the step, as `tasks` gave them.
  ///   - narrower: where a search with fewer keys stands at each ε; its best is looked at here too.
  ///   - value: the metric of a run; nil where it has none.
  mutating func advance(
    after tasks: [[SweepTask?]], narrower: [[String: Double]], _ value: (SweepTask) -> Double?
  ) {
    for index in searches.indices {
      searches[index].take(tasks[index].map { task in task.flatMap(value).map { sign * $0 } })
    }
    let best = best
    for index in searches.indices {
      let beside = [index - 1, index + 1].filter { searches.indices.contains($0) }.map { best[$0] }
      let others = narrower.isEmpty ? beside : [narrower[index]] + beside
      searches[index].advance(neighbours: others.filter { !$0.isEmpty })
    }
  }

  /// A search wants more of its score.
  private var sign: Double { plan.tune.metric.isHigherBetter ? 1 : -1 }

  var isFinished: Bool { searches.allSatisfy(\.isFinished) }

  /// What was chosen at an ε.
  func settings(_ index: Int) -> [Sweep.Setting] { searches[index].candidates[searches[index].best].settings }

  var result: TuningResult.Family {
    let choices = zip(plan.positions, searches).map { position, search in
      TuningResult.Choice(
        position: position, settings: search.candidates[search.best].settings,
        searched: (search.score(search.best).map { sign * $0 }, search.score(0).map { sign * $0 }),
        tried: search.candidates.count, failed: search.candidates.indices.count { search.firstScore($0) == nil })
    }
    let shares = searches.compactMap(KeyImportance.of)
    let importance = keys.compactMap { path -> KeyImportance? in
      let told = shares.compactMap { $0.first { $0.path == path }?.share }
      return told.isEmpty
        ? nil : KeyImportance(path: path, share: told.reduce(0, +) / Double(told.count))
    }
    return TuningResult.Family(
      name: name, keys: keys, choices: choices,
      importance: importance.sorted { ($0.share, $1.path) > ($1.share, $0.path) })
  }
}
