import DifferentialPrivacy
import Scenarios

/// Two populations that differ in one unit.
struct Neighbours {
  let one: WorstClients
  let other: WorstClients

  /// The pair whose sums differ most.
  init(_ privacy: Privacy) {
    switch (privacy.unit, privacy.adjacency) {
    case (.client, .addOrRemove): (one, other) = (.plus, .none)
    case (.client, .replaceOne): (one, other) = (.plus, .minus)
    case (.example, .addOrRemove): (one, other) = (.minusAndPlus, .minus)
    case (.example, .replaceOne): (one, other) = (.minusAndPlus, .minusTwice)
    }
  }

  /// The pair whose counts of updates within the norm differ most.
  init(ofCounts privacy: Privacy) {
    switch (privacy.unit, privacy.adjacency) {
    case (.client, .addOrRemove): (one, other) = (.plus, .none)
    case (.client, .replaceOne): (one, other) = (.plus, .small)
    case (.example, .addOrRemove): (one, other) = (.minusAndPlus, .minus)
    case (.example, .replaceOne): (one, other) = (.minusAndPlus, .minusAndSmall)
    }
  }
}

/// A first round on two neighbouring populations, with the same seed.
struct Difference {
  let one: Observation
  let other: Observation

  init(_ scenario: Scenario, _ neighbours: Neighbours, workers: Int = 1) throws {
    one = try Laboratory.own().run(scenario, on: neighbours.one, workers: workers)
    other = try Laboratory.own().run(scenario, on: neighbours.other, workers: workers)
  }

  /// How far the sum that is released moves, in lattice steps.
  var ofSums: [Double] { zip(one.kept(1), other.kept(1)).map { $0 - $1 } }

  /// How far the count moves, in clients.
  var ofCounts: Double { Double(one.signedCounts[0] - other.signedCounts[0]) }

  /// How far the model moves, in lattice steps of the sum.
  var ofModels: [Double] {
    zip(one.released(1, from: Self.start), other.released(1, from: Self.start)).map { $0 - $1 }
  }

  /// What the ledger says that the sum moves by at most, in lattice steps.
  var sensitivity: Double {
    (one.entries(1) + other.entries(1)).map(\.sensitivity).reduce(.infinity, min) / one.spacing(1)
  }

  private static let start = [Double](repeating: 0, count: Combination.dimension)
}

/// Seeds with which chance lets the differing unit move the sum by all that it can: it is sampled, and the median of
/// groups is where it moves.
enum WorstSeeds {
  private static let most = 200

  /// Found once for all combinations in which chance does the same.
  static let seeds = Result {
    var seeds: [String: Int] = [:]
    for combination in Combination.central
    where combination.privacy.tiers == nil && combination.scenario.training.compression == nil
      && seeds[key(combination)] == nil
    {
      seeds[key(combination)] = try search(combination)
    }
    return seeds
  }

  static func scenario(_ combination: Combination) throws -> Scenario {
    try combination.with(("seed", .integer(try seeds.get()[key(combination)] ?? 1)))
  }

  /// The tiers here let everyone take part.
  private static func key(_ combination: Combination) -> String {
    let training = combination.scenario.training
    let sampling = combination.privacy.tiers == nil ? training.cohort.sampling : .full
    return [Option.unit, .adjacency].map { combination.choices[$0.name] ?? "" }
      .joined(separator: ", ") + ", \(sampling), \(training.aggregation.rule)"
  }

  /// The first seed whose difference is within a rounding step a coordinate of the largest that the lattice allows; where
  /// there is none, that of the largest.
  private static func search(_ combination: Combination) throws -> Int {
    let units = combination.privacy.adjacency == .replaceOne ? 2.0 : 1
    var best = (seed: 1, reach: 0.0)
    for seed in 1...most {
      let neighbours = Neighbours(combination.privacy)
      let difference = try Difference(combination.with(("seed", .integer(seed))), neighbours)
      let reach = Measures.norm(difference.ofSums)
      if reach > best.reach { best = (seed, reach) }
      if best.reach > units * 0x1p24 * (1 - 1e-4) { break }
    }
    return best.seed
  }
}
