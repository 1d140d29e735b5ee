import Foundation
import Recommender
import Scenarios

/// A file that does not hold what it should.
package struct CurveFileError: Error, Equatable, CustomStringConvertible {
  package let file: String
  package let message: String

  package init(file: String, message: String) {
    self.file = file
    self.message = message
  }

  package var description: String { "\(file): \(message)" }

  /// The JSON in a file.
  static func reading(_ url: URL, name: String) throws(CurveFileError) -> JSONValue {
    do {
      return try JSONValue(contentsOf: url)
    } catch {
      throw CurveFileError(file: name, message: error.description)
    }
  }
}

/// `curve.json`: `docs/file-formats.md` lists the keys.
extension CurveSet {
  private static let format = 1

  package var json: JSONValue {
    .object([
      "format": .integer(Self.format), "name": .string(name), "axis": .string(axis), "version": .string(version),
      "digest": .string(digest), "missing": .array(missing.map(JSONValue.string)),
      "curves": .array(curves.map(\.json)),
    ])
  }

  /// Reads what `json` writes.
  /// - Parameter file: the file's name, for messages.
  /// - Throws: `CurveFileError`.
  package init(_ json: JSONValue, file: String) throws {
    func failure(_ message: String) -> CurveFileError { CurveFileError(file: file, message: message) }
    guard case .integer(let format)? = json["format"], json["curves"] != nil else {
      throw failure("is not a curve.json; fedsim sweep writes one")
    }
    guard format == Self.format else {
      throw failure("has the format \(format); this version of fedsim reads \(Self.format)")
    }
    guard case .string(let name)? = json["name"], case .string(let axis)? = json["axis"],
      case .string(let version)? = json["version"], case .array(let missing)? = json["missing"],
      case .array(let curves)? = json["curves"], !curves.isEmpty
    else { throw failure("lacks name, axis, version, missing or curves") }
    let read = curves.compactMap(Curve.init)
    guard read.count == curves.count else {
      throw failure("curve \(read.count + 1) of \(curves.count) is not as fedsim writes it")
    }
    let keys = missing.compactMap { if case .string(let key) = $0 { key } else { nil } }
    guard keys.count == missing.count else { throw failure("its list of missing runs is not as fedsim writes it") }
    self.init(name: name, axis: axis, curves: read, missing: keys, version: version)
    guard json["digest"] == .string(digest) else {
      throw failure("its digest is not that of its runs: the file was changed")
    }
  }

  /// Reads a file.
  /// - Throws: `CurveFileError` when it cannot be read or used.
  package init(file url: URL, name: String) throws {
    try self.init(CurveFileError.reading(url, name: name), file: name)
  }
}

extension Curve {
  fileprivate var json: JSONValue {
    let lines = references.map { line in
      JSONValue.object([
        "kind": .string(line.kind.rawValue),
        "seeds": .array(
          line.values.map { .object(["seed": .integer(Int($0.seed)), "metrics": $0.values.json]) }),
      ])
    }
    return .object([
      "name": .string(name), "settings": .object(settings), "scenario": scenario,
      "points": .array(points.map(\.json)), "references": .array(lines),
      "dataDigest": dataDigest.map(JSONValue.string) ?? .null,
    ])
  }

  fileprivate init?(_ json: JSONValue) {
    guard case .string(let name)? = json["name"], case .object(let settings)? = json["settings"],
      let scenario = json["scenario"], case .array(let points)? = json["points"],
      case .array(let lines)? = json["references"]
    else { return nil }
    let readPoints = points.compactMap(CurvePoint.init)
    let readLines = lines.compactMap { line -> CurveReference? in
      guard case .string(let text)? = line["kind"], let kind = CurveReference.Kind(rawValue: text),
        case .array(let seeds)? = line["seeds"]
      else { return nil }
      let values = seeds.compactMap { one -> SeedValues? in
        guard case .integer(let seed)? = one["seed"], seed >= 0, let metrics = one["metrics"] else { return nil }
        return SeedValues(seed: UInt64(seed), values: MetricValues(metrics))
      }
      return values.count == seeds.count ? CurveReference(kind: kind, values: values) : nil
    }
    guard readPoints.count == points.count, readLines.count == lines.count else { return nil }
    let digest: String? = if case .string(let text)? = json["dataDigest"] { text } else { nil }
    self.init(
      name: name, settings: settings, scenario: scenario, points: readPoints, references: readLines,
      dataDigest: digest)
  }
}

extension CurvePoint {
  fileprivate var json: JSONValue {
    .object(["position": .number(position), "seeds": .array(outcomes.map(\.json))])
  }

  fileprivate init?(_ json: JSONValue) {
    guard case .array(let seeds)? = json["seeds"] else { return nil }
    let position = json["position"] == .string("infinity") ? .infinity : json["position"]?.asDouble
    let outcomes = seeds.compactMap(RunOutcome.init)
    guard let position, !position.isNaN, outcomes.count == seeds.count, !outcomes.isEmpty else { return nil }
    self.init(position: position, outcomes: outcomes)
  }
}

extension RunOutcome {
  package var json: JSONValue {
    .object([
      "seed": .integer(Int(seed)), "digest": .string(digest), "metrics": metrics.json,
      "epsilon": .optional(epsilon),
      "epsilonLowerBound": .optional(epsilonLowerBound),
      "noiseMultiplier": .optional(noiseMultiplier),
      "bytesDown": .optional(bytesDown), "bytesUp": .optional(bytesUp), "linkage": linkage?.json ?? .null,
    ])
  }

  /// Reads what `json` writes; nil when it is something else.
  package init?(_ json: JSONValue) {
    guard case .integer(let seed)? = json["seed"], seed >= 0, case .string(let digest)? = json["digest"],
      let metrics = json["metrics"], json["epsilon"] != nil
    else { return nil }
    self.init(
      seed: UInt64(seed), digest: digest, epsilon: json["epsilon"]?.asDouble,
      epsilonLowerBound: json["epsilonLowerBound"]?.asDouble, noiseMultiplier: json["noiseMultiplier"]?.asDouble,
      metrics: MetricValues(metrics), bytesDown: json["bytesDown"]?.asInteger, bytesUp: json["bytesUp"]?.asDouble,
      linkage: json["linkage"].flatMap(LinkageRates.init))
  }
}

extension LinkageRates {
  package var json: JSONValue {
    .object([
      "candidates": .integer(candidates), "linked": .optional(linked), "singledOut": .optional(singledOut),
      "told": .number(told), "bound": .optional(bound),
    ])
  }

  /// Reads what `json` writes; nil when it is something else.
  package init?(_ json: JSONValue) {
    guard let candidates = json["candidates"]?.asInteger, candidates > 1, let told = json["told"]?.asDouble else {
      return nil
    }
    self.init(
      candidates: candidates, linked: json["linked"]?.asDouble, singledOut: json["singledOut"]?.asDouble,
      told: told, bound: json["bound"]?.asDouble)
  }
}
