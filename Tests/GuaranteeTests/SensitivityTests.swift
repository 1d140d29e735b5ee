import AggregationSchemes
import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Foundation
import NumericalCore
import Releases
import Scenarios
import Testing
import Worker

/// What one unit can do to the sums that noise is added to, against the sensitivity that the ledger has.
@Suite("Between neighbouring populations")
struct SensitivityTests {
  /// What a round releases, before noise: whole lattice steps.
  private struct Sums {
    let values: [Double]
    let count: Int64
  }

  /// A random case: a scenario and a pair of neighbours.
  private struct Pair {
    let scenario: Scenario
    let random: RandomScenario
    let stream: RandomStream

    /// - Parameter offered: gets what was chosen, accepted or not.
    init?(seed: Int, offered: inout Set<String>) {
      var stream = RandomStream(seed: UInt64(seed), purpose: .examples)
      let clients = 3 + stream.nextInteger(below: 4)
      let dimension = [1, 2, 17, 40][stream.nextInteger(below: 4)]
      random = RandomScenario(clients: clients, dimension: dimension, from: &stream)
      offered.formUnion(random.choices)
      guard let scenario = random.accepted else { return nil }
      self.scenario = scenario
      self.stream = stream
    }

    var privacy: Privacy? { scenario.privacy }

    /// The sums of a round with and without the unit, or with one unit or another.
    func sums(clippingNorm: Double) throws -> (Sums, Sums) {
      var stream = stream
      let dimension = scenario.dimension
      let clients = scenario.population.clients
      let here = Clients.random(clients, dimension: dimension, from: &stream)
      var there = here
      let all = (0..<UInt32(clients)).map { $0 }
      var others = all
      let moved = stream.nextInteger(below: clients)
      switch (scenario.privacy?.unit, scenario.privacy?.adjacency) {
      case (.example, _):
        // Where examples are sampled, all others have to keep their places, and with them the coins that decide.
        let last = here.examples[moved].count - 1
        let isSampled = scenario.privacy?.exampleSampling?.rate != 1
        there.examples[moved].remove(at: isSampled ? last : stream.nextInteger(below: last + 1))
      case (_, .replaceOne):
        there.examples[moved] = Clients.random(1, dimension: dimension, from: &stream).examples[0]
      case (_, _):
        there.remove(at: moved)
        others.removeLast()
      }
      let scale = [0, 0.1, 3][stream.nextInteger(below: 3)]
      let weights = (0..<dimension).map { _ in Float(scale * stream.nextNormal()) }
      let round = 1 + stream.nextInteger(below: 5)
      func sums(_ population: Clients, _ cohort: [UInt32]) throws -> Sums {
        let worker = try population.worker(random.text, isSparse: random.isSparse)
        guard
          case .sum(_, let sums) = try worker.train(
            round: round, clippingNorm: clippingNorm, clients: cohort, weights: weights)
        else { throw WorkerFailure(reason: .scenarioNotUnderstood) }
        // Each group's coordinates, and with adaptive clipping its count after them.
        let scheme = PlainSum(scenario)
        let groups = stride(from: 0, to: sums.count, by: scheme.coordinates).map {
          sums[$0..<$0 + scheme.coordinates]
        }
        let kept = RobustSum.kept(
          groups.flatMap { $0.prefix(dimension).map(Double.init) }, groups: scheme.groups, trimmed: scheme.trimmed)
        return Sums(
          values: kept, count: scheme.hasCount ? groups.reduce(0) { $0 + ($1.last ?? 0) } : 0)
      }
      return (try sums(here, all), try sums(there, others))
    }
  }

  /// How far a sum moves in the norm of its mechanism.
  private static func distance(_ a: Sums, _ b: Sums, _ mechanism: Privacy.Mechanism) -> Double {
    let moved = zip(a.values, b.values).map { $0 - $1 }
    return switch mechanism {
    case .gaussian: moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .laplace: moved.reduce(0) { $0 + abs($1) }
    }
  }

