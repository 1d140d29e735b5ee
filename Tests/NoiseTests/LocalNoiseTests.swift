import DifferentialPrivacy
import FederationProtocol
import Foundation
import Scenarios
import TestSupport
import Testing

/// What each client adds to its own update. With as many workers as clients, each worker's sum is one client's message.
@Suite("Each client's noise with local trust, in every accepted combination")
struct LocalNoiseTests {
  /// A combination with what each client sent in each round in which it took part.
  struct Sample {
    let combination: Combination
    let run: Observation
    let messages: [Message]

    init(_ combination: Combination, seed: Int) throws {
      self.combination = combination
      run = try Laboratory.own().run(
        combination.with(("seed", .integer(seed)), ("training.rounds", .integer(LocalNoiseTests.rounds))), on: .few,
        workers: LocalNoiseTests.clients)
      messages = run.messages
    }

    var shape: Measures.Shape {
      switch combination.privacy.mechanism {
      case .gaussian: .gaussian
      case .laplace: .laplace
      }
    }

    /// The standard deviation of a message's noise in lattice steps, by the ledger.
    func deviation(_ message: Message) -> Double? {
      let entries = run.entries(message.round).filter { $0.client == message.client }
      return entries.count == 1 ? entries[0].noiseStandardDeviation / run.spacing(message.round) : nil
    }
  }

  /// What a client sent in a round, in lattice steps. The update in it is below a hundredth of the noise in every
  /// coordinate, and so below 10⁻⁴ of its variance.
  struct Message {
    let client: Int
    let round: Int
    let noise: [Double]
    /// Whether all groups but one are empty.
    let isInOneGroup: Bool
  }

  private static let clients = 3
  private static let rounds = 3

  static let samples = Result {
    try Combination.local.enumerated().map { try Sample($0.element, seed: 2000 + $0.offset) }
  }

  @Test("deviates for each client and round as the ledger says of that client and round")
  func deviation() throws {
    try expectNone("noise of another deviation than the ledger's", of: Self.samples.get(), \.combination) {
      sample in
      sample.messages.isEmpty
        || sample.messages.contains { message in
          guard let deviation = sample.deviation(message) else { return true }
          return Measures.excess(ofDeviation: message.noise, from: deviation, shape: sample.shape) > 1
        }
    }
  }

  @Test("has the mechanism's shape")
  func shape() throws {
    try expectNone("noise of another shape", of: Self.samples.get(), \.combination) { sample in
      let standard = sample.messages.flatMap { message in
        message.noise.map { $0 / (sample.deviation(message) ?? .nan) }
      }
      switch sample.shape {
      case .gaussian: return Measures.excess(of: standard, from: Measures.normal) > 1
      case .laplace: return Measures.excess(of: standard, from: Measures.laplace) > 1
      }
    }
  }

  @Test("is new in every round")
  func rounds() throws {
    try expectNone("noise that rounds share", of: Self.samples.get(), \.combination) { sample in
      pairs(sample.messages).contains { one, other in
        one.client == other.client && Measures.excess(ofCorrelation: one.noise, other.noise) > 1
      }
    }
  }

  @Test("is another for every client")
  func clients() throws {
    try expectNone("noise that clients share", of: Self.samples.get(), \.combination) { sample in
      pairs(sample.messages).contains { one, other in
        one.client != other.client && Measures.excess(ofCorrelation: one.noise, other.noise) > 1
      }
    }
  }

  @Test("is new in every coordinate, and nowhere the same number again")
  func coordinates() throws {
    try expectNone("noise that coordinates share", of: Self.samples.get(), \.combination) { sample in
      let noises = sample.messages.map(\.noise)
      let deviation = sample.messages.first.flatMap(sample.deviation) ?? .nan
      // Laplace noise coincides √(π/2) times as often as Gaussian noise of its deviation: 1/(2√2·σ) to 1/(2√π·σ).
      return noises.contains { Measures.excess(ofCorrelationAlong: $0) > 1 }
        || Measures.repetitions(noises) > Measures.repetitionsAllowed(noises, deviation: deviation / 1.2534)
    }
  }

  @Test("is in the one group that the client is in")
  func groups() throws {
    try expectNone("messages in several groups", of: Self.samples.get(), \.combination) { sample in
      sample.messages.contains { !$0.isInOneGroup }
    }
  }

  @Test("is what the ledger's events, and so ε, are made of; there is one for each message, and no other")
  func events() throws {
    try expectNone("events of another noise", of: Self.samples.get(), \.combination) { sample in
      sample.run.ledger.contains { !LedgerAgreement.holds($0) }
        || sample.run.ledger.count != sample.messages.count
    }
  }

  @Test("is all the noise there is: the model moves by what was sent")
  func model() throws {
    try expectNone("models that move otherwise", of: Self.samples.get(), \.combination) { sample in
      let one = try Laboratory.own().run(
        sample.combination.with(("seed", .integer(7))), on: .few, workers: Self.clients)
      let start = [Double](repeating: 0, count: Combination.dimension)
      return one.noise(from: start).contains { abs($0) > 0x1p-8 }
    }
  }
}

extension Observation {
  /// The messages of single clients, of a run with a worker for each.
  fileprivate var messages: [LocalNoiseTests.Message] {
    sums.enumerated().flatMap { round, workers in
      workers.enumerated().compactMap { client, sums in
        guard let sums else { return nil }
        let dimension = scenario.dimension
        let groups = (0..<sums.count / dimension).map { sums[$0 * dimension..<($0 + 1) * dimension] }
        let filled = groups.filter { group in group.contains { $0 != 0 } }
        // A worker that was asked only for a client that does not exist sends nothing.
        guard let sum = filled.first else { return nil }
        return LocalNoiseTests.Message(
          client: client, round: round + 1, noise: sum.map(Double.init), isInOneGroup: filled.count == 1)
      }
    }
  }
}

private func pairs<Element>(_ elements: [Element]) -> [(Element, Element)] {
  elements.indices.flatMap { i in elements[(i + 1)...].map { (elements[i], $0) } }
}
