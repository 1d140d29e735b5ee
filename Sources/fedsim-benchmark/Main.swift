import DifferentialPrivacy
import Foundation
import NumericalCore

/// Measures the privacy core. `fedsim-benchmark [--json] [FOLDER]`: with the folder of reference tables
/// (Tests/DifferentialPrivacyTests/Resources) it times every row and compares with the seconds in them.
@main
enum Main {
  static func main() throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let wantsJSON = arguments.contains("--json")
    arguments.removeAll { $0 == "--json" }
    guard arguments.count <= 1, arguments.first?.hasPrefix("-") != true else {
      FileHandle.standardError.write(Data("usage: fedsim-benchmark [--json] [FOLDER]\n".utf8))
      exit(2)
    }
    var rows = samplers()
    if let folder = arguments.first { rows += try accounting(folder) + calibration(folder) }
    if wantsJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(rows), as: UTF8.self))
    } else {
      for row in rows { print(row.text) }
    }
  }

  /// One line of the result.
  struct Row: Encodable {
    let name: String
    let medianSeconds: Double
    let leastSeconds: Double
    let mostSeconds: Double
    /// What the reference took, where there is one.
    var referenceSeconds: Double?

    init(_ measurement: Measurement, reference: Double? = nil) {
      name = measurement.name
      medianSeconds = measurement.median
      leastSeconds = measurement.least
      mostSeconds = measurement.most
      referenceSeconds = reference
    }

    var text: String {
      let spread = String(
        format: "%.3g ms (%.3g to %.3g)", medianSeconds * 1e3, leastSeconds * 1e3, mostSeconds * 1e3)
      let rate = medianSeconds < 1e-4 ? String(format: ", %.3g million a second", 1e-6 / medianSeconds) : ""
      let ratio = referenceSeconds.map { String(format: ", dp-accounting's %.3g ms", $0 * 1e3) } ?? ""
      return name.padding(toLength: 52, withPad: " ", startingAt: 0) + spread + rate + ratio
    }
  }

  private static func samplers() -> [Row] {
    let count = 1 << 18
    var sums = [Double](repeating: 0, count: count)
    var normal = sums
    let noise = GaussianLatticeNoise(standardDeviation: 1.5 * 0x1p24)
    let rounded = Measurement("rounded Gaussian sample", operations: count) {
      normal.withUnsafeMutableBufferPointer { RandomStream(seed: 1, purpose: .noise).fillNormal($0) }
      noise.add(normal, to: &sums, at: 0..<count)
    }
    var rows = [Row(rounded)]
    var stream = RandomStream(seed: 1, purpose: .noise)
    var total = 0
    if let mechanism = try? DiscreteGaussianMechanism(sensitivity: 1 << 24, standardDeviation: 1.5 * 0x1p24) {
      rows.append(
        Row(
          Measurement("exact discrete Gaussian sample", operations: 20_000) {
            for _ in 0..<20_000 { total &+= mechanism.sample(from: &stream) }
          }))
    }
    if let mechanism = try? DiscreteLaplaceMechanism(sensitivity: 1 << 24, epsilon: 0.5) {
      rows.append(
        Row(
          Measurement("exact discrete Laplace sample", operations: 20_000) {
            for _ in 0..<20_000 { total &+= mechanism.release(0, from: &stream) }
          }))
    }
    return rows
  }

  private static func accounting(_ folder: String) throws -> [Row] {
    try table("\(folder)/accounting_reference.csv").map { row in
      let (rate, multiplier, rounds, delta) = (row[0], row[1], Int(row[2]), row[3])
      let events = [
        RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier), count: rounds)
      ]
      let measured = try Measurement("PLD ε: q \(rate), σ \(multiplier), T \(rounds), δ \(delta)") {
        _ = try PrivacyLossAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: delta)
      }
      return Row(measured, reference: row[6])
    }
  }

  private static func calibration(_ folder: String) throws -> [Row] {
    try table("\(folder)/calibration_reference.csv").map { row in
      let (rate, rounds, epsilon, delta) = (row[0], Int(row[1]), row[2], row[3])
      let measured = try Measurement(
        "calibration: q \(rate), T \(rounds), ε \(epsilon), δ \(delta)", repetitions: 3
      ) {
        _ = try Calibration.noiseMultiplier(
          epsilon: epsilon, delta: delta, adjacency: .addOrRemove, accountant: PrivacyLossAccountant()
        ) { [RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: $0), count: rounds)] }
      }
      return Row(measured, reference: row[6])
    }
  }

  private static func table(_ path: String) throws -> [[Double]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).dropFirst().map { line in
      line.split(separator: ",").map { Double($0) ?? .nan }
    }
  }
}
