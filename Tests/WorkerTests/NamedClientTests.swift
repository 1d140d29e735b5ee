import FederationProtocol
import Foundation
import NumericalCore
import Scenarios
import Testing
import Worker

/// What is drawn about a client follows its name: whoever else is in the file, and wherever its lines are.
@Suite("A worker whose clients have names")
struct NamedClientTests {
  private static let scenario = """
    {"name": "t", "seed": 6,
     "population": {"kind": "files", "train": "train", "heldOut": "held", "clients": 400, "dimension": 8},
     "training": {"rounds": 1, "cohort": {"expectedSize": 10}, "client": {"epochs": 2, "batchSize": 2}},
     "privacy": {"delta": 1e-4, "tiers": {"strict": {"share": 0.4, "epsilon": 1}, "lax": {"share": 0.3, "epsilon": 8},
       "gone": {"share": 0.3}}},
     "faults": {"dropout": {"afterTraining": 0.2}, "clients": {"flippedLabels": 0.3, "byzantine": 0.2}}}
    """

  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

  /// The lines of a client: its examples depend on its name alone.
  private func lines(of name: String) -> String {
    var stream = RandomStream(
      seed: 1, purpose: .examples, client: name.utf8.reduce(0) { $0 * 31 + Int($1) } % 100_000)
    return (0..<6).map { _ in
      "\(stream.nextInteger(below: 2)) qid:\(name) \(1 + stream.nextInteger(below: 8)):\(stream.nextInteger(below: 9))\n"
    }.joined()
  }

  private func worker(_ names: [String], number: Int = 0, of workers: Int = 1) throws -> CohortWorker {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(names.map(lines).joined().utf8).write(to: folder.appendingPathComponent("train"))
    try Data("1 qid:held 1:1\n".utf8).write(to: folder.appendingPathComponent("held"))
    return try CohortWorker(
      WorkerConfiguration(
        worker: number, workers: workers, cacheBytes: 1 << 26, scenario: Array(Self.scenario.utf8),
        folder: folder.path,
        secureNoise: false))
  }

  /// What each client contributes to round 3; nil for those that opted out.
  /// - Parameter names: in the order of their indices.
  private func contributions(_ names: [String], written: [String]) throws -> [String: [Int64]?] {
    defer { try? FileManager.default.removeItem(at: folder) }
    let worker = try worker(written)
    return Dictionary(
      uniqueKeysWithValues: try names.enumerated().map { index, name in
        do {
          let weights = (0..<8).map { Float($0) / 8 - 0.5 }
          guard
            case .sum(_, let sums) = try worker.train(
              round: 3, clippingNorm: 1, clients: [UInt32(index)], weights: weights)
          else { throw ProtocolError.closed }
          return (name, sums)
        } catch let failure as WorkerFailure where failure.reason == .unknownClient { return (name, nil) }
      })
  }

  @Test("sends for each of them the same, and refuses the same, when others come, go or move")
  func others() throws {
    let names = (100..<220).map { "u\($0)" }
    let before = try contributions(names, written: names)
    let optedOut = names.filter { before[$0] == .some(nil) }
    // 120 clients, 0.3 of whom opt out: within five deviations. Fixed seed.
    #expect((11...61).contains(optedOut.count))
    // Those who are lost after training are in no sum.
    #expect(before.values.contains { $0?.allSatisfy { $0 == 0 } ?? false })
    let more = ["aaa"] + names.filter { $0 != "u150" } + ["zzz"]
    for written in [more, more.reversed()] {
      let after = try contributions(more, written: written)
      for name in names where name != "u150" { #expect(after[name] == before[name], "\(name)") }
    }
  }

  @Test("says what draws are keyed by, each worker for its own clients, without their names")
  func keys() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = (100..<107).map { "u\($0)" }
    let all = try worker(names).trainingKeys
    #expect(all.count == 7 && Set(all).count == 7)
    for number in 0..<3 {
      let own = try worker(names, number: number, of: 3).trainingKeys
      #expect(own == stride(from: number, to: 7, by: 3).map { all[$0] })
      let bytes = WorkerMessage.identified(keys: own).frame.body
      #expect(!String(decoding: bytes, as: UTF8.self).contains("u10"))
    }
  }

  @Test("keeps nothing beyond its memory, and comes to the same")
  func memory() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = (100..<150).map { "u\($0)" }
    _ = try worker(names)
    func sums(cacheBytes: Int) throws -> [WorkerMessage] {
      let scenario = Self.scenario.replacingOccurrences(
        of: "\"gone\": {\"share\": 0.3}", with: "\"rest\": {\"share\": 0.3, \"epsilon\": 2}")
      let worker = try CohortWorker(
        WorkerConfiguration(
          worker: 0, workers: 1, cacheBytes: cacheBytes, scenario: Array(scenario.utf8), folder: folder.path,
          secureNoise: false))
      return try (1..<4).map {
        try worker.train(
          round: $0, clippingNorm: 1, clients: Array(0..<50), weights: [Float](repeating: 0.1, count: 8))
      }
    }
    #expect(try sums(cacheBytes: 0) == sums(cacheBytes: 1 << 26))
    #expect(try sums(cacheBytes: 3000) == sums(cacheBytes: 1 << 26))
  }
}
