import NumericalCore

extension Array {
  /// Puts the elements into a random order: Fisher and Yates.
  mutating func shuffle(with stream: inout RandomStream) {
    for last in indices.dropFirst().reversed() { swapAt(last, stream.nextInteger(below: last + 1)) }
  }
}
