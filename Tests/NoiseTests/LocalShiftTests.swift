import DifferentialPrivacy
import Scenarios
import Testing

/// Two runs with one seed in which one client is another: its noise is the same, so that what is left of its messages'
/// difference is what it hides.
@Suite("One client replaced, in every accepted combination with local trust")
struct LocalShiftTests {
  struct Sample {
    let combination: Combination
    let difference: Difference
    /// Between the messages of each client, in lattice steps.
    let moved: [[Double]]

    init(_ combination: Combination) throws {
      self.combination = combination
      // The client that differs has to take part.
      for seed in 1... {
        let found = try Difference(
          combination.with(("seed", .integer(seed))), Neighbours(combination.privacy), workers: clients)
        guard found.one.sums[0][clients - 1] != nil else { continue }
        difference = found
        moved = (0..<clients).map { client in
          zip(found.one.sums[0][client] ?? [], found.other.sums[0][client] ?? []).map { Double($0 - $1) }
        }
        return
      }
      preconditionFailure("no seed")
    }

    /// The length in the norm that the mechanism's noise is for.
    func length(_ moved: [Double]) -> Double {
      switch combination.privacy.mechanism {
      case .gaussian: Measures.norm(moved)
      case .laplace: Measures.magnitude(moved)
      }
    }
  }

  private static let clients = 3

  static let samples = Result { try Combination.local.map(Sample.init) }

  @Test("moves its message by all of the ledger's sensitivity, and no more")
  func sensitivity() throws {
    try expectNone("messages that move otherwise", of: Self.samples.get(), \.combination) { sample in
      let moved = sample.length(sample.moved[Self.clients - 1])
      let allowed = sample.difference.sensitivity
      // Each coordinate is rounded towards zero by less than a step.
      let rounding = 2 * Double(Combination.dimension)
      return moved > allowed * (1 + 1e-9) || moved < allowed - rounding
    }
  }

  @Test("moves no other message")
  func others() throws {
    try expectNone("messages of others that move", of: Self.samples.get(), \.combination) { sample in
      sample.moved.dropLast().joined().contains { $0 != 0 }
    }
  }
}
