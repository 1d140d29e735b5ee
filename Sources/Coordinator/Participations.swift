import Scenarios

/// How often clients take part in a run. It is known before the run starts, because a cohort depends on the seed and
/// the round alone and on no data.
struct Participations {
  private var counts: [UInt32: Int] = [:]
  /// The rounds of the client that takes part most often.
  private(set) var most = 0

  /// Counts a round's cohort.
  mutating func add(_ cohort: [UInt32]) {
    for client in cohort {
      let count = counts[client, default: 0] + 1
      counts[client] = count
      most = max(most, count)
    }
  }

  /// The participations of the busiest client in the first `rounds` rounds.
  static func most(_ sampler: CohortSampler, rounds: Int) -> Int {
    if sampler.isFull { return rounds }
    var participations = Participations()
    for round in stride(from: 1, through: rounds, by: 1) { participations.add(sampler.cohort(round: round)) }
    return participations.most
  }

  /// The most rounds, up to `rounds`, in which nobody takes part more than `limit` times.
  static func rounds(_ sampler: CohortSampler, within limit: Int, of rounds: Int) -> Int {
    if sampler.isFull { return min(limit, rounds) }
    var participations = Participations()
    for round in stride(from: 1, through: rounds, by: 1) {
      participations.add(sampler.cohort(round: round))
      if participations.most > limit { return round - 1 }
    }
    return rounds
  }
}
