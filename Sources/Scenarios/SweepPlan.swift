/// A sweep written out: every run that it takes, and how the runs make curves.
package struct SweepPlan: Sendable {
  /// The axis of a curve over the target ε.
  package static let epsilonAxis = Sweep.epsilonPath

  /// One curve: what sets it apart from the others.
  package struct Curve: Sendable, Equatable {
    package let name: String
    package let settings: [Sweep.Setting]

    package init(name: String, settings: [Sweep.Setting]) {
      self.name = name
      self.settings = settings
    }
  }

  /// One run.
  package struct Point: Sendable {
    /// Index of its curve.
    package let curve: Int
    /// Its place on the axis; nil where that is the ε that the run turns out to have.
    package let position: Double?
    package let scenario: Scenario

    package init(curve: Int, position: Double?, scenario: Scenario) {
      self.curve = curve
      self.position = position
      self.scenario = scenario
    }
  }

  /// More runs than this are a mistake.
  static let mostPoints = 100_000

  package let name: String
  /// The path of the key that curves are drawn against.
  package let axis: String
  package let curves: [Curve]
  /// By curve, then by place on the axis as listed, then by seed as listed.
  package let points: [Point]
  /// The curve whose scenario the lines are of that curves are read against; nil: each has its own.
  package let referenceCurve: Int?

  /// Curves over ε whose runs are known one by one.
  /// - Parameter referenceCurve: the curve whose scenario the lines are of that all are read against.
  package init(name: String, curves: [Curve], points: [Point], referenceCurve: Int) {
    self.name = name
    self.referenceCurve = referenceCurve
    axis = Self.epsilonAxis
    self.curves = curves
    self.points = points
  }

  /// Writes a sweep out.
  /// - Parameters:
  ///   - sweep: the section.
  ///   - base: the scenario it belongs to, without the section.
  ///   - file: the file's name, for messages.
  ///   - lineOf: the line of a dotted path, where one is known.
  /// - Throws: `ScenarioError` for the first run that is not a valid scenario.
  init(_ sweep: Sweep, of base: JSONValue, file: String, lineOf: @escaping (String) -> Int?) throws {
    let across = Self.axis(of: sweep)
    axis = across?.path ?? Self.epsilonAxis
    let positions: [JSONValue?] = across?.values ?? [nil]
    let curves = Self.curves(sweep, except: across?.path, scenarioName: base["name"])
    self.curves = curves
    let seeds: [Int?] = sweep.seeds ?? [nil]
    let (perCurve, overflow) = positions.count.multipliedReportingOverflow(by: seeds.count)
    guard !overflow, perCurve <= Self.mostPoints / curves.count else {
      throw ScenarioError(
        file: file,
        problems: [
          ScenarioProblem(
            path: "sweep", message: "takes more than \(Self.mostPoints) runs; shorten its lists",
            line: lineOf("sweep"))
        ])
    }
    var points: [Point] = []
    for (index, curve) in curves.enumerated() {
      for position in positions {
        for seed in seeds {
          var settings = curve.settings
          if let path = across?.path, let position { settings.append(Sweep.Setting(path: path, value: position)) }
          if let seed { settings.append(Sweep.Setting(path: "seed", value: .integer(seed))) }
          points.append(
            Point(
              curve: index, position: position.map(Self.number),
              scenario: try Self.scenario(base, settings, file: file, lineOf: lineOf)))
        }
      }
    }
    self.points = points
    referenceCurve = nil
    name = points.first?.scenario.name ?? ""
  }

  /// The key that curves are drawn against: ε where it is swept, otherwise the first list of numbers; nil where there
  /// is none, and each run goes to the ε that it turns out to have.
  private static func axis(of sweep: Sweep) -> Sweep.Axis? {
    sweep.axes.first { $0.path == Sweep.epsilonPath }
      ?? sweep.axes.first { $0.values.count > 1 && $0.values.allSatisfy { $0.asDouble != nil } }
  }

  private static func number(_ value: JSONValue) -> Double {
    isInfinite(value) ? .infinity : value.asDouble ?? .nan
  }

  private static func isInfinite(_ value: JSONValue) -> Bool {
    value == .string("infinity") || value == .number(.infinity)
  }

  /// All combinations of a variant and a value of every axis but one.
  private static func curves(_ sweep: Sweep, except path: String?, scenarioName: JSONValue?) -> [Curve] {
    var curves = [Curve(name: "", settings: [])]
    if !sweep.variants.isEmpty { curves = sweep.variants.map { Curve(name: $0.name, settings: $0.settings) } }
    let axes = sweep.axes.filter { $0.path != path }
    let lastNames = axes.map { $0.path.split(separator: ".").last.map(String.init) ?? $0.path }
    for (axis, lastName) in zip(axes, lastNames) {
      let label = lastNames.count { $0 == lastName } > 1 ? axis.path : lastName
      curves = curves.flatMap { curve in
        axis.values.map { value in
          let part = "\(label) \(value.asLabel)"
          return Curve(
            name: curve.name.isEmpty ? part : "\(curve.name), \(part)",
            settings: curve.settings + [Sweep.Setting(path: axis.path, value: value)])
        }
      }
    }
    if curves.count == 1, curves[0].name.isEmpty, case .string(let name)? = scenarioName {
      return [Curve(name: name, settings: [])]
    }
    return curves
  }

  /// The scenario of one run. An ε of "infinity" is the run without privacy, whatever else is set below `privacy`.
  static func scenario(
    _ base: JSONValue, _ settings: [Sweep.Setting], file: String, lineOf: @escaping (String) -> Int?
  ) throws -> Scenario {
    var value = base
    for setting in settings {
      value = value.setting(setting.path.split(separator: ".").map(String.init)[...], to: setting.value)
    }
    if settings.contains(where: { $0.path == Sweep.epsilonPath && isInfinite($0.value) }) {
      value = value.setting(["privacy"], to: .string("none"))
    }
    do {
      return try Scenario(value, file: file) { path in
        let setting = settings.first { path == $0.path || path.hasPrefix($0.path + ".") }
        return setting.map { lineOf("sweep.\($0.path)") ?? lineOf("sweep.variants") ?? lineOf("sweep") }
          ?? lineOf(path)
      }
    } catch let error as ScenarioError {
      let place = settings.map { "\($0.path) = \($0.value.inWords)" }.joined(separator: ", ")
      throw ScenarioError(
        file: error.file,
        problems: error.problems.map {
          ScenarioProblem(path: $0.path, message: "\($0.message) (in the sweep, at \(place))", line: $0.line)
        })
    }
  }
}

extension JSONValue {
  /// The value as the name of a curve says it.
  fileprivate var asLabel: String {
    switch self {
    case .string(let text): text
    case .array(let values): values.map(\.asLabel).joined(separator: " + ")
    default: inWords
    }
  }
}
