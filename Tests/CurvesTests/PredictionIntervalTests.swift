import Curves
import NumericalCore
import Testing

@Suite("Prediction intervals")
struct PredictionIntervalTests {
  @Test("hold one more value but for the stated share of cases", .tags(.statistical), arguments: [0.2, 0.01])
  func falseAlarms(rate: Double) {
    let trials = 4000
    var alarms = 0
    for trial in 0..<trials {
      var stream = RandomStream(seed: 8, purpose: .examples, client: trial)
      let values = (0..<6).map { _ in 5 + 2 * stream.nextNormal() }
      alarms +=
        PredictionInterval(values).bounds(falseAlarmRate: rate).contains(5 + 2 * stream.nextNormal()) ? 0 : 1
    }
    // The seed is fixed. Over other seeds this fails once in 10⁶.
    let deviation = (rate * (1 - rate) / Double(trials)).squareRoot()
    #expect(abs(Double(alarms) / Double(trials) - rate) < 4.9 * deviation)
  }

  @Test("and chances agree: at a bound the chance is the rate")
  func chances() {
    let interval = PredictionInterval([1, 2, 4, 3, 2.5])
    for rate in [0.5, 0.05, 1e-3, 1e-6] {
      let bounds = interval.bounds(falseAlarmRate: rate)
      #expect(abs(interval.chance(of: bounds.upperBound) / rate - 1) < 1e-3)
      #expect(abs(interval.chance(of: bounds.lowerBound) / rate - 1) < 1e-3)
    }
    #expect(interval.chance(of: interval.mean) == 1)
    let flat = PredictionInterval([1, 1, 1])
    #expect(flat.chance(of: 1) == 1 && flat.chance(of: 1.1) == 0 && flat.bounds(falseAlarmRate: 0.1) == 1...1)
  }
}
