import ClientData
import Foundation
import Scenarios

/// A folder of shards that is removed with its owner.
final class ShardFolder {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  /// - Parameter files: their contents by name.
  convenience init(_ files: [String: String]) throws {
    try self.init()
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  func write(_ name: String, _ data: Data) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func shards(
    format: String = "libsvm", clients: Int = 10, dimension: Int = 4, seed: UInt64 = 1,
    owns: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) throws -> ReadShards {
    let scenario = try makeScenario(
      population: """
        {"kind": "files", "format": "\(format)", "train": "train", "heldOut": "held",
         "clients": \(clients), "dimension": \(dimension)}
        """)
    guard case .files(let settings) = scenario.population else { preconditionFailure() }
    return ReadShards(
      folder: self, source: try FileShards(settings: settings, folder: url.path, seed: seed, owns: owns))
  }
}

/// Shards with the folder that they are read from.
@dynamicMemberLookup
struct ReadShards {
  let folder: ShardFolder
  let source: FileShards

  subscript<Value>(dynamicMember member: KeyPath<FileShards, Value>) -> Value { source[keyPath: member] }

  func trainingShard(_ client: Int) throws -> ClientShard? { try source.trainingShard(client) }
  func heldOutShard(_ client: Int) throws -> ClientShard? { try source.heldOutShard(client) }

  /// Everything that training clients hold, by index.
  var training: [[[UInt32]]] {
    get throws { try (0..<source.trainingClients).map { try trainingShard($0)?.contents ?? [] } }
  }

  /// Everything that held-out clients hold, by index.
  var evaluation: [[[UInt32]]] {
    get throws { try (0..<source.heldOutClients).map { try heldOutShard($0)?.contents ?? [] } }
  }
}
