import Curves
import Foundation
import Recommender
import Scenarios
import Tuning

/// What is written and printed about a search.
package struct TuneDocument {
  private let set: CurveSet
  private let result: TuningResult

  /// - Parameters:
  ///   - set: the curve of the scenario as it is written, and one a search, on the seeds of the report.
  package init(_ set: CurveSet, _ result: TuningResult) {
    self.set = set
    self.result = result
  }

  private var metric: Metric { result.metric }
  private var headline: [String] { TuneHeadline(set: set, metric: metric).sentences }

  /// That settings were chosen and are reported on different populations.
  private var seeds: String {
    func list(_ seeds: [Int]) -> String {
      "\(seeds.count == 1 ? "seed" : "seeds") \(seeds.map { "\($0)" }.joined(separator: ", "))"
    }
    let (search, report) = (list(result.searchSeeds), list(result.reportSeeds))
    if result.isOverFiles {
      return
        "Settings are chosen on \(search) and reported on \(report), which are of the same clients with other cohorts and noise: what is reported flatters too, and the search itself is a use of these clients' data (fedsim account --tuned-by)."
    }
    return
      "Settings are chosen on the populations of \(search) and reported on those of \(report): what is searched is the best of many and flatters, what is reported does not."
  }

  /// All files of a folder of results but the scenarios.
  package func files() throws -> [(name: String, contents: Data)] {
    let curves = try CurveDocument(set, metric: metric).files().filter { $0.name != "report.html" }
    return [
      ("tune.json", try json.encoded(pretty: true) + Data("\n".utf8)), ("report.html", Data(html.utf8)),
    ] + curves
  }

  private var html: String {
    let sections = result.families.map { family in
      let table = TuneTable(family, in: set, metric: metric)
      let note = [TuneTable.note(family, runs: result.runs), seeds].joined(separator: " ")
      return Page.section(
        "Settings by ε: \(family.name)",
        Page.table(head: table.head, table.rows) + element("p", ["class": "note"], text: note))
    }
    return CurveReport(set, metric: metric, headlines: headline, sections: sections).html
  }

  /// The summary for a terminal.
  package var text: String {
    var lines: [String] = []
    for family in result.families {
      let table = TuneTable(family, in: set, metric: metric)
      lines += ["\(family.name):"] + TextTable.lines(head: table.head, table.rows)
      lines += [TuneTable.note(family, runs: result.runs), ""]
    }
    return CurveDocument(set, metric: metric).text + "\n" + lines.joined(separator: "\n") + seeds + "\n"
      + headline.joined(separator: "\n") + "\n"
  }

  /// `tune.json`: what was chosen, by search and ε, with both scores.
  package var json: JSONValue {
    .object([
      "format": .integer(1), "name": .string(set.name), "metric": .string(metric.rawValue),
      "searchSeeds": .array(result.searchSeeds.map(JSONValue.integer)),
      "reportSeeds": .array(result.reportSeeds.map(JSONValue.integer)), "runsPerEpsilon": .integer(result.runs),
      "digest": .string(set.digest), "fedsim": .string(set.version),
      "searches": .array(result.families.map(search)),
    ])
  }

  private func search(_ family: TuningResult.Family) -> JSONValue {
    .object([
      "name": .string(family.name), "keys": .array(family.keys.map(JSONValue.string)),
      "importance": .array(
        family.importance.map { .object(["key": .string($0.path), "share": .number($0.share)]) }),
      "choices": .array(family.choices.map { choice($0, family) }),
    ])
  }

  private func choice(_ choice: TuningResult.Choice, _ family: TuningResult.Family) -> JSONValue {
    func reported(_ name: String) -> JSONValue {
      let points = set.curves.first { $0.name == name }?.points
      return .optional(points?.first { $0.position == choice.position }?.interval(metric)?.mean)
    }
    return .object([
      "epsilon": .number(choice.position),
      "settings": .object(
        Dictionary(choice.settings.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })),
      "tried": .integer(choice.tried), "failed": .integer(choice.failed),
      "searched": .object([
        "chosen": .optional(choice.searched.chosen), "asWritten": .optional(choice.searched.written),
      ]),
      "reported": .object([
        "chosen": reported(family.name), "asWritten": reported(TuningResult.writtenName),
      ]),
    ])
  }
}
