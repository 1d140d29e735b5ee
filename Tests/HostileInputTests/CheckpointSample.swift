import Coordinator
import Foundation
import NumericalCore
import Scenarios
import TestSupport

/// A checkpoint of a real run.
enum CheckpointSample {
  private static let made = Result { () throws -> [UInt8] in
    let scenario = try Scenario(
      JSONValue(
        utf8: """
          {"name": "c", "population": {"kind": "synthetic-alpha-beta", "clients": 9, "heldOutClients": 3, "features": 4},
           "training": {"rounds": 3, "cohort": {"expectedSize": 5}, "server": {"optimizer": "adam"}},
           "privacy": {"noiseMultiplier": 1, "delta": 1e-3}, "evaluation": {"every": 1}}
          """.utf8), file: "c")
    let pool = WorkerPool(WorkerCommand(executable: builtProgram("fedsim"), arguments: ["worker"]))
    defer { pool.stop() }
    var kept = Data()
    _ = try Simulation(scenario, options: RunOptions(workers: 1, cacheBytes: 1 << 20, folder: "/")).run(
      on: pool, keeper: CheckpointKeeper(every: 1) { kept = try $0.encoded(version: "1") })
    return [UInt8](kept)
  }

  static func bytes() throws -> [UInt8] { try made.get() }

  /// The bytes with the checksum of what follows it: what someone would do who means harm.
  static func withFittingChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let magic = Array("fedsim checkpoint 2\n".utf8)
    guard bytes.count > magic.count + 65 else { return bytes }
    let payload = bytes.dropFirst(magic.count + 65)
    var hash = SHA256()
    hash.update(payload)
    return magic + Array((hash.hexadecimal + "\n").utf8) + payload
  }
}
