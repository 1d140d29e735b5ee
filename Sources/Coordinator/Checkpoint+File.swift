import DifferentialPrivacy
import Foundation
import NumericalCore
import Recommender
import Scenarios

/// A checkpoint as a file: a line of text, the SHA-256 of the rest, and a binary property list.
extension Checkpoint {
  private static let magic = "fedsim checkpoint 2\n"

  /// What the property list holds. Arrays of numbers are raw bytes, little-endian.
  private struct Payload: Codable {
    let version: String
    let scenario: Data
    let secureNoise: Bool
    let weights: Data
    let firstMoment: Data
    let secondMoment: Data
    let ledger: String
    let progress: Progress
  }

  /// The file's contents.
  /// - Parameter version: of fedsim.
  package func encoded(version: String) throws -> Data {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    let payload = try encoder.encode(
      Payload(
        version: version, scenario: scenario.encoded(pretty: false), secureNoise: secureNoise,
        weights: Self.bytes(model.weights), firstMoment: Self.bytes(model.firstMoment),
        secondMoment: Self.bytes(model.secondMoment),
        ledger: ledger.map { try $0.line() + "\n" }.joined(), progress: progress))
    return Data(Self.magic.utf8) + Data((Self.digest(payload) + "\n").utf8) + payload
  }

  /// Reads what `encoded` wrote.
  /// - Throws: `CheckpointError.damaged` or `.otherVersion`.
  package init(_ data: Data, version: String) throws(CheckpointError) {
    let magic = Data(Self.magic.utf8)
    let payloadStart = magic.count + 65
    guard data.count > payloadStart, data.prefix(magic.count) == magic else { throw .damaged }
    let payload = Data(data.dropFirst(payloadStart))
    guard data.dropFirst(magic.count).prefix(65) == Data((Self.digest(payload) + "\n").utf8) else { throw .damaged }
    guard let read = try? PropertyListDecoder().decode(Payload.self, from: payload) else { throw .damaged }
    guard read.version == version else { throw .otherVersion(read.version) }
    guard let scenario = try? JSONValue(utf8: read.scenario), let weights = Self.numbers(read.weights),
      let first = Self.numbers(read.firstMoment), let second = Self.numbers(read.secondMoment),
      let ledger = try? Self.entries(read.ledger)
    else { throw .damaged }
    let rounds = read.progress.records.map(\.round)
    let counts = read.progress.counts
    guard rounds == Array(1..<rounds.count + 1), counts.clippingNorm > 0, counts.clippingNorm.isFinite,
      counts.trainingSeconds.isFinite, abs(counts.trainingSeconds) < 1e12,
      ([counts.clientUpdates] + counts.contacted).allSatisfy({ (0..<1 << 50).contains($0) })
    else { throw .damaged }
    self.init(
      scenario: scenario, secureNoise: read.secureNoise,
      model: ServerModel.State(weights: weights, firstMoment: first, secondMoment: second), ledger: ledger,
      progress: read.progress)
  }

  private static func digest(_ data: Data) -> String {
    var hash = SHA256()
    hash.update(data)
    return hash.hexadecimal
  }

  private static func bytes(_ numbers: [Double]) -> Data {
    var data = Data(capacity: numbers.count * 8)
    for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    return data
  }

  private static func numbers(_ data: Data) -> [Double]? {
    guard data.count % 8 == 0 else { return nil }
    return data.withUnsafeBytes { bytes in
      (0..<data.count / 8).map {
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
      }
    }
  }

  private static func entries(_ text: String) throws -> [LedgerEntry] {
    try text.split(separator: "\n").enumerated().map { try LedgerEntry(line: $0.element, number: $0.offset + 1) }
  }
}
