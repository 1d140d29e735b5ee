import Coordinator
import DifferentialPrivacy
import Foundation
import Scenarios

/// The files of a folder of answers, by name.
package struct QueryDocument {
  package let scenario: QueryScenario
  package let result: QueryResult

  package init(scenario: QueryScenario, result: QueryResult) {
    self.scenario = scenario
    self.result = result
  }

  /// All files of the folder.
  package func files() throws -> [(name: String, contents: Data)] {
    let json = try self.json.setting(["ledgerHead"], to: .string(result.ledgerHead)).encoded(pretty: true)
    let report = QueryReport(self)
    var files: [(name: String, contents: Data)] = [
      ("query.json", json + Data("\n".utf8)), ("answers.csv", Data(answersCSV.utf8)),
      ("ledger.jsonl", Data(result.ledgerText.utf8)), ("report.html", Data(report.html.utf8)),
    ]
    for (kind, chart) in report.errorCharts {
      guard let drawing = chart.svg(.wide, standalone: true) else { continue }
      files.append(("error-\(kind).svg", Data(drawing.utf8)))
    }
    return files
  }

  /// `query.json`: `docs/file-formats.md` lists the keys.
  package var json: JSONValue {
    let answers = result.answers.map { answer in
      JSONValue.object([
        "query": .string(answer.query), "mechanism": .string(answer.mechanism), "epsilon": .number(answer.epsilon),
        "status": .string(answer.release == nil ? "refused" : "answered"),
        "release": .optional(answer.release), "clients": .integer(answer.clients),
        "measuredError": .optional(answer.error?.measured), "predictedError": .optional(answer.error?.predicted),
        "hitRate": .optional(answer.hitRate),
        "lines": .array(
          answer.lines.map { line in
            .object([
              "label": .array(line.label.map(JSONValue.string)), "released": .optional(line.released),
              "noiseLow": .optional(line.noiseInterval?.lowerBound),
              "noiseHigh": .optional(line.noiseInterval?.upperBound),
              "withoutNoise": .number(line.withoutNoise), "truth": .optional(line.truth),
            ])
          }),
      ])
    }
    let protection = scenario.protection
    return .object([
      "format": .integer(1), "name": .string(scenario.name), "seed": .integer(Int(scenario.seed)),
      "version": .string(Version.current), "digest": .string(result.digest), "scenario": scenario.resolved,
      "answers": .array(answers),
      "privacy": .object([
        "unit": .string(Privacy.Unit.client.rawValue), "trust": .string(protection.trust.rawValue),
        "adjacency": .string(protection.adjacency.rawValue), "accountant": .string(protection.accountant.rawValue),
        "delta": .number(protection.accountant == .pure ? 0 : protection.delta),
        "epsilon": .number(result.epsilon.upper), "epsilonLowerBound": .optional(result.epsilon.lower),
        "budget": .optional(protection.budget), "randomness": .string(result.noiseSource.about),
        "holds": .string(result.noiseSource.holds(sampling: nil)),
      ]),
    ])
  }

  /// One line a number that was answered.
  private var answersCSV: String {
    var text = "query,mechanism,epsilon,label,released,noise_low,noise_high,without_noise,truth\n"
    for answer in result.answers {
      for line in answer.lines {
        let cells = [
          answer.query.quotedForCSV, answer.mechanism, "\(answer.epsilon)",
          line.label.joined(separator: " / ").quotedForCSV,
          answer.isNames ? "" : line.released.map { "\($0)" } ?? "",
          line.noiseInterval.map { "\($0.lowerBound)" } ?? "", line.noiseInterval.map { "\($0.upperBound)" } ?? "",
          answer.isNames ? "" : "\(line.withoutNoise)", answer.isNames ? "" : line.truth.map { "\($0)" } ?? "",
        ]
        text += cells.joined(separator: ",") + "\n"
      }
    }
    return text
  }
}

extension QueryAnswer {
  /// Whether the lines are names that were chosen, and not numbers.
  var isNames: Bool { hitRate != nil }
}
