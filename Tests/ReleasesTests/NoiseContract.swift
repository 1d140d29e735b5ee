import DifferentialPrivacy
import Foundation
import NumericalCore
import Releases

/// What every noise process has to keep to, because the ledger's entry is made of what it says of itself.
struct NoiseContract {
  private static let coordinates = 400
  private static let rounds = 50

  let process: any NoiseProcess

  /// What the process does not keep to. A correct one is found at fault with a probability below 10⁻⁵.
  var faults: [String] {
    let draws = (1...Self.rounds).map { draw(round: $0, from: .seeded(7, client: nil)) }
    return amountFaults(draws) + roundFaults(draws) + eventFaults
  }

  private func draw(round: Int, from source: NoiseDraws) -> [Double] {
    var sums = [Double](repeating: 0, count: Self.coordinates + (process.countMultiplier == nil ? 0 : 1))
    sums.withUnsafeMutableBufferPointer { process.add(to: $0, round: round, from: source) }
    return sums
  }

  /// The deviation is that of the entry: within five standard errors, of which a Laplace number's fourth moment of 6σ⁴
  /// makes the largest.
  private func amountFaults(_ draws: [[Double]]) -> [String] {
    let all = draws.flatMap { $0.prefix(Self.coordinates) }
    let variance = all.reduce(0) { $0 + $1 * $1 } / Double(all.count)
    let said = process.standardDeviation(spacing: 1)
    let error = 5 * (5 / Double(all.count)).squareRoot()
    var faults: [String] = []
    if abs(variance / (said * said) - 1) > error { faults.append("deviation") }
    if !all.allSatisfy({ $0 == $0.rounded() && abs($0) <= process.reach }) { faults.append("lattice") }
    if let multiplier = process.countMultiplier {
      // The counts of all rounds, of which one unit moves each by 1: a chi-square of 50 degrees, in 0.3…2.2 but for 10⁻⁶.
      let counts = draws.compactMap(\.last)
      let ratio = counts.reduce(0) { $0 + $1 * $1 } / Double(counts.count) / (multiplier * multiplier)
      if !(0.3...2.2).contains(ratio) { faults.append("count") }
    }
    return faults
  }

  /// Rounds are independent, and each is a pure function of its number and whose noise it is.
  private func roundFaults(_ draws: [[Double]]) -> [String] {
    var faults: [String] = []
    let said = process.standardDeviation(spacing: 1)
    for (one, next) in zip(draws, draws.dropFirst()) {
      let correlation = zip(one, next).prefix(Self.coordinates).reduce(0) { $0 + $1.0 * $1.1 } / (said * said)
      // A sum of 400 products, which deviates by 20: six times that, in one of 49 pairs.
      if abs(correlation) > 120 { return ["rounds"] }
    }
    if draw(round: 3, from: .seeded(7, client: nil)) != draws[2] { faults.append("repetition") }
    if draw(round: 3, from: .seeded(7, client: 5)) == draws[2] { faults.append("whose") }
    if draw(round: 3, from: .secure) == draw(round: 3, from: .secure) { faults.append("secure") }
    return faults
  }

  /// What the event says follows from the deviation and the sensitivity.
  private var eventFaults: [String] {
    let ratio = process.standardDeviation(spacing: 1) / process.sensitivity
    let expected: Double
    switch process.event {
    case .gaussian(let multiplier):
      // With a count, the sum alone has more noise than both together.
      let count = process.countMultiplier.map { 1 / ($0 * $0) } ?? 0
      expected = 1 / (1 / (multiplier * multiplier) - count).squareRoot()
    case .pure(let epsilon): expected = 2.0.squareRoot() / epsilon
    default: return ["event"]
    }
    return abs(ratio / expected - 1) < 1e-9 ? [] : ["multiplier"]
  }
}
