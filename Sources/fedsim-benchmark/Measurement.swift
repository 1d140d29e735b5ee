/// Seconds of a piece of work, over several repetitions after a warm-up.
struct Measurement {
  let name: String
  /// What one repetition does this many of.
  let operations: Int
  private let seconds: [Double]

  /// Runs the work once to warm up and then `repetitions` times.
  init(_ name: String, operations: Int = 1, repetitions: Int = 5, _ work: () throws -> Void) rethrows {
    self.name = name
    self.operations = operations
    try work()
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for _ in 0..<repetitions {
      let time = try clock.measure(work)
      seconds.append(Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
    }
    self.seconds = seconds.sorted()
  }

  /// Seconds of one operation.
  var median: Double { seconds[seconds.count / 2] / Double(operations) }
  var least: Double { (seconds.first ?? 0) / Double(operations) }
  var most: Double { (seconds.last ?? 0) / Double(operations) }
}
