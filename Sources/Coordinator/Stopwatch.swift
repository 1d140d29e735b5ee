/// How long something takes. No result depends on it.
package struct Stopwatch: Sendable {
  private let start = ContinuousClock.now
  private let secondsBefore: Double

  /// - Parameter secondsBefore: what it took until it was gone on with.
  package init(secondsBefore: Double = 0) { self.secondsBefore = secondsBefore }

  /// Since it began.
  package var seconds: Double { secondsBefore + (ContinuousClock.now - start).seconds }
}

extension Duration {
  /// The duration as a number of seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
