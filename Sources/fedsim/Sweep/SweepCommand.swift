import Coordinator
import Curves
import Foundation
import Recommender
import Reporting
import Scenarios

/// The metric that a report is about.
let metricOption = Command.Option(
  name: "metric", value: "NAME",
  about: "metric of report and plot: \(Metric.allCases.map(\.rawValue).joined(separator: ", ")); default: auc")

/// The metric that `--metric` names.
func metric(_ arguments: Arguments) throws -> Metric {
  guard let name = arguments.string("metric") else { return .auc }
  if let metric = Metric(rawValue: name) { return metric }
  let names = Metric.allCases.map(\.rawValue)
  let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
  throw UsageError(description: "--metric: found \"\(name)\"; allowed: \(names.joined(separator: ", "))\(hint)")
}

let sweepCommand = Command(
  name: "sweep", about: "Run a scenario's sweep section: accuracy-versus-ε curves, with intervals and a report.",
  positional: ["SCENARIO"],
  options: scenarioOptions.filter { $0.name == "set" } + [
    jobsOption,
    Command.Option(
      name: "shard", value: "I/N", about: "compute part I of N only; fedsim compare joins the parts"),
    Command.Option(
      name: "out", value: "DIR", about: "folder for the results, gone on with if it exists; default: sweeps/NAME"),
    Command.Option(
      name: "force", value: nil, about: "compute everything anew, and replace what an earlier sweep left"),
    memoryOption,
    metricOption,
    Command.Option(name: "json", value: nil, about: "print curve.json to standard output instead of the table"),
    Command.Option(name: "quiet", value: nil, about: "no progress line"),
  ]
) { arguments, session in
  let metric = try metric(arguments)
  let shard = try Shard(arguments)
  let file = try ScenarioFile(path: arguments.positional[0])
  let plan = try file.sweepPlan(overrides: overrides(arguments))
  let assembly = try SweepAssembly(plan, folder: file.folder.path, warn: session.warn)
  let budget = try MemoryBudget(arguments, dimension: plan.points.map(\.scenario.dimension).max() ?? 1)
  let mine = assembly.tasks(part: shard.part, of: shard.parts)
  let path = arguments.string("out") ?? "sweeps/\(plan.name)"
  let read = plan.points.flatMap { inputs(arguments, $0.scenario.population, folder: file.folder.path) }
  let folder = try SweepFolder(
    path, subject: assembly.subject, force: arguments.has("force"), isPart: shard.parts > 1,
    inputs: Array(Set(read).sorted()), note: session.note)
  let others = shard.parts > 1 && folder.isBeside ? folder.others(than: Set(mine.map(\.key))) : 0
  guard others == 0 else {
    folder.giveUp()
    throw RunFailure(
      "\(path): --force would drop \(others) runs of other parts, which --shard does not compute anew; give another --out, or leave --shard out",
      status: 2)
  }
  session.listenToSignals()

  let waiting = mine.filter { folder.record($0.key) == nil }
  let runner = try TaskRunner(
    folder, budget: budget, scenarioFolder: file.folder.path, session: session, quiet: arguments.has("quiet"))
  let outcome = runner.run(Array(waiting))
  let done = mine.count - waiting.count + outcome.done
  if Interruption.requested || outcome.failure != nil { folder.giveUp() }
  if Interruption.requested {
    throw RunFailure(
      "interrupted: \(done) of \(mine.count) runs are done; \(folder.whenStopped)", status: Interruption.status)
  }
  if let failure = outcome.failure { throw failure }

  let (document, place) = try folder.finish {
    let set = assembly.curveSet(folder.record)
    let document = CurveDocument(set, metric: metric)
    let missing = Set(set.missing)
    return (document, try document.files(), assembly.tasks.map(\.key).filter { !missing.contains($0) })
  }
  let set = document.set
  if arguments.has("json") {
    try session.printJSON(set.json)
  } else {
    session.print(document.text)
    if !waiting.isEmpty || mine.isEmpty {
      session.print("runs      \(waiting.count) computed, \(mine.count - waiting.count) found finished")
    } else {
      session.print("runs      all \(mine.count) found finished")
    }
    if shard.parts > 1 {
      session.print("shard     \(shard.part) of \(shard.parts); join them with: fedsim compare DIR DIR …")
    }
    session.print("digest    \(set.digest.prefix(16))…\nreport    \(place)/report.html")
  }
  return 0
}

/// The part of a sweep that `--shard` asks for.
private struct Shard {
  /// From 1.
  var part = 1
  var parts = 1

  init(_ arguments: Arguments) throws {
    guard let text = arguments.string("shard") else { return }
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let part = numbers[0], let parts = numbers[1], parts >= 1, parts <= 100_000,
      (1...parts).contains(part)
    else {
      throw UsageError(description: "--shard: found \"\(text)\"; allowed: I/N with I from 1 to N, for example 2/8")
    }
    (self.part, self.parts) = (part, parts)
  }
}
