import FederationProtocol
import Foundation
import NumericalCore
import Scenarios

/// A user's own shards. Every worker reads and checks everything once, so that all agree on who the clients are and in which
/// order; it then keeps where its own clients' examples lie, and reads them again when they are asked for.
///
/// Clients are numbered in the order of their names, so that neither the order of lines nor that of files matters.
package struct FileShards: ClientSource {
  private let training: ShardHalf
  private let heldOut: ShardHalf
  /// Clients that are in both halves.
  package let sharedClients: Int
  /// The names of the first of them.
  package let sharedNames: [String]
  package let dataDigest: [UInt8]
  package let keys: ClientKeys?
  private static let shownNames = 3

  package var trainingClients: Int { training.count }
  package var heldOutClients: Int { heldOut.count }
  package var skippedClients: Int { training.skipped + heldOut.skipped }
  package var knowsTruth: Bool { false }
  package var knowsPopularity: Bool { false }

  /// - Parameters:
  ///   - folder: where relative paths start.
  ///   - seed: the run's, for the clients' keys.
  ///   - owns: whether a client index is one that will be asked for.
  /// - Throws: `WorkerFailure` naming the file, line and field of the first problem.
  package init(
    settings: FilesPopulation, folder: String, seed: UInt64, owns: @escaping @Sendable (Int) -> Bool
  ) throws {
    var train = try ShardReader(settings, folder: folder, heldOut: false, features: nil)
    try train.readAll()
    if train.clients.count > settings.clients {
      throw WorkerFailure(reason: .tooManyClients, field: train.clients.count)
    }
    var held = try ShardReader(settings, folder: folder, heldOut: true, features: train.features)
    try held.readAll()

    let known = Set(train.clients.map(\.name))
    let shared = held.clients.map(\.name).filter { known.contains($0) }
    sharedClients = shared.count
    sharedNames = shared.prefix(Self.shownNames).map(NameOrder.shown)

    var hash = SHA256()
    hash.update("fedsim data 1".utf8)
    for name in train.features ?? [] {
      hash.update(UInt64(name.count))
      hash.update(name)
    }
    var keys: [[Int]] = []
    for clients in [train.clients, held.clients] {
      hash.update(UInt64(clients.count))
      for client in clients {
        hash.update(UInt64(client.name.count))
        hash.update(client.name)
        for word in client.digest.indices { hash.update(UInt64(client.digest[word])) }
      }
      keys.append(clients.map { ClientKeys.key(ofName: $0.name, seed: seed) })
    }
    dataDigest = hash.bytes
    self.keys = ClientKeys(training: keys[0], heldOut: keys[1])
    training = ShardHalf(train, owns: owns)
    heldOut = ShardHalf(held, owns: owns)
  }

  package func trainingShard(_ client: Int) throws -> ClientShard? { try training.shard(client) }
  package func heldOutShard(_ client: Int) throws -> ClientShard? { try heldOut.shard(client) }

  /// The files behind a path: itself, or what a folder holds in the order of the names.
  package static func files(of path: String, folder: String, heldOut: Bool) throws -> (
    urls: [URL], isFolder: Bool
  ) {
    let url = URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder, isDirectory: true))
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw WorkerFailure(reason: .fileUnreadable, heldOut: heldOut)
    }
    if !isFolder.boolValue { return ([url], false) }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) else {
      throw WorkerFailure(reason: .fileUnreadable, heldOut: heldOut)
    }
    let shown = names.filter { !$0.hasPrefix(".") }.sorted()
    return (shown.map { url.appendingPathComponent($0) }, true)
  }
}
