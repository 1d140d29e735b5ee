import DifferentialPrivacy
import Foundation
import KernelSelection
import NumericalCore

/// The samplers of noise, and, with the folder of reference tables, the accountants.
struct PrivacyCases {
  let repetitions: Int

  func samplers() -> [Measurement] {
    let count = 1 << 18
    var sums = [Double](repeating: 0, count: count)
    var normal = sums
    let kernels = VectorWidth.kernels
    var results = [
      Measurement(
        "rounded Gaussian samples", unit: "million/s", repetitions: repetitions,
        figure: { Double(count) / $0 / 1e6 }
      ) {
        normal.withUnsafeMutableBufferPointer {
          kernels.fillNormal(RandomStream(seed: 1, purpose: .noise), into: $0)
        }
        kernels.addRounded(normal, times: 1.5 * 0x1p24, count: count, to: &sums)
      }
    ]
    var stream = RandomStream(seed: 1, purpose: .noise)
    var total = 0
    let draws = 200_000
    if let mechanism = try? DiscreteGaussianMechanism(sensitivity: 1 << 24, standardDeviation: 1.5 * 0x1p24) {
      results.append(
        Measurement(
          "exact discrete Gaussian samples", unit: "million/s", repetitions: repetitions,
          figure: { Double(draws) / $0 / 1e6 }
        ) { for _ in 0..<draws { total &+= mechanism.sample(from: &stream) } })
    }
    if let mechanism = try? DiscreteLaplaceMechanism(sensitivity: 1 << 24, epsilon: 0.5) {
      results.append(
        Measurement(
          "exact discrete Laplace samples", unit: "million/s", repetitions: repetitions,
          figure: { Double(draws) / $0 / 1e6 }
        ) { for _ in 0..<draws { total &+= mechanism.release(0, from: &stream) } })
    }
    return results
  }

  /// - Parameter folder: that of `accounting_reference.csv` and `calibration_reference.csv`.
  func accounting(_ folder: String) throws -> [Measurement] {
    let accounting = try table("\(folder)/accounting_reference.csv").map { row in
      let (rate, multiplier, rounds, delta) = (row[0], row[1], Int(row[2]), row[3])
      let events = [
        RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier), count: rounds)
      ]
      return try Measurement(
        "PLD ε: q \(rate), σ \(multiplier), T \(rounds), δ \(delta)", unit: "ms", repetitions: repetitions,
        figure: { $0 * 1e3 }
      ) {
        _ = try PrivacyLossAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: delta)
      }.against(row[6] * 1e3, "dp-accounting")
    }
    let calibration = try table("\(folder)/calibration_reference.csv").map { row in
      let (rate, rounds, epsilon, delta) = (row[0], Int(row[1]), row[2], row[3])
      return try Measurement(
        "calibration: q \(rate), T \(rounds), ε \(epsilon), δ \(delta)", unit: "ms", repetitions: repetitions,
        figure: { $0 * 1e3 }
      ) {
        _ = try Calibration.noiseMultiplier(
          epsilon: epsilon, delta: delta, adjacency: .addOrRemove, accountant: PrivacyLossAccountant()
        ) { [RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: $0), count: rounds)] }
      }.against(row[6] * 1e3, "dp-accounting")
    }
    return accounting + calibration
  }

  private func table(_ path: String) throws -> [[Double]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).dropFirst().map { line in
      line.split(separator: ",").map { Double($0) ?? .nan }
    }
  }
}
