import Scenarios

/// How many bits a client's message about its update has: the shorter of a list of coordinates with their values, and the
/// values of all coordinates in turn.
///
/// Frames, checksums and encryption are not counted. Between the processes of a simulation other things are sent: sums of
/// many clients.
struct MessageSize {
  private let dimension: Int
  /// Coordinates that can be in a message, as the receiver knows beforehand.
  private let possible: Int
  private let bitsOfValue: Int
  /// Whether a value can say that it is zero.
  private let hasZero: Bool
  /// Whether everything is sent, whatever the update is.
  private let isCovered: Bool

  init(_ scenario: Scenario) {
    let compression = scenario.training.compression
    dimension = scenario.dimension
    // A random part is drawn from a seed that both sides have.
    possible =
      compression?.sparsification == .random ? compression?.coordinates(of: dimension) ?? dimension : dimension
    bitsOfValue = compression?.quantization?.bits ?? 32
    hasZero = bitsOfValue > 1
    isCovered = scenario.privacy?.trust.clientsAddNoise ?? false
  }

  /// - Parameter values: coordinates of the update that are not zero.
  func bits(values: Int) -> Int {
    // A client's own noise is on every coordinate.
    if isCovered { return dimension * bitsOfValue }
    let bitsOfPosition = Int.bitWidth - (possible - 1).leadingZeroBitCount
    let list = values * (bitsOfValue + bitsOfPosition)
    return hasZero || values == possible ? min(list, possible * bitsOfValue) : list
  }
}
