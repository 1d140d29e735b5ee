import FederationProtocol
import Foundation
import NumericalCore
import Scenarios

/// A user's own shards, read whole when the worker starts. A worker keeps only the clients it owns, but reads and
/// checks everything, so that all workers agree on which client has which index.
package struct FileShards: ClientSource {
  private let training: [Int: ClientShard]
  private let heldOut: [Int: ClientShard]
  package let trainingClients: Int
  package let heldOutClients: Int
  package let skippedClients: Int
  package let dataDigest: [UInt8]
  package var knowsTruth: Bool { false }
  package var knowsPopularity: Bool { false }

  /// - Throws: `WorkerFailure` naming the file, line and field of the first problem.
  package init(settings: FilesPopulation, folder: String, owns: @escaping @Sendable (Int) -> Bool) throws {
    var hash = SHA256()
    func read(_ path: String, heldOut: Bool) throws -> ShardReader {
      let files = try Self.files(of: path, folder: folder, heldOut: heldOut)
      var reader = ShardReader(settings: settings, heldOut: heldOut, owns: owns)
      for (number, file) in files.urls.enumerated() {
        try reader.read(file, number: number, isOneClient: files.isFolder)
        hash.update(try Data(contentsOf: file))
      }
      if reader.clients == 0 { throw WorkerFailure(reason: .noExamples, heldOut: heldOut) }
      return reader
    }
    let train = try read(settings.train, heldOut: false)
    let held = try read(settings.heldOut, heldOut: true)
    training = train.shards
    heldOut = held.shards
    trainingClients = train.clients
    heldOutClients = held.clients
    skippedClients = train.skipped + held.skipped
    dataDigest = hash.bytes
    if trainingClients > settings.clients {
      throw WorkerFailure(reason: .tooManyClients, field: trainingClients)
    }
  }

  package func trainingShard(_ client: Int) -> ClientShard? { training[client] }
  package func heldOutShard(_ client: Int) -> ClientShard? { heldOut[client] }

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

/// Reads the files of one half (train or held out) of a population.
private struct ShardReader {
  private(set) var shards: [Int: ClientShard] = [:]
  private(set) var clients = 0
  private(set) var skipped = 0
  private let settings: FilesPopulation
  private let heldOut: Bool
  private let owns: @Sendable (Int) -> Bool

  init(settings: FilesPopulation, heldOut: Bool, owns: @escaping @Sendable (Int) -> Bool) {
    self.settings = settings
    self.heldOut = heldOut
    self.owns = owns
  }

  mutating func read(_ file: URL, number: Int, isOneClient: Bool) throws {
    func failure(_ reason: WorkerFailure.Reason, line: Int = 0, field: Int = 0) -> WorkerFailure {
      WorkerFailure(reason: reason, heldOut: heldOut, file: number, line: line, field: field)
    }
    guard let data = try? Data(contentsOf: file) else { throw failure(.fileUnreadable) }
    guard let text = String(data: data, encoding: .utf8) else { throw failure(.notUTF8) }
    var indexOfClient: [String: Int] = [:]
    var builders: [Int: ShardBuilder] = [:]
    var header: CSVHeader?
    var rows = 0
    let lines = Substring(text).utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() {
      do throws(ShardLine.Problem) {
        var parsed: ShardLine?
        if settings.format == .libsvm {
          parsed = try ShardLine.libsvm(line, dimension: settings.dimension)
        } else if let header {
          parsed = try header.read(line)
        } else {
          header = try CSVHeader(
            line, label: settings.labelColumn, client: settings.clientColumn, dimension: settings.dimension,
            needsClient: !isOneClient)
        }
        guard let parsed else { continue }
        rows += 1
        let client: String?
        switch parsed {
        case .sparse(let named, _, _, _): client = named
        case .dense(let named, _, _): client = named
        }
        guard let name = isOneClient ? "" : client, isOneClient || !name.isEmpty else {
          throw ShardLine.Problem(reason: .missingClient, field: 2)
        }
        let index: Int
        if let known = indexOfClient[name] {
          index = known
        } else {
          index = clients
          indexOfClient[name] = index
          clients += 1
        }
        guard owns(index) else { continue }
        switch parsed {
        case .sparse(_, let label, let coordinates, let values):
          builders[index, default: ShardBuilder()].appendSparse(
            label: label, coordinates: coordinates, values: values)
        case .dense(_, let label, let values):
          builders[index, default: ShardBuilder()].appendDense(label: label, values: values)
        }
      } catch {
        throw failure(error.reason, line: offset + 1, field: error.field)
      }
    }
    if rows == 0 && isOneClient { skipped += 1 }
    let dense = settings.format == .csv ? settings.dimension : nil
    for (index, builder) in builders { shards[index] = builder.shard(denseDimension: dense) }
  }
}
