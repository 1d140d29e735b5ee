import DifferentialPrivacy
import Scenarios
import Testing

/// How far one unit moves what is released: two runs with one seed on populations that differ in it.
@Suite("One unit more, less or replaced, in every accepted combination with central trust")
struct CentralShiftTests {
  struct Sample {
    let combination: Combination
    let sums: Difference
    /// The populations whose counts of updates within the norm differ most.
    let counts: Difference

    init(_ combination: Combination) throws {
      self.combination = combination
      let scenario = try WorstSeeds.scenario(combination)
      sums = try Difference(scenario, Neighbours(combination.privacy))
      counts =
        combination.privacy.adjacency == .addOrRemove
        ? sums : try Difference(scenario, Neighbours(ofCounts: combination.privacy))
    }
  }

  static let samples = Result { try Combination.central.map(Sample.init) }

  /// How sure one can be of the length of the worst client's update.
  private enum Reach {
    /// All that the ledger says.
    case sensitivity
    /// Rounding makes it longer than clipping left it.
    case beyondClipping
    /// Whatever the groups leave of it: its coordinates meet others that chance has chosen.
    case something

    init(_ combination: Combination) {
      let training = combination.scenario.training
      let isAlone = training.aggregation.rule == .mean
      if training.compression?.sparsification == .random && !isAlone {
        self = .something
      } else if let bits = training.compression?.quantization?.bits, bits > 1 {
        self = isAlone ? .beyondClipping : .something
      } else {
        self = .sensitivity
      }
    }
  }

  @Test("moves the sum by no more than the ledger's sensitivity")
  func sensitivity() throws {
    try expectNone("sums that move further", of: Self.samples.get(), \.combination) { sample in
      Measures.norm(sample.sums.ofSums) > sample.sums.sensitivity * (1 + 1e-9)
        || Measures.norm(sample.counts.ofSums) > sample.counts.sensitivity * (1 + 1e-9)
    }
  }

  @Test("moves it by all of that, where the unit is as bad as can be")
  func reach() throws {
    try expectNone("sensitivities that nobody reaches", of: Self.samples.get(), \.combination) { sample in
      let (moved, allowed) = (Measures.norm(sample.sums.ofSums), sample.sums.sensitivity)
      let units = sample.combination.privacy.adjacency == .replaceOne ? 2.0 : 1
      return switch Reach(sample.combination) {
      // Each coordinate is rounded towards zero by less than a step.
      case .sensitivity: moved < allowed * (1 - 1e-4)
      case .beyondClipping: moved < units * 0x1p24 * 1.01
      case .something: false
      }
    }
  }

  @Test("moves the model as it moves the sum, and in no other way")
  func models() throws {
    try expectNone("models that move otherwise", of: Self.samples.get(), \.combination) { sample in
      [sample.sums, sample.counts].contains { difference in
        zip(difference.ofModels, difference.ofSums).contains { abs($0 - $1) > 0x1p-8 }
      }
    }
  }

  @Test("moves the count of updates within the norm by all that its noise is measured against, and no more")
  func counts() throws {
    let adaptive = try Self.samples.get().filter { $0.combination.privacy.adaptiveClipping != nil }
    expectNone("counts that move otherwise", of: adaptive, \.combination) { sample in
      abs(sample.counts.ofCounts) != CountNoiseTests.sensitivity(sample.combination.privacy)
    }
  }

  @Test("is measured between the populations that the scenario calls neighbours")
  func adjacency() throws {
    try expectNone("entries about other neighbours", of: Self.samples.get(), \.combination) { sample in
      let privacy = sample.combination.privacy
      let entries = sample.sums.one.ledger
      return entries.isEmpty
        || entries.contains { $0.adjacency != privacy.adjacency || $0.unit != privacy.unit.rawValue }
    }
  }
}
