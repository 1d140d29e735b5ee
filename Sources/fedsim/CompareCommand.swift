import Curves
import Foundation
import Reporting
import ResultFiles
import Scenarios

let compareCommand = Command(
  name: "compare",
  about: "Lay the curves of finished sweeps and runs over each other, and say which differences are real.",
  positional: ["DIR…"],
  options: [
    metricOption,
    Command.Option(
      name: "out", value: "PATH", about: "write the comparison: a page (FILE.html), or a folder with all files"),
    Command.Option(name: "force", value: nil, about: "replace what is there"),
    Command.Option(name: "json", value: nil, about: "print the joined curve.json instead of the table"),
  ]
) { arguments, session in
  let metric = try metric(arguments)
  let target = try ComparisonTarget(arguments, note: session.note)
  let set = try comparison(of: arguments.positional)
  let document = CurveDocument(set, metric: metric)
  let report = try target?.write(document)
  if arguments.has("json") {
    try session.printJSON(set.json)
  } else {
    session.print(document.text, terminator: "")
    if let report { session.print("\nreport    \(report)") }
  }
  return 0
}

/// Where a comparison is written.
private enum ComparisonTarget {
  case page(SealedFile, path: String)
  case folder(ResultFolder)

  /// - Returns: nil when it is only printed.
  /// - Throws: `FileFailure` when something else is in its place.
  init?(_ arguments: Arguments, note: @escaping @Sendable (String) -> Void) throws {
    guard let out = arguments.string("out") else { return nil }
    let force = arguments.has("force")
    if out.hasSuffix(".html") {
      self = .page(try SealedFile(out, option: "out", force: force), path: out)
    } else {
      self = .folder(
        try ResultFolder(
          out, command: "compare", version: Version.current, force: force, inputs: arguments.positional,
          note: note))
    }
  }

  /// - Returns: the page to look at.
  func write(_ document: CurveDocument) throws -> String {
    switch self {
    case .page(let file, let path):
      try file.write(document.html)
      return path
    case .folder(let folder):
      try folder.write(document.files())
      return folder.path + "/report.html"
    }
  }
}

/// All curves that the paths hold, as one set. Parts of one sweep are joined, and runs that differ only in seed and ε
/// make one curve.
private func comparison(of paths: [String]) throws -> CurveSet {
  var sets: [(label: String, set: CurveSet)] = []
  var runs: [(name: String, run: FinishedRun)] = []
  for path in paths {
    let label = URL(fileURLWithPath: path).lastPathComponent
    switch try finishedWork(at: path) {
    case .curves(let url, let name):
      let set = try CurveSet(file: url, name: name)
      if let index = sets.firstIndex(where: { $0.set.isPart(ofSameSweepAs: set) }) {
        sets[index].set = try sets[index].set.joined(with: set, file: name)
      } else {
        sets.append((label, set))
      }
    case .run(let url, let name): runs.append((label, try FinishedRun(file: url, name: name)))
    }
  }
  if !runs.isEmpty {
    let curves = FinishedRun.curves(runs)
    let name = runs.count == 1 ? runs[0].name : "runs"
    sets.append(
      (
        name,
        CurveSet(
          name: name, axis: SweepPlan.epsilonAxis, curves: curves, missing: [], version: runs[0].run.version)
      ))
  }
  guard let first = sets.first else { throw UsageError(description: "nothing to compare") }
  if sets.count == 1 { return first.set }
  for (label, set) in sets where set.axis != first.set.axis {
    throw UsageError(
      description:
        "\(first.label) is drawn against \(first.set.axis), \(label) against \(set.axis); curves over different axes cannot be compared"
    )
  }
  let names = sets.flatMap { $0.set.curves.map(\.name) }
  return CurveSet(
    name: sets.map(\.label).joined(separator: " against "), axis: first.set.axis,
    curves: sets.flatMap { label, set in
      set.curves.map { curve in
        names.count { $0 == curve.name } == 1
          ? curve : curve.named(set.curves.count == 1 ? label : "\(label): \(curve.name)")
      }
    }, missing: sets.flatMap(\.set.missing), version: first.set.version)
}

/// What a path leads to.
private enum FinishedWork {
  case curves(URL, name: String)
  case run(URL, name: String)
}

private func finishedWork(at path: String) throws -> FinishedWork {
  let url = URL(fileURLWithPath: path)
  func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
  for (name, isCurve) in [("curve.json", true), ("run.json", false)] {
    var file = url.appendingPathComponent(name)
    var shown = path + "/" + name
    if url.lastPathComponent == name { (file, shown) = (url, path) }
    if exists(file) { return isCurve ? .curves(file, name: shown) : .run(file, name: shown) }
  }
  throw RunFailure(
    "\(path): \(exists(url) ? "holds neither a curve.json nor a run.json" : "no such folder"); give folders that fedsim sweep or fedsim run wrote",
    status: 2)
}
