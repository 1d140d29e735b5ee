import Scenarios
import Testing

@Suite("Noise where clients are lost on the way")
struct LostClientTests {
  private static let faults = JSONValue.object([
    "dropout": .object(["beforeTraining": .number(0.2), "afterTraining": .number(0.3)]),
    "stragglers": .object(["medianSeconds": .number(1), "deadlineSeconds": .number(1.5)]),
  ])

  private static let guarantees = Combination.accepted.filter {
    $0.scenario.training.compression == nil && (try? $0.with(("faults", faults))) != nil
  }

  @Test("is whole with central trust, whoever is lost")
  func central() throws {
    let start = [Double](repeating: 0, count: Combination.dimension)
    for (index, combination) in Self.guarantees.enumerated() where combination.privacy.trust == .central {
      let run = try Laboratory.own().run(
        combination.with(("faults", Self.faults), ("seed", .integer(5000 + index))), on: .few)
      let noise = run.noise(from: start).map { $0 * run.spacing(1) }
      #expect(!run.ledger.isEmpty)
      for entry in run.ledger {
        #expect(Measures.excess(ofDeviation: noise, from: entry.noiseStandardDeviation) < 1, "\(combination)")
      }
    }
  }

  @Test("is in every message with local trust, and every message is in the ledger")
  func local() throws {
    for (index, combination) in Self.guarantees.enumerated() where combination.privacy.trust == .local {
      let run = try Laboratory.own().run(
        combination.with(
          ("faults", Self.faults), ("seed", .integer(6000 + index)), ("training.rounds", .integer(6))), on: .few,
        workers: 3)
      var messages = 0
      for round in 1...6 {
        for (client, sums) in run.sums[round - 1].enumerated() {
          // Who is lost leaves nothing in the sum: neither an update nor noise.
          let sent = (sums ?? []).filter { $0 != 0 }.map { Double($0) * run.spacing(round) }
          if sent.isEmpty { continue }
          messages += 1
          let entries = run.entries(round).filter { $0.client == client }
          #expect(entries.count == 1, "\(combination)")
          let shape: Measures.Shape = combination.privacy.mechanism == .laplace ? .laplace : .gaussian
          let deviation = entries.first?.noiseStandardDeviation ?? .nan
          #expect(Measures.excess(ofDeviation: sent, from: deviation, shape: shape) < 1, "\(combination)")
        }
      }
      #expect(messages > 0 && messages <= run.ledger.count, "\(combination)")
    }
  }
}
