import DifferentialPrivacy
import Foundation
import NumericalCore
import Recommender
import Scenarios

extension Checkpoint {
  /// Reads what a `CheckpointWriter` wrote.
  /// - Parameters:
  ///   - state: the file of the state.
  ///   - journal: the file of the journal; what is beyond the part that the state speaks of is passed over.
  ///   - version: of fedsim.
  /// - Returns: the checkpoint, and what writes the next ones.
  /// - Throws: `CheckpointError.damaged`, `.otherForm` or `.otherVersion`.
  package static func read(
    state: Data, journal: Data, version: String
  ) throws(CheckpointError) -> (checkpoint: Checkpoint, writer: CheckpointWriter) {
    let read = try payload(of: state)
    guard read.version == version else { throw .otherVersion(read.version) }
    guard read.journalBytes >= 0, journal.count >= read.journalBytes else { throw .damaged }
    let lines = Data(journal.prefix(read.journalBytes))
    var hash = SHA256()
    hash.update(lines)
    guard hash.hexadecimal == read.journalDigest, let growth = growth(lines),
      let scenario = try? JSONValue(utf8: read.scenario), let weights = numbers(read.weights),
      let first = numbers(read.firstMoment), let second = numbers(read.secondMoment)
    else { throw .damaged }
    let records = growth.flatMap(\.records)
    let ledger = growth.flatMap(\.ledger)
    let counts = read.counts
    guard records.indices.allSatisfy({ records[$0].round == $0 + 1 }), counts.clippingNorm > 0,
      counts.clippingNorm.isFinite, counts.trainingSeconds.isFinite, abs(counts.trainingSeconds) < 1e12,
      ([counts.clientUpdates, counts.unsent] + counts.contacted).allSatisfy({ (0..<1 << 50).contains($0) })
    else { throw .damaged }
    let checkpoint = Checkpoint(
      scenario: scenario, dataDigest: read.dataDigest,
      model: ServerModel.State(weights: weights, firstMoment: first, secondMoment: second), counts: counts,
      wallSeconds: read.wallSeconds, records: records[...], ledger: ledger[...])
    let writer = CheckpointWriter(
      version: version, shards: read.shards, hash: hash, length: lines.count, rounds: records.count,
      entries: ledger.count)
    return (checkpoint, writer)
  }

  private static func payload(of data: Data) throws(CheckpointError) -> CheckpointWriter.State {
    let magic = Data(CheckpointWriter.magic.utf8)
    let start = magic.count + 65
    guard data.count > start, data.prefix(magic.count) == magic else {
      // The forms before this one began with the same words.
      throw data.starts(with: magic.prefix(18)) && data.prefix(magic.count) != magic && data.count > start
        ? .otherForm : .damaged
    }
    let payload = Data(data.dropFirst(start))
    guard data.dropFirst(magic.count).prefix(65) == Data((CheckpointWriter.digest(payload) + "\n").utf8),
      let read = try? PropertyListDecoder().decode(CheckpointWriter.State.self, from: payload)
    else { throw .damaged }
    return read
  }

  /// The lines of a journal, read as one list because that is faster.
  private static func growth(_ journal: Data) -> [CheckpointWriter.Growth]? {
    guard journal.last == UInt8(ascii: "\n") else { return nil }
    var list = Data("[".utf8)
    list.reserveCapacity(journal.count + 1)
    list.append(journal.dropLast())
    list.withUnsafeMutableBytes { bytes in
      for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { bytes[index] = UInt8(ascii: ",") }
    }
    list.append(UInt8(ascii: "]"))
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "undefined")
    return try? decoder.decode([CheckpointWriter.Growth].self, from: list)
  }

  private static func numbers(_ data: Data) -> [Double]? {
    guard data.count % 8 == 0 else { return nil }
    return data.withUnsafeBytes { bytes in
      (0..<data.count / 8).map {
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
      }
    }
  }
}
