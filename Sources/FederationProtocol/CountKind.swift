/// What counters over held-out clients are of. It travels with them, so that none can be taken for others. Values are part
/// of the wire format.
package enum CountKind: UInt8, CaseIterable, Sendable {
  /// Scores, for metrics.
  case scores = 0
  /// Scores in parts of a few cells.
  case cells = 1
  /// Clients by their number of examples.
  case sizes = 2
  /// Updates that clients would send.
  case updates = 3
  /// An attacker's chances.
  case linkage = 4
  /// Examples by the coordinate that outweighs all others.
  case features = 5
}
