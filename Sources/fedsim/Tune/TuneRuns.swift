import Curves
import Foundation
import Reporting
import Scenarios
import Tuning

/// When a search stops by itself.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(minutes: Double) { end = .now + .milliseconds(Int64(minutes * 60_000)) }

  var isOver: Bool { .now >= end }
}

/// Carries out a plan: the searches step by step, all ε at once, and then the runs that the report is of.
struct TuneRuns {
  private let plan: TunePlan
  private let folder: SweepFolder
  private let runner: TaskRunner
  private let deadline: Deadline?
  /// Runs that were computed now, and that were there already.
  private(set) var computed = 0
  private(set) var found = 0
  /// Of all runs that there are, in the order in which they were wanted.
  private(set) var keys: [String] = []
  private var refused: Set<String> = []

  init(_ plan: TunePlan, folder: SweepFolder, runner: TaskRunner, deadline: Deadline?) {
    self.plan = plan
    self.folder = folder
    self.runner = runner
    self.deadline = deadline
  }

  /// How many runs are computed between two looks at the clock.
  private static let portion = 16

  /// Carries out the searches.
  mutating func search(_ families: [TuneFamily]) throws -> [TuneFamily] {
    var families = families
    var step = 1
    while !families.allSatisfy(\.isFinished) {
      let tasks = families.map(\.tasks)
      try carryOut(tasks.joined().joined().compactMap { $0 }, before: "search, step \(step): ", takesRefusals: true)
      var narrower: [[String: Double]] = []
      for index in families.indices {
        families[index].advance(after: tasks[index], narrower: narrower) { task in
          folder.record(task.key)?.outcome?.metrics[plan.tune.metric]
        }
        narrower = families[index].best
      }
      step += 1
    }
    return families
  }

  /// Carries out runs that are not there yet.
  /// - Throws: what went wrong, or that the user or the clock stopped it.
  /// - Parameter takesRefusals: whether a run whose guarantee cannot be had is no failure.
  mutating func carryOut(_ tasks: [SweepTask], before: String, takesRefusals: Bool = false) throws {
    var known = Set(keys)
    let distinct = tasks.filter { known.insert($0.key).inserted }
    keys += distinct.map(\.key)
    let waiting = distinct.filter { folder.record($0.key) == nil && !refused.contains($0.key) }
    found += distinct.count - waiting.count
    let size = deadline == nil ? max(waiting.count, 1) : Self.portion
    for start in stride(from: 0, to: waiting.count, by: size) {
      let outcome = runner.run(
        Array(waiting[start..<min(start + size, waiting.count)]), before: before,
        takesRefusals: takesRefusals)
      computed += outcome.done
      refused.formUnion(outcome.refused)
      if Interruption.requested {
        throw RunFailure(
          "interrupted: \(computed + found) runs are done; \(folder.whenStopped)", status: Interruption.status)
      }
      if let failure = outcome.failure { throw failure }
      if let deadline, deadline.isOver {
        throw RunFailure("--minutes are over: \(computed + found) runs are done; \(folder.whenStopped)")
      }
    }
  }

  /// The runs of the report: the scenario as it is written, and as each search would have it, on seeds that no search saw.
  func report(_ families: [TuneFamily]) throws -> SweepPlan {
    let curves =
      [SweepPlan.Curve(name: TuningResult.writtenName, settings: [])]
      + families.map { SweepPlan.Curve(name: $0.name, settings: []) }
    var points: [SweepPlan.Point] = []
    for curve in curves.indices {
      for (index, position) in plan.positions.enumerated() {
        let settings = curve == 0 ? [] : families[curve - 1].settings(index)
        for seed in plan.reportSeeds {
          points.append(
            SweepPlan.Point(
              curve: curve, position: position,
              scenario: try plan.scenario(at: position, seed: seed, settings)))
        }
      }
    }
    return SweepPlan(name: plan.name, curves: curves, points: points, referenceCurve: 0)
  }
}
