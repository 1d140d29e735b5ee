import Foundation

/// A linear axis with round ticks.
package struct LinearAxis: Axis {
  package let ticks: [Double]
  private let low: Double
  private let high: Double
  private let step: Double

  package init(from minimum: Double, to maximum: Double, ticks wanted: Int = 6) {
    let span = maximum > minimum ? maximum - minimum : max(abs(minimum) * 0.1, 1e-3)
    let rough = span / Double(wanted)
    let power = pow(10, (log10(rough)).rounded(.down))
    let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
    self.step = step
    let first = (minimum / step + 1e-9).rounded(.down)
    let last = ((minimum + span) / step - 1e-9).rounded(.up)
    low = first * step
    high = last * step
    ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  package func position(_ value: Double) -> Double { (value - low) / (high - low) }

  package func label(_ tick: Double) -> String { label(tick, extraDigits: 0) }

  /// A value with as many decimals as the ticks need, and some more.
  package func label(_ value: Double, extraDigits: Int) -> String {
    // Steps of 2.5, 0.25, … need one decimal more than their size tells.
    let isQuarter = abs(step / pow(10, log10(step).rounded(.down)) - 2.5) < 1e-6
    let decimals = max(0, Int((-log10(step) + 1e-9).rounded(.up)) + (isQuarter ? 1 : 0))
    return Number.fixed(value, decimals + extraDigits)
  }
}
