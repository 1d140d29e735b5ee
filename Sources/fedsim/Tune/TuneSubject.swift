import Reporting
import ResultFiles
import Scenarios

/// What a search is of, as its folder notes it. The number of runs may change: those that are there are used again.
struct TuneSubject: FolderSubject {
  /// The scenario with its sections.
  private let scenario: JSONValue
  /// Of the shards; empty for generated populations.
  private let data: String

  init(_ scenario: Scenario, data: String) {
    self.scenario = scenario.whole.removing("check").removing(path: "tune.runs")
    self.data = data
  }

  func manifest(finished: [String]) -> FolderManifest {
    let about = JSONValue.object([
      "scenario": scenario, "data": .string(data), "finished": .array(finished.sorted().map(JSONValue.string)),
    ])
    return FolderManifest(command: "tune", version: Version.current, about: about)
  }

  func difference(from manifest: FolderManifest) -> String? {
    let remedy = "give another --out, or --force to start over in its place"
    guard let scenario = manifest.about["scenario"], case .string(let data)? = manifest.about["data"] else {
      return "holds a search that this version of fedsim cannot go on with; \(remedy)"
    }
    if manifest.version != Version.current {
      return "holds a search by fedsim \(manifest.version), this is \(Version.current); \(remedy)"
    }
    if let change = scenario.changes(to: self.scenario).first {
      return "holds another search: \(change.text); \(remedy)"
    }
    if data != self.data { return "holds a search over other data: the shards have changed since; \(remedy)" }
    return nil
  }
}
