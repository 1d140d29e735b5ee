/// The `sweep` section of a scenario: which keys take which values, one after the other.
package struct Sweep: Sendable, Equatable {
  /// One key and the values it takes.
  package struct Axis: Sendable, Equatable {
    /// The dotted path of the key.
    package let path: String
    package let values: [JSONValue]
  }

  /// Several keys that change together, under a name.
  package struct Variant: Sendable, Equatable {
    package let name: String
    /// Dotted paths and what they are set to, in the order of the paths.
    package let settings: [Setting]
  }

  /// A key and the value it gets.
  package struct Setting: Sendable, Equatable {
    package let path: String
    package let value: JSONValue

    package init(path: String, value: JSONValue) {
      self.path = path
      self.value = value
    }
  }

  /// nil: the scenario's own seed.
  package let seeds: [Int]?
  /// In the order of their paths, without the seed.
  package let axes: [Axis]
  /// In the order of the file; empty when there are none.
  package let variants: [Variant]
  /// The section as it was written.
  package let written: JSONValue

  /// The path whose "infinity" means that there is no privacy at all.
  static let epsilonPath = "privacy.epsilon"
  private static let key = "sweep"

  /// Reads the section, if the scenario has one.
  static func read(_ reader: ObjectReader) -> Sweep? {
    guard let value = reader.raw(key, schema) else { return nil }
    guard case .object(let members) = value, !members.isEmpty else {
      reader.problem(key, "found \(value.inWords); allowed: an object of paths and lists, \(example)")
      return nil
    }
    return Sweep(members, reader)
  }

  static let example = "for example { \"privacy.epsilon\": [1, 4, \"infinity\"], seed: [1, 2, 3] }"

  /// Reads the section of a parsed scenario and nothing else.
  /// - Throws: `ScenarioError` with everything that is wrong in it.
  static func only(_ value: JSONValue, file: String, lineOf: @escaping (String) -> Int?) throws -> Sweep? {
    let session = ObjectReader.Session(describing: false, lineOf: lineOf)
    guard case .object(let members) = value else { return nil }
    let sweep = read(ObjectReader(members, path: [], session: session))
    guard session.problems.isEmpty else { throw ScenarioError(file: file, problems: session.problems) }
    return sweep
  }

  private static let schema: JSONValue = .object([
    "type": .string("object"),
    "description": .string("which keys take which values in fedsim sweep: paths and lists of values"),
    "minProperties": .integer(1),
    "properties": .object([
      "seed": .object([
        "type": .string("array"), "minItems": .integer(1),
        "description": .string("seeds that every point is run with"),
        "items": .object([
          "type": .string("integer"), "minimum": .integer(0), "maximum": .integer(Scenario.largestSeed),
        ]),
      ]),
      "variants": .object([
        "type": .string("object"), "minProperties": .integer(1),
        "description": .string("named curves, each with the keys that it sets"),
        "additionalProperties": .object(["type": .string("object")]),
      ]),
    ]),
    "additionalProperties": .object(["type": .string("array"), "minItems": .integer(1)]),
  ])

  private init(_ members: [String: JSONValue], _ reader: ObjectReader) {
    func problem(_ path: String, _ message: String) { reader.problem("\(Self.key).\(path)", message) }
    var axes: [Axis] = []
    var variants: [Variant] = []
    var seeds: [Int]?
    for path in members.keys.sorted() {
      guard let value = members[path] else { continue }
      if path == "variants" {
        // As they stand in the file; those from the command line, or on one line, by name.
        variants = Self.variants(value, problem).sorted { a, b in
          let lines = [a, b].map { reader.session.lineOf("\(Self.key).variants.\($0.name)") ?? .max }
          return (lines[0], a.name) < (lines[1], b.name)
        }
        continue
      }
      guard case .array(let values) = value, !values.isEmpty else {
        var hint = ""
        if case .object(let inner) = value, let first = inner.keys.min() {
          hint = "; write a path as one key: \"\(path).\(first)\": […]"
        }
        problem(path, "found \(value.inWords); allowed: a list of values\(hint)")
        continue
      }
      for (index, value) in values.enumerated() where values[..<index].contains(value) {
        problem(path, "\(value.inWords) is in the list twice; keep one")
      }
      if path == "seed" {
        seeds = values.compactMap { value in
          if case .integer(let seed) = value, (0...Scenario.largestSeed).contains(seed) { return seed }
          problem(path, "found \(value.inWords); allowed: whole numbers from 0 to \(Scenario.largestSeed)")
          return nil
        }
      } else {
        axes.append(Axis(path: path, values: values))
      }
    }
    for variant in variants {
      for setting in variant.settings
      where setting.path == "seed" || axes.contains(where: { $0.path == setting.path }) {
        problem("variants", "\(variant.name) sets \(setting.path), which is an axis of the sweep too; keep one")
      }
    }
    self.seeds = seeds
    self.axes = axes
    self.variants = variants
    written = .object(members)
  }

  private static func variants(_ value: JSONValue, _ problem: (String, String) -> Void) -> [Variant] {
    guard case .object(let named) = value, !named.isEmpty else {
      problem("variants", "found \(value.inWords); allowed: an object of named objects, each with paths and values")
      return []
    }
    return named.keys.sorted().compactMap { name in
      guard case .object(let settings)? = named[name] else {
        problem("variants.\(name)", "found \(named[name]?.inWords ?? ""); allowed: an object of paths and values")
        return nil
      }
      return Variant(
        name: name,
        settings: settings.keys.sorted().compactMap { path in settings[path].map { Setting(path: path, value: $0) }
        })
    }
  }
}
