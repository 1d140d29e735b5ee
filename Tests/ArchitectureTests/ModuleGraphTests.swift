import Foundation
import Testing

/// The module graph is part of the privacy argument, so it is read from the package description and compared with
/// what the sources import.
@Suite("The module graph")
struct ModuleGraphTests {
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What `swift package dump-package` says, as far as it matters here.
  struct Description: Decodable {
    struct Target: Decodable {
      struct Dependency: Decodable {
        let byName: [String?]?
      }
      let name: String
      let type: String
      let dependencies: [Dependency]
    }
    let dependencies: [Anything]
    let targets: [Target]
    struct Anything: Decodable {}
  }

  static let description = Result { () throws -> Description in
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // A scratch folder of its own: the usual one is locked by the test run.
    process.arguments = [
      "swift", "package", "--package-path", repository.path, "--scratch-path", scratch.path, "dump-package",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try JSONDecoder().decode(Description.self, from: data)
  }

  /// The direct dependencies of each target that is not a test.
  private func graph() throws -> [String: Set<String>] {
    let targets = try Self.description.get().targets.filter { $0.type != "test" }
    return Dictionary(
      uniqueKeysWithValues: targets.map { target in
        (target.name, Set(target.dependencies.compactMap { $0.byName?.first ?? nil }))
      })
  }

  private func reachable(from start: String, in graph: [String: Set<String>]) -> Set<String> {
    var found: Set<String> = []
    var open = [start]
    while let next = open.popLast() {
      for module in graph[next] ?? [] where found.insert(module).inserted { open.append(module) }
    }
    return found
  }

  @Test("keeps the coordinator away from the module that defines examples")
  func coordinatorNeverSeesExamples() throws {
    let graph = try graph()
    #expect(graph["Coordinator"] != nil && graph["ClientData"] != nil)
    #expect(!reachable(from: "Coordinator", in: graph).contains("ClientData"))
    #expect(!reachable(from: "Coordinator", in: graph).contains("Worker"))
    #expect(!reachable(from: "FederationProtocol", in: graph).contains("ClientData"))
    #expect(!reachable(from: "Reporting", in: graph).contains("ClientData"))
    // Only what makes and trains on examples, and the program that is both processes, may name their type.
    let users = graph.keys.filter { graph[$0]?.contains("ClientData") == true }
    #expect(Set(users) == ["Worker", "fedsim"])
  }

  @Test("leaves the privacy library on its own")
  func privacyLibrary() throws {
    #expect(reachable(from: "DifferentialPrivacy", in: try graph()) == ["NumericalCore"])
  }

  @Test("has no third-party package")
  func noPackages() throws {
    #expect(try Self.description.get().dependencies.isEmpty)
  }

  @Test("is what the sources import, no more and no less")
  func importsAreDeclared() throws {
    let graph = try graph()
    for (module, declared) in graph where module != "TestSupport" {
      // The kernels of wider vectors are links to those of the narrowest.
      let folder = Self.repository.appendingPathComponent("Sources/\(module)").resolvingSymlinksInPath()
      var imported: Set<String> = []
      for name in FileManager.default.enumerator(atPath: folder.path)?.compactMap({ $0 as? String }) ?? []
      where name.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        for line in text.split(separator: "\n") {
          let words = line.split(separator: " ")
          if let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1 {
            imported.insert(String(words[index + 1]))
          }
        }
      }
      #expect(imported.intersection(graph.keys) == declared, "\(module)")
    }
  }
}
