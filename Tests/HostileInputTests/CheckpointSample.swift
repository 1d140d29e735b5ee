import Coordinator
import FederationProtocol
import Foundation
import NumericalCore
import Scenarios
import TestSupport
import Worker

/// A checkpoint of a real run.
enum CheckpointSample {
  /// The state and the journal.
  typealias Files = (state: [UInt8], journal: [UInt8])

  private static let made = Result { () throws -> Files in
    let scenario = try Scenario(
      JSONValue(
        utf8: """
          {"name": "c", "population": {"kind": "synthetic-alpha-beta", "clients": 9, "heldOutClients": 3, "features": 4},
           "training": {"rounds": 3, "cohort": {"expectedSize": 5}, "server": {"optimizer": "adam"}},
           "privacy": {"noiseMultiplier": 1, "delta": 1e-3}, "evaluation": {"every": 1}}
          """.utf8), file: "c")
    let pool = WorkerPool(ThreadLauncher { try WorkerLoop.run($0) })
    defer { pool.stop() }
    var writer = CheckpointWriter(version: "1")
    var files: Files = ([], [])
    _ = try Simulation(scenario, options: RunOptions(workers: 1, cacheBytes: 1 << 20, folder: "/")).run(
      on: pool,
      keeper: CheckpointKeeper(every: 1) { checkpoint in
        let next = try writer.next(checkpoint)
        files = ([UInt8](next.state), Array(files.journal.prefix(next.at)) + next.journal)
      })
    return files
  }

  static func files() throws -> Files { try made.get() }

  /// The state with the checksum of what follows it: what someone would do who means harm.
  static func withFittingChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let magic = Array("fedsim checkpoint 3\n".utf8)
    guard bytes.count > magic.count + 65 else { return bytes }
    let payload = bytes.dropFirst(magic.count + 65)
    return magic + Array((digest(payload) + "\n").utf8) + payload
  }

  /// The state that vouches for another journal than its own.
  static func state(vouchingFor journal: [UInt8]) throws -> [UInt8] {
    let (state, _) = try files()
    let payload = Data(state.dropFirst("fedsim checkpoint 3\n".utf8.count + 65))
    guard var members = try PropertyListSerialization.propertyList(from: payload, format: nil) as? [String: Any]
    else {
      return []
    }
    members["journalBytes"] = journal.count
    members["journalDigest"] = digest(journal)
    let changed = try PropertyListSerialization.data(fromPropertyList: members, format: .binary, options: 0)
    return withFittingChecksum(Array(state.prefix(state.count - payload.count)) + changed)
  }

  private static func digest(_ bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal
  }
}
