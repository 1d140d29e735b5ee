import Foundation
import Reporting
import ResultFiles
import Scenarios

/// What a sweep is of, as its folder notes it: a folder is gone on with by the same sweep alone. Lists may grow.
struct SweepSubject: FolderSubject {
  private let axis: String
  /// What all runs of a curve have in common, by the curve's name.
  private let curves: [(name: String, scenario: JSONValue)]
  /// Of the shards; empty for generated populations.
  private let data: String
  /// Every run of the plan.
  private let keys: Set<String>

  init(axis: String, curves: [(name: String, scenario: JSONValue)], data: String, keys: [String]) {
    self.axis = axis
    self.curves = curves
    self.data = data
    self.keys = Set(keys)
  }

  /// - Parameter finished: the keys of the runs that the folder's curves show.
  func manifest(finished: [String]) -> FolderManifest {
    let about = JSONValue.object([
      "axis": .string(axis), "data": .string(data), "finished": .array(finished.sorted().map(JSONValue.string)),
      "curves": .array(curves.map { .object(["name": .string($0.name), "scenario": $0.scenario]) }),
    ])
    return FolderManifest(command: "sweep", version: Version.current, about: about)
  }

  /// Why a folder cannot be gone on with by this sweep; nil when it can.
  func difference(from manifest: FolderManifest) -> String? {
    let remedy = "give another --out, or --force to start over in its place"
    guard case .string(let axis)? = manifest.about["axis"], case .string(let data)? = manifest.about["data"],
      case .array(let curves)? = manifest.about["curves"], case .array(let finished)? = manifest.about["finished"]
    else { return "holds a sweep that this version of fedsim cannot go on with; \(remedy)" }
    if manifest.version != Version.current {
      return "holds a sweep by fedsim \(manifest.version), this is \(Version.current); \(remedy)"
    }
    if axis != self.axis { return "holds a sweep over \(axis), and this one is over \(self.axis); \(remedy)" }
    for curve in curves {
      if let change = change(from: curve) { return "holds another sweep: \(change); \(remedy)" }
    }
    if data != self.data { return "holds a sweep over other data: the shards have changed since; \(remedy)" }
    let lost = finished.count { if case .string(let key) = $0 { !keys.contains(key) } else { true } }
    if lost > 0 {
      return
        "holds \(lost) finished run\(lost == 1 ? "" : "s") that this sweep does not have; its lists may grow but not lose values; \(remedy)"
    }
    return nil
  }

  /// What sets a curve of the folder apart from those of this sweep; nil when it is among them.
  private func change(from curve: JSONValue) -> String? {
    guard case .string(let name)? = curve["name"], let scenario = curve["scenario"] else { return "unreadable" }
    let changes = curves.map { scenario.changes(to: $0.scenario) }
    if changes.contains(where: \.isEmpty) { return nil }
    let same =
      curves.firstIndex { $0.name == name } ?? changes.indices.min { changes[$0].count < changes[$1].count }
    return same.flatMap { changes[$0].first?.text } ?? "it has a curve \(name)"
  }
}