  @Test("no unit moves an exact sum by more than the ledger's sensitivity, whatever is combined")
  func sensitivity() throws {
    var (offered, seen): (Set<String>, Set<String>) = ([], [])
    var farthest = 0.0
    var pairs = 0
    for seed in 1...2000 {
      guard let pair = Pair(seed: seed, offered: &offered), let privacy = pair.privacy else { continue }
      pairs += 1
      seen.formUnion(pair.random.choices)
      let scenario = pair.scenario
      let plan = try PrivacyPlan(
        privacy, training: scenario.training, clients: scenario.population.clients, dimension: scenario.dimension,
        seed: scenario.seed)
      let norm = privacy.clippingNorm * (privacy.adaptiveClipping == nil ? 1 : 0.37)
      let lattice = scenario.lattice(clippingNorm: norm)
      let guarantee = try plan.guarantee(on: lattice)
      let entries = try guarantee.entries(
        round: 1, Guarantee.Participants(contacted: [1], sent: [0], summed: [1]))
      let allowed = try #require(entries.first).sensitivity / lattice.spacing
      let (here, there) = try pair.sums(clippingNorm: norm)
      let moved = Self.distance(here, there, privacy.mechanism)
      farthest = max(farthest, moved / allowed)
      #expect(
        moved <= allowed * (1 + 1e-12), "seed \(seed): moved \(moved) of \(allowed) steps\n\(pair.random.text)")
      if plan.countNoiseMultiplier != nil {
        let count = Double(abs(here.count - there.count))
        #expect(count <= (privacy.adjacency == .replaceOne ? 2 : 1), "seed \(seed): the count moved by \(count)")
      }
    }
    // Every option was among the accepted, and the sensitivity is no looser than it has to be.
    #expect(pairs > 300)
    #expect(seen == offered)
    #expect(farthest > 0.999)
  }

  @Test("an example's part of a sum is the same to the last step whatever else its client holds", arguments: 1...20)
  func exampleAlone(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, purpose: .examples)
    let scenario = """
      {"name": "t", "population": {"kind": "files", "train": "train", "heldOut": "train", "clients": 2, "dimension": 60},
       "training": {"rounds": 1, "cohort": {"sampling": "full"}, "client": {"algorithm": "fedsgd"}},
       "privacy": {"unit": "example", "exampleSampling": {"rate": 1, "expectedExamples": 1}, "clippingNorm": 0.7,
         "noiseMultiplier": 1, "delta": 1e-5}}
      """
    let weights = (0..<60).map { _ in Float(stream.nextNormal()) }
    func sums(_ examples: [Example]) throws -> [Int64] {
      let clients = Clients(examples: [examples], dimension: 60)
      guard
        case .sum(_, let sums) = try clients.worker(scenario, isSparse: true).train(
          round: 1, clippingNorm: 0.7, clients: [0], weights: weights)
      else { return [] }
      return sums
    }
    let examples = (0..<12).map { _ in Example.random(60, from: &stream) }
    var total = [Int64](repeating: 0, count: 60)
    for example in examples { total = zip(total, try sums([example])).map { $0 + $1 } }
    #expect(try sums(examples) == total)
  }

  @Test("which examples are sampled does not depend on what they are, nor on how many follow")
  func samplingIsBlind() throws {
    var stream = RandomStream(seed: 3, purpose: .examples)
    let scenario = """
      {"name": "t", "population": {"kind": "files", "train": "train", "heldOut": "train", "clients": 2, "dimension": 20},
       "training": {"rounds": 1, "cohort": {"sampling": "full"}, "client": {"algorithm": "fedsgd"}},
       "privacy": {"unit": "example", "exampleSampling": {"rate": 0.3, "expectedExamples": 1}, "clippingNorm": 1,
         "noiseMultiplier": 1, "delta": 1e-5}}
      """
    // Example i alone touches coordinate i, so a sum says who was sampled.
    func sampled(_ examples: [Example], round: Int) throws -> [Bool] {
      let worker = try Clients(examples: [examples], dimension: 20).worker(scenario, isSparse: true)
      guard
        case .sum(_, let sums) = try worker.train(
          round: round, clippingNorm: 1, clients: [0], weights: [Float](repeating: 0, count: 20))
      else { return [] }
      return sums.map { $0 != 0 }
    }
    func examples(_ count: Int) -> [Example] {
      (0..<count).map { index in
        var example = Example.nothing(20)
        example.features[index] = Float(1 + stream.nextUniform())
        example.label = stream.nextInteger(below: 2)
        return example
      }
    }
    for round in 1...20 {
      let all = try sampled(examples(20), round: round)
      #expect(try sampled(examples(20), round: round) == all)
      #expect(try sampled(examples(11), round: round).prefix(11) == all.prefix(11))
    }
  }
}
