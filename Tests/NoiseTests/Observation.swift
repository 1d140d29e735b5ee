import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Scenarios

/// A run as someone sees it who listens to the workers and gets the model and the ledger.
struct Observation {
  let scenario: Scenario
  /// The model after the last round.
  let weights: [Double]
  let ledger: [LedgerEntry]
  /// C, one a round.
  let clippingNorms: [Double]
  /// What each worker sent in each round; nil where it was not asked.
  let sums: [[[Int64]?]]
  /// Σ ±1 over the updates within (+1) and beyond (−1) the norm, one a round.
  let signedCounts: [Int64]

  init(scenario: Scenario, result: RunResult, messages: [[WorkerMessage]]) {
    self.scenario = scenario
    weights = result.weights
    ledger = result.ledger
    let rounds = result.rounds.count
    clippingNorms = result.rounds.map { $0.clippingNorm ?? .nan }
    var sums = [[[Int64]?]](repeating: [[Int64]?](repeating: nil, count: messages.count), count: rounds)
    var counts = [Int64](repeating: 0, count: rounds)
    for (worker, said) in messages.enumerated() {
      for case .sum(let round, let values) in said where round <= rounds {
        guard scenario.privacy?.adaptiveClipping != nil else {
          sums[round - 1][worker] = values
          continue
        }
        // The last number of each group is its count.
        let groups = stride(from: 0, to: values.count, by: scenario.dimension + 1).map {
          values[$0...$0 + scenario.dimension]
        }
        sums[round - 1][worker] = groups.flatMap { $0.dropLast() }
        counts[round - 1] += groups.reduce(0) { $0 + ($1.last ?? 0) }
      }
    }
    self.sums = sums
    signedCounts = counts
  }

  /// The length of one lattice step in a round, from 1.
  func spacing(_ round: Int) -> Double { clippingNorms[round - 1] * 0x1p-24 }

  /// The entries of a round.
  func entries(_ round: Int) -> [LedgerEntry] { ledger.filter { $0.round == round } }

  /// What of the workers' sums is kept in a round: their total, or of each coordinate's groups those that the rule keeps.
  /// In lattice steps.
  func kept(_ round: Int) -> [Double] {
    let aggregation = scenario.training.aggregation
    let dimension = scenario.dimension
    var total = [Double](repeating: 0, count: dimension * aggregation.groups)
    for sums in sums[round - 1] {
      for (j, sum) in (sums ?? []).enumerated() { total[j] += Double(sum) }
    }
    if aggregation.groups == 1 { return total }
    return (0..<dimension).map { coordinate in
      let groups = (0..<aggregation.groups).map { total[$0 * dimension + coordinate] }.sorted()
      return groups[left(of: aggregation)].reduce(0, +)
    }
  }

  /// The places of the kept groups, in their order by size.
  private func left(of aggregation: Aggregation) -> Range<Int> {
    let groups = aggregation.groups
    switch aggregation.rule {
    case .mean: return 0..<groups
    case .median: return (groups - 1) / 2..<groups / 2 + 1
    // The scenarios here leave out one on each side.
    case .trimmedMean: return 1..<groups - 1
    }
  }

  /// What the model was moved by in a round, in lattice steps before the division: a sum and its noise.
  /// - Parameter earlier: the model before the round.
  func released(_ round: Int, from earlier: [Double]) -> [Double] {
    let aggregation = scenario.training.aggregation
    let expected =
      scenario.privacy?.exampleSampling?.expectedExamples ?? scenario.training.cohort.expectedSize
    let share = Double(left(of: aggregation).count) / Double(aggregation.groups)
    let factor = Double(expected) * share / spacing(round)
    return zip(weights, earlier).map { ($0 - $1) * factor }
  }

  /// The noise that the coordinator added in the last round, in lattice steps.
  func noise(from earlier: [Double]) -> [Double] {
    let round = clippingNorms.count
    return zip(released(round, from: earlier), kept(round)).map { $0 - $1 }
  }
}
