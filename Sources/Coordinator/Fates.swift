import Scenarios

/// What becomes of a cohort's clients in a round.
struct Fates {
  /// Those that are asked to train.
  let contacted: [UInt32]
  /// Those whose update leaves them, in time or late.
  let sent: [UInt32]
  /// Those whose update is in a sum.
  let summed: [UInt32]

  /// - Parameters:
  ///   - faults: nil where nothing goes wrong.
  ///   - keys: what fates are drawn by.
  init(of cohort: [UInt32], faults: Faults?, keys: DrawKeys, round: Int, seed: UInt64) {
    guard let faults else {
      (contacted, sent, summed) = (cohort, cohort, cohort)
      return
    }
    var contacted: [UInt32] = []
    var sent: [UInt32] = []
    var summed: [UInt32] = []
    for client in cohort {
      let fate = faults.fate(client: keys[client], round: round, seed: seed)
      if fate != .lostBeforeTraining { contacted.append(client) }
      if fate == .takesPart || fate == .late { sent.append(client) }
      if fate == .takesPart { summed.append(client) }
    }
    (self.contacted, self.sent, self.summed) = (contacted, sent, summed)
  }
}
