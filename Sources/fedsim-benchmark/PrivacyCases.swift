import DifferentialPrivacy
import Foundation
import KernelSelection
import NumericalCore

/// The samplers of noise, and, with the folder of reference tables, the accountants.
struct PrivacyCases {
  let repetitions: Int

  var samplers: [Case] {
    var cases = [rounded()]
    if let mechanism = try? DiscreteGaussianMechanism(sensitivity: 1 << 24, standardDeviation: 1.5 * 0x1p24) {
      cases.append(exact("exact discrete Gaussian samples") { mechanism.sample(from: &$0) })
    }
    if let mechanism = try? DiscreteLaplaceMechanism(sensitivity: 1 << 24, epsilon: 0.5) {
      cases.append(exact("exact discrete Laplace samples") { mechanism.release(0, from: &$0) })
    }
    return cases
  }

  private func rounded() -> Case {
    let name = "rounded Gaussian samples"
    return Case(name: name) {
      let count = 1 << 18
      var sums = [Double](repeating: 0, count: count)
      var normal = sums
      let kernels = VectorWidth.kernels
      let noise = GaussianLatticeNoise(standardDeviation: 1.5 * 0x1p24)
      return Measurement(
        name, unit: "million/s", repetitions: repetitions, figure: { Double(count) / $0 / 1e6 }
      ) {
        normal.withUnsafeMutableBufferPointer {
          kernels.fillNormal(RandomStream(seed: 1, purpose: .noise), into: $0)
        }
        noise.add(normal, to: &sums, at: 0..<count)
      }
    }
  }

  private func exact(_ name: String, _ sample: @escaping (inout RandomStream) -> Int) -> Case {
    Case(name: name) {
      let draws = 200_000
      var stream = RandomStream(seed: 1, purpose: .noise)
      var total = 0
      return Measurement(name, unit: "million/s", repetitions: repetitions, figure: { Double(draws) / $0 / 1e6 }) {
        for _ in 0..<draws { total &+= sample(&stream) }
      }
    }
  }

  /// - Parameter folder: that of `accounting_reference.csv` and `calibration_reference.csv`.
  func accounting(_ folder: String) throws -> [Case] {
    let accounting = try table("\(folder)/accounting_reference.csv").map { row in
      let (rate, multiplier, rounds, delta) = (row[0], row[1], Int(row[2]), row[3])
      let events = [
        RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier), count: rounds)
      ]
      return timed("PLD ε: q \(rate), σ \(multiplier), T \(rounds), δ \(delta)", reference: row[6]) {
        _ = try PrivacyLossAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: delta)
      }
    }
    let calibration = try table("\(folder)/calibration_reference.csv").map { row in
      let (rate, rounds, epsilon, delta) = (row[0], Int(row[1]), row[2], row[3])
      return timed("calibration: q \(rate), T \(rounds), ε \(epsilon), δ \(delta)", reference: row[6]) {
        _ = try Calibration.noiseMultiplier(
          epsilon: epsilon, delta: delta, adjacency: .addOrRemove, accountant: PrivacyLossAccountant()
        ) { [RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: $0), count: rounds)] }
      }
    }
    return accounting + calibration
  }

  /// - Parameter reference: seconds that dp-accounting takes.
  private func timed(_ name: String, reference: Double, _ work: @escaping () throws -> Void) -> Case {
    Case(name: name) {
      try Measurement(name, unit: "ms", repetitions: repetitions, figure: { $0 * 1e3 }, work)
        .against(reference * 1e3, "dp-accounting")
    }
  }

  private func table(_ path: String) throws -> [[Double]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).dropFirst().map { line in
      line.split(separator: ",").map { Double($0) ?? .nan }
    }
  }
}
