import Curves
import Foundation
import Recommender
import Scenarios

/// A baseline that cannot be used.
package struct BaselineError: Error, Equatable, CustomStringConvertible {
  package let description: String
}

/// `NAME.baseline.json`: `docs/file-formats.md` lists the keys.
extension Baseline {
  private static let format = 1

  package var json: JSONValue {
    var metrics: [String: JSONValue] = [:]
    for figure in figures {
      var members: [String: JSONValue] = ["value": .optional(figure.value)]
      if let learned = figure.learned {
        members["mean"] = .number(learned.mean)
        members["deviation"] = .number(learned.deviation)
        members["seeds"] = .integer(learned.count)
      }
      metrics[figure.metric.rawValue] = .object(members)
    }
    return .object([
      "format": .integer(Self.format), "version": .string(version), "scenario": scenario,
      "dataDigest": .string(dataDigest), "digest": .string(digest), "rounds": .array(rounds.map(JSONValue.string)),
      "metrics": .object(metrics),
      "privacy": privacy.map {
        .object([
          "epsilon": .number($0.epsilon), "delta": .number($0.delta),
          "events": .array($0.events.map(JSONValue.string)),
        ])
      } ?? .null,
    ])
  }

  /// Reads a file.
  /// - Throws: `BaselineError` when it cannot be read or used.
  package init(file url: URL) throws {
    let name = url.relativePath
    let json: JSONValue
    do {
      json = try JSONValue(contentsOf: url)
    } catch {
      let remedy = error == .unreadable ? "; write it with" : " Write it anew with"
      throw BaselineError(description: "\(name): \(error)\(remedy) fedsim check --update")
    }
    try self.init(json, file: name)
  }

  /// Checks that a baseline may be written to a place: nothing is there, or a baseline, or what is left of one.
  /// - Throws: `BaselineError` when something else is there.
  package static func checkReplaceable(_ url: URL) throws {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    // What was cut short, or merged by halves, still has a line that begins with the digest.
    let isBaseline =
      if let text = try? String(contentsOf: url, encoding: .utf8) {
        text.isEmpty || text.split(separator: "\n").prefix(20).contains { $0.hasPrefix("  \"dataDigest\" : \"") }
      } else {
        false
      }
    guard isBaseline else {
      throw BaselineError(
        description:
          "\(url.relativePath): is not a baseline that fedsim wrote, so it is not replaced; move it away, and give fedsim check --update again"
      )
    }
  }

  /// Reads what `json` writes.
  /// - Parameter file: the file's name, for messages.
  /// - Throws: `BaselineError`.
  package init(_ json: JSONValue, file: String) throws {
    func failure(_ message: String) -> BaselineError {
      BaselineError(description: "\(file): \(message); write it anew with fedsim check --update")
    }
    guard case .integer(let format)? = json["format"] else { throw failure("is not a baseline") }
    guard format == Self.format else {
      throw failure("has the format \(format); this version of fedsim reads \(Self.format)")
    }
    guard case .string(let version)? = json["version"], let scenario = json["scenario"],
      case .string(let dataDigest)? = json["dataDigest"], case .string(let digest)? = json["digest"],
      case .array(let rounds)? = json["rounds"], case .object(let metrics)? = json["metrics"],
      let privacy = json["privacy"]
    else { throw failure("lacks version, scenario, dataDigest, digest, rounds, metrics or privacy") }
    let fingerprints = rounds.compactMap(\.asText)
    guard fingerprints.count == rounds.count else { throw failure("has a round that is no text") }
    let figures = try Metric.allCases.compactMap { metric -> Figure? in
      guard let members = metrics[metric.rawValue] else { return nil }
      let value = members["value"]?.asDouble
      guard value != nil || members["value"] == .null else {
        throw failure("metrics.\(metric.rawValue) has no value")
      }
      var learned: PredictionInterval?
      if case .integer(let seeds)? = members["seeds"] {
        guard seeds > 1, let mean = members["mean"]?.asDouble, let deviation = members["deviation"]?.asDouble,
          deviation >= 0
        else { throw failure("metrics.\(metric.rawValue) has seeds without mean and deviation") }
        learned = PredictionInterval(mean: mean, deviation: deviation, count: seeds)
      }
      return Figure(metric: metric, value: value, learned: learned)
    }
    var released: Privacy?
    if privacy != .null {
      guard let epsilon = privacy["epsilon"]?.asDouble, let delta = privacy["delta"]?.asDouble,
        case .array(let events)? = privacy["events"]
      else { throw failure("privacy lacks epsilon, delta or events") }
      released = Privacy(epsilon: epsilon, delta: delta, events: events.compactMap(\.asText))
    }
    self.init(
      version: version, scenario: scenario, dataDigest: dataDigest, digest: digest, rounds: fingerprints,
      figures: figures, privacy: released)
  }
}

extension JSONValue {
  fileprivate var asText: String? { if case .string(let text) = self { text } else { nil } }
}
