import Foundation
import Testing

/// A reader should be able to hold a file, a function or a type in the head: they are measured.
@Suite("The sources")
struct ShapeTests {
  private static let longestFile = 300
  private static let longestFunction = 60
  private static let mostParameters = 8
  private static let mostProperties = 12

  /// What is larger than it should be, and why that is better than its parts.
  static let exceptions: [String: String] = [
    "function Scenarios/Queries/Query.swift init": "the declaration of a query's keys, one after the other",
    "function Scenarios/Scenario.swift init": "the declaration of a scenario's sections, one after the other",
    "initialiser Curves/Curve.swift init": "what a run comes to in a curve, as it is kept on disk",
    "initialiser DifferentialPrivacy/Events/LedgerEntry.swift init":
      "the fields of a ledger's line; all but six have defaults",
    "type DifferentialPrivacy/Events/LedgerEntry.swift Line": "the fields of a ledger's line, as they are on disk",
    "type Recommender/EvaluationMetrics.swift EvaluationMetrics": "one a metric",
    "type Scenarios/Queries/Query.swift Query": "one a key of a query",
    "type Scenarios/Scenario.swift Scenario": "one a section of a scenario",
    "type Worker/CohortWorker.swift CohortWorker": "all that a worker keeps from round to round",
  ]

  /// A Swift file of the package.
  struct Source {
    /// Below `Sources`.
    let path: String
    let lines: [Substring]
  }

  static let sources = Result { () throws -> [Source] in
    let folder = ModuleGraphTests.repository.appendingPathComponent("Sources")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      return Source(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  /// Something that is too large: where, and how large.
  struct Finding: Hashable, CustomStringConvertible {
    let place: String
    let size: Int
    var description: String { "\(place): \(size)" }
  }

  /// Every finding is an exception with a reason, and every exception is found.
  private func expect(_ findings: [Finding], kind: String) {
    for finding in findings where Self.exceptions["\(kind) \(finding.place)"] == nil {
      Issue.record("\(kind) \(finding)")
    }
    for exception in Self.exceptions.keys where exception.hasPrefix(kind + " ") {
      #expect(findings.contains { "\(kind) \($0.place)" == exception }, "\(exception) is none any more")
    }
  }

  @Test("are in files of at most 300 lines")
  func files() throws {
    let all = try Self.sources.get()
    #expect(all.count > 200)
    expect(
      all.filter { $0.lines.count - 1 > Self.longestFile }.map {
        Finding(place: $0.path, size: $0.lines.count - 1)
      },
      kind: "file")
  }

  @Test("have functions of at most 60 lines, and initialisers of at most 8 parameters")
  func functions() throws {
    let all = try Self.sources.get().flatMap(Shape.functions)
    #expect(all.count > 1000)
    expect(
      all.filter { $0.lines > Self.longestFunction }.map { Finding(place: $0.place, size: $0.lines) },
      kind: "function")
    let crowded = all.filter { $0.isInitialiser && $0.parameters > Self.mostParameters }
    expect(crowded.map { Finding(place: $0.place, size: $0.parameters) }, kind: "initialiser")
  }

  @Test("have types of at most 12 stored properties")
  func types() throws {
    let all = try Self.sources.get().flatMap(Shape.types)
    #expect(all.count > 300)
    expect(
      all.filter { $0.properties > Self.mostProperties }.map { Finding(place: $0.place, size: $0.properties) },
      kind: "type")
  }

  @Test("that are measured here are measured right")
  func measures() {
    let source = Source(
      path: "a.swift",
      lines: """
        struct A {
          static let none = 0
          let x: Int
          private(set) var y = [1, 2]
          var z: Int { x }
          var w: Int {
            x
          }
          @Lazy package var v: Int? = nil

          init(x: Int, y: (Int, Int) = (1, 2),
            z: [Int: Int]) {
            self.x = x
          }

          package func f() -> Int { 1 }
        }
        """.split(separator: "\n", omittingEmptySubsequences: false))
    #expect(Shape.types(source).map(\.properties) == [3])
    let functions = Shape.functions(source)
    #expect(functions.map(\.lines) == [4, 1] && functions.map(\.isInitialiser) == [true, false])
    #expect(functions[0].parameters == 3)
  }

  @Test("switch over trust models, and never compare them")
  func trustIsSwitchedOver() throws {
    for source in try Self.sources.get() {
      for (index, line) in source.lines.enumerated() {
        #expect(
          line.firstMatch(of: /[!=]= *\.(central|local)\b/) == nil, "\(source.path):\(index + 1)")
      }
    }
  }

  @Test("of the wider kernels are links to those of the narrowest")
  func kernelLinks() throws {
    let sources = ModuleGraphTests.repository.appendingPathComponent("Sources")
    for width in [256, 512] {
      let folder = sources.appendingPathComponent("Kernels\(width)")
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path)
      #expect(
        target == "Kernels128",
        """
        Sources/Kernels\(width) is no symbolic link to Kernels128: this checkout lost it. \
        git config core.symlinks true && git checkout -- Sources brings it back; CONTRIBUTING.md says what it is for
        """)
    }
  }
}
