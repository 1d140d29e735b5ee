import Foundation

/// A logarithmic axis for positive values. Infinity, where it occurs, stands by itself at the end.
package struct LogarithmicAxis: Axis {
  package let ticks: [Double]
  /// Where the finite part ends and infinity begins; nil without infinity.
  package let breakPosition: Double?
  private let low: Double
  private let high: Double
  private let finiteEnd: Double

  /// Share of the axis on each side of the outermost values.
  private static let margin = 0.04
  /// Share of the axis that the finite values get when there is infinity beyond them.
  private static let finiteShare = 0.86
  /// Ticks nearer to each other than this would run into each other.
  private static let leastGap = 0.07

  /// - Parameter values: what will be drawn; finite ones are positive.
  package init(_ values: [Double]) {
    let finite = Set(values.filter { $0.isFinite && $0 > 0 }).sorted()
    let hasInfinity = values.contains(.infinity)
    let first = finite.first ?? 1
    let last = finite.last ?? 1
    low = log(first)
    high = last > first ? log(last) : log(first) + 1
    finiteEnd = hasInfinity ? Self.finiteShare : 1
    breakPosition = hasInfinity ? Self.finiteShare + 0.04 : nil
    let (low, high, finiteEnd) = (low, high, finiteEnd)
    func place(_ value: Double) -> Double { Self.place(value, low: low, high: high, end: finiteEnd) }
    // The values themselves are the best ticks as long as they have room; otherwise 1, 2, 5 or powers of ten.
    let decades = Int(log10(first).rounded(.down))...Int(log10(last).rounded(.up))
    let powers = decades.map { pow(10, Double($0)) }
    let steps = powers.flatMap { [$0, 2 * $0, 5 * $0] }
    let inside = first * 0.999...last * 1.001
    let candidates = [finite, steps.filter(inside.contains), powers.filter(inside.contains)]
    let fitting = candidates.first { values in
      values.count > 1 && zip(values, values.dropFirst()).allSatisfy { place($1) - place($0) >= Self.leastGap }
    }
    ticks = (fitting ?? Array(Set([first, last])).sorted()) + (hasInfinity ? [.infinity] : [])
  }

  private static func place(_ value: Double, low: Double, high: Double, end: Double) -> Double {
    margin + (end - 2 * margin) * (log(value) - low) / (high - low)
  }

  package func position(_ value: Double) -> Double {
    value == .infinity ? 1 - Self.margin : Self.place(value, low: low, high: high, end: finiteEnd)
  }

  package func label(_ value: Double, extraDigits: Int) -> String { Number.significant(value, 3 + extraDigits) }

  package func label(_ tick: Double) -> String { Number.significant(tick, 6) }
}
