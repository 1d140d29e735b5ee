import Foundation

/// One line of `ledger.jsonl`: a noisy release, recorded where the noise is added.
///
/// The accountant reads these and nothing else, so ε is that of what the code did (design law 3).
public struct LedgerEntry: Equatable, Sendable {
  /// The round, from 1.
  public let round: Int
  /// What was released, with the noise multiplier of the noise that was really added.
  public let event: PrivacyEvent
  /// Which populations `sensitivity` is measured between.
  public let adjacency: Adjacency
  /// Whose presence is protected, for example "client".
  public let unit: String
  /// L2 sensitivity of the released sum under `adjacency`.
  public let sensitivity: Double
  /// Standard deviation of the noise on each coordinate, in the unit of `sensitivity`.
  public let noiseStandardDeviation: Double

  /// Records a release.
  public init(
    round: Int, event: PrivacyEvent, adjacency: Adjacency, unit: String, sensitivity: Double,
    noiseStandardDeviation: Double
  ) {
    self.round = round
    self.event = event
    self.adjacency = adjacency
    self.unit = unit
    self.sensitivity = sensitivity
    self.noiseStandardDeviation = noiseStandardDeviation
  }

  /// The entry as one line of JSON with sorted keys, without the line's end.
  public func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Line(self)), as: UTF8.self)
  }

  /// Reads a line back.
  /// - Throws: `LedgerError` naming the line when it is not an entry.
  public init(line text: some StringProtocol, number: Int) throws {
    let decoded: Line
    do {
      decoded = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
    } catch {
      throw LedgerError(line: number, message: "is not a ledger entry")
    }
    guard let entry = decoded.entry else {
      throw LedgerError(
        line: number, message: "mechanism \"\(decoded.mechanism)\" is unknown or lacks a field it needs")
    }
    self = entry
  }

  /// The flat form on disk.
  private struct Line: Codable {
    var round: Int
    var mechanism: String
    var adjacency: Adjacency
    var unit: String
    var sensitivity: Double
    var noiseStandardDeviation: Double
    var noiseMultiplier: Double
    var samplingRate: Double?
    var sample: Int?
    var population: Int?

    init(_ entry: LedgerEntry) {
      round = entry.round
      mechanism = entry.event.name
      adjacency = entry.adjacency
      unit = entry.unit
      sensitivity = entry.sensitivity
      noiseStandardDeviation = entry.noiseStandardDeviation
      switch entry.event {
      case .gaussian(let multiplier): noiseMultiplier = multiplier
      case .poissonSampledGaussian(let rate, let multiplier):
        noiseMultiplier = multiplier
        samplingRate = rate
      case .fixedSizeSampledGaussian(let size, let total, let multiplier):
        noiseMultiplier = multiplier
        sample = size
        population = total
      }
    }

    var entry: LedgerEntry? {
      guard round >= 0, sensitivity > 0, noiseMultiplier > 0, noiseStandardDeviation > 0 else { return nil }
      let event: PrivacyEvent
      switch (mechanism, samplingRate, sample, population) {
      case ("gaussian", nil, nil, nil):
        event = .gaussian(noiseMultiplier: noiseMultiplier)
      case ("poisson-sampled-gaussian", let rate?, nil, nil) where rate > 0 && rate <= 1:
        event = .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: noiseMultiplier)
      case ("fixed-size-sampled-gaussian", nil, let size?, let total?) where size > 0 && size <= total:
        event = .fixedSizeSampledGaussian(sample: size, population: total, noiseMultiplier: noiseMultiplier)
      default: return nil
      }
      return LedgerEntry(
        round: round, event: event, adjacency: adjacency, unit: unit, sensitivity: sensitivity,
        noiseStandardDeviation: noiseStandardDeviation)
    }
  }
}

/// Why a ledger cannot be read.
public struct LedgerError: Error, Equatable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// What is wrong with it.
  public let message: String

  /// The line and the message.
  public var description: String { "line \(line): \(message)" }
}
