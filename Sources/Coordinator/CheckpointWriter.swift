import DifferentialPrivacy
import Foundation
import NumericalCore

/// Turns the checkpoints of a run into two files: the state, which is written anew each time, and a journal of what
/// only grows (records and ledger), to which each checkpoint appends what is new. So a checkpoint costs what
/// happened since the one before, however long the run is.
///
/// The state says how long the journal is, and its SHA-256 up to there. Whatever is beyond that, after a kill
/// between the two, is not part of the checkpoint.
package struct CheckpointWriter: Sendable {
  static let magic = "fedsim checkpoint 4\n"

  /// Of fedsim.
  private let version: String
  /// The sizes of the shards by name: not what a resumption goes by, but what it can say when they have changed.
  package let shards: [String: Int]
  /// The journal so far.
  private var hash = SHA256()
  private var length = 0
  private var rounds = 0
  private var entries = 0

  /// Writes from the first round on.
  package init(version: String, shards: [String: Int] = [:]) {
    self.version = version
    self.shards = shards
  }

  /// Goes on after a journal that was read.
  /// - Parameter hash: of the journal.
  init(version: String, shards: [String: Int], hash: SHA256, length: Int, rounds: Int, entries: Int) {
    self.init(version: version, shards: shards)
    (self.hash, self.length) = (hash, length)
    (self.rounds, self.entries) = (rounds, entries)
  }

  /// What a line of the journal holds: all that is new with one checkpoint.
  struct Growth: Codable {
    let records: [RunResult.RoundRecord]
    let ledger: [LedgerEntry]
  }

  /// What the state's property list holds. Arrays of numbers are raw bytes, little-endian.
  struct State: Codable {
    let version: String
    let scenario: Data
    let dataDigest: String?
    let shards: [String: Int]
    let weights: Data
    let firstMoment: Data
    let secondMoment: Data
    let counts: RunState.Counts
    let wallSeconds: Double
    let journalBytes: Int
    let journalDigest: String
  }

  /// The next checkpoint of the run.
  /// - Returns: what the file of the state is to hold; and what the journal is to hold from the position `at` on,
  ///   which has to be there first.
  package mutating func next(_ checkpoint: Checkpoint) throws -> (state: Data, journal: Data, at: Int) {
    precondition(checkpoint.records.count >= rounds && checkpoint.ledger.count >= entries)
    let growth = try Self.encoder().encode(
      Growth(
        records: Array(checkpoint.records.dropFirst(rounds)), ledger: Array(checkpoint.ledger.dropFirst(entries))))
    let line = growth + Data("\n".utf8)
    let start = length
    hash.update(line)
    length += line.count
    (rounds, entries) = (checkpoint.records.count, checkpoint.ledger.count)
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    let state = try encoder.encode(
      State(
        version: version, scenario: checkpoint.scenario.encoded(pretty: false),
        dataDigest: checkpoint.dataDigest, shards: shards, weights: Self.bytes(checkpoint.model.weights),
        firstMoment: Self.bytes(checkpoint.model.firstMoment),
        secondMoment: Self.bytes(checkpoint.model.secondMoment), counts: checkpoint.counts,
        wallSeconds: checkpoint.wallSeconds, journalBytes: length, journalDigest: hash.hexadecimal))
    return (Data(Self.magic.utf8) + Data((Self.digest(state) + "\n").utf8) + state, line, start)
  }

  static func digest(_ data: Data) -> String {
    var hash = SHA256()
    hash.update(data)
    return hash.hexadecimal
  }

  private static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "undefined")
    return encoder
  }

  private static func bytes(_ numbers: [Double]) -> Data {
    var data = Data(capacity: numbers.count * 8)
    for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    return data
  }
}
