import FederationProtocol
import Foundation
import NumericalCore
import Scenarios
import Worker

/// One example of a client.
struct Example {
  var label: Int
  var features: [Float]

  /// An example that contributes nothing: its gradient is a multiple of its features.
  static func nothing(_ dimension: Int) -> Example {
    Example(label: 1, features: [Float](repeating: 0, count: dimension))
  }

  /// A random example, now and then with huge or tiny features.
  static func random(_ dimension: Int, from stream: inout RandomStream) -> Example {
    let size: Float = [1, 1, 0.01, 1000][stream.nextInteger(below: 4)]
    let density = [0.3, 1][stream.nextInteger(below: 2)]
    return Example(
      label: stream.nextInteger(below: 2),
      features: (0..<dimension).map { _ in
        stream.nextUniform() < density ? size * Float(stream.nextNormal()) : 0
      })
  }
}

/// Clients in the order of their file, each with its name and its examples.
struct Clients {
  var examples: [[Example]]
  let dimension: Int
  private var names: [String]

  init(examples: [[Example]], dimension: Int) {
    self.examples = examples
    self.dimension = dimension
    names = examples.indices.map { "c\($0)" }
  }

  /// Takes a client away; those behind it move up, and keep their names.
  mutating func remove(at place: Int) {
    examples.remove(at: place)
    names.remove(at: place)
  }

  static func random(_ count: Int, dimension: Int, from stream: inout RandomStream) -> Clients {
    let examples = (0..<count).map { _ in
      (0..<2 + stream.nextInteger(below: 5)).map { _ in Example.random(dimension, from: &stream) }
    }
    return Clients(examples: examples, dimension: dimension)
  }

  /// A worker that has these clients, and adds no noise of its own to their updates.
  func worker(_ scenario: String, isSparse: Bool) throws -> CohortWorker {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedsim-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data((isSparse ? sparseText : denseText).utf8).write(to: folder.appendingPathComponent("train"))
    return try CohortWorker(
      WorkerConfiguration(
        worker: 0, workers: 1, cacheBytes: 1 << 24, scenario: Array(scenario.utf8), folder: folder.path,
        secureNoise: false))
  }

  private var sparseText: String {
    lines { client, example in
      let entries = example.features.enumerated().filter { $0.element != 0 }.map {
        "\($0.offset + 1):\($0.element)"
      }
      return (["\(example.label)", "qid:\(client)"] + entries).joined(separator: " ")
    }
  }

  private var denseText: String {
    let header = ["client", "label"] + (0..<dimension).map { "f\($0)" }
    return header.joined(separator: ",") + "\n"
      + lines { client, example in
        ([client, "\(example.label)"] + example.features.map { "\($0)" }).joined(separator: ",")
      }
  }

  private func lines(_ line: (String, Example) -> String) -> String {
    zip(names, examples).flatMap { name, examples in examples.map { line(name, $0) + "\n" } }.joined()
  }
}
