/// One case: a figure over several repetitions after a warm-up.
struct Measurement: Codable {
  let name: String
  let unit: String
  /// The middle one of the repetitions.
  let median: Double
  let least: Double
  let most: Double
  let repetitions: Int
  /// What the figure is to be read against: a limit of the machine, or a reference's figure.
  var reference: Double?
  var referenceName: String?
  /// The plot that this is a point of, and where.
  var plot: PlotPoint?

  /// Of figures that were measured already.
  /// - Precondition: there is one.
  init(_ name: String, unit: String, figures: [Double]) {
    precondition(!figures.isEmpty)
    let sorted = figures.sorted()
    self.name = name
    self.unit = unit
    median = sorted[sorted.count / 2]
    least = sorted[0]
    most = sorted[sorted.count - 1]
    repetitions = sorted.count
  }

  /// Runs a piece of work once to warm up and then `repetitions` times, and makes a figure of each time.
  /// - Parameter figure: what to make of seconds.
  init(
    _ name: String, unit: String, repetitions: Int, figure: (Double) -> Double, _ work: () throws -> Void
  ) rethrows {
    try work()
    self.init(name, unit: unit, figures: try (0..<repetitions).map { _ in figure(try seconds(of: work)) })
  }

  /// The same as a point of a plot.
  func at(_ x: Double, in plot: Plot) -> Measurement {
    var result = self
    result.plot = PlotPoint(plot: plot, x: x)
    return result
  }

  /// The same with something to read it against.
  func against(_ reference: Double, _ name: String) -> Measurement {
    var result = self
    result.reference = reference
    result.referenceName = name
    return result
  }
}

/// Where a figure stands in a plot.
struct PlotPoint: Codable {
  let plot: Plot
  let x: Double
}

/// Something to measure, and what a user calls it.
struct Case {
  let name: String
  let measure: () throws -> Measurement
}

/// Seconds that a piece of work takes.
func seconds(of work: () throws -> Void) rethrows -> Double {
  let time = try ContinuousClock().measure(work).components
  return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}
