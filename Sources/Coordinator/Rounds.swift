import AggregationSchemes
import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Releases
import Scenarios

/// The rounds of a run: what is the same in all of them.
struct Rounds {
  let scenario: Scenario
  /// nil: nothing is promised.
  let plan: PrivacyPlan?
  let scheme: PlainSum
  let sampler: CohortSampler
  let noiseSource: NoiseSource
  /// Clients that exist. Shards may hold fewer than the public population size; indices beyond are drawn and asked for
  /// nothing.
  let realClients: Int
  /// What faults, groups and tiers of clients are drawn by.
  let keys: DrawKeys

  init(
    _ scenario: Scenario, plan: PrivacyPlan?, noiseSource: NoiseSource, realClients: Int, keys: DrawKeys
  ) {
    self.scenario = scenario
    self.plan = plan
    self.noiseSource = noiseSource
    self.realClients = realClients
    self.keys = keys
    scheme = PlainSum(scenario)
    sampler = CohortSampler(
      settings: scenario.training.cohort, clients: scenario.population.clients, seed: scenario.seed,
      source: noiseSource.ofSampling(under: scenario.privacy), tiers: plan?.tierSampling, keys: keys)
  }

  /// What a round did, besides moving the model.
  struct Outcome {
    let cohortSize: Int
    /// Clients of the cohort that are not in the sum.
    let lost: Int
    /// Clients that trained.
    let trained: Int
    /// The fewest clients that any sum covered; nil when no worker had any.
    let fewestClientsInASum: Int?
    /// The clipping norm of the next round.
    let nextClippingNorm: Double
    /// The clients of the next round.
    let nextCohort: [UInt32]
  }

  /// Runs a round on `model`: docs/architecture.md, "A round".
  /// - Parameters:
  ///   - clippingNorm: of this round.
  ///   - drawn: the cohort, where the round before has drawn it; it is what `sampler` draws.
  ///   - ledger: where the release is entered.
  /// - Throws: `CoordinatorError`, and what the ledger throws; the run cannot go on then.
  func run(
    _ number: Int, clippingNorm: Double, cohort drawn: [UInt32]?, _ model: inout ServerModel,
    ledger: inout LedgerWriter, pool: WorkerPool
  ) throws -> Outcome {
    let lattice = scenario.lattice(clippingNorm: clippingNorm)
    let guarantee = try plan?.guarantee(on: lattice) ?? .none

    // 1. Draw the cohort, if that was not done during the round before. A cohort ascends.
    let cohort = drawn ?? sampler.cohort(round: number)
    let existing = Array(cohort.prefix { $0 < realClients })
    let fates = Fates(of: existing, faults: scenario.faults, keys: keys, round: number, seed: scenario.seed)

    // 2. Broadcast the weights to the workers that own cohort members. 3. They train; whatever depends on nothing they do
    // is done meanwhile: the noise, the entries in the ledger, the next cohort.
    let requests = requests(
      number, clippingNorm, split(fates.contacted, over: pool.count), weights: model.broadcastWeights,
      noise: guarantee.clientNoise)
    var preparation: Preparation?
    let shares = try pool.askAll(requests) {
      preparation = try prepare(number, guarantee, fates, workers: pool.count, ledger: &ledger)
    } accept: { answer in
      if case .sum(number, let sums) = answer, sums.count == scheme.shareLength { sums } else { nil }
    }
    guard var preparation, let pending = preparation.release.take() else {
      preconditionFailure("a round is prepared while workers train")
    }
    try enterRepeats(number, guarantee, fates, repeats: pool.repeats, ledger: &ledger)

    // 4. Open the sum. 5. Release it. 6. Step, on the average over the expected cohort or the part of it that is kept.
    let release = try scheme.open(shares, round: number).release(pending, ledger: &ledger)
    let kept = Double(scenario.training.aggregation.kept) / Double(scenario.training.aggregation.groups)
    model.step(release, scale: lattice.spacing / (divisor * kept))
    guard model.isFinite else { throw CoordinatorError.diverged(round: number) }

    return Outcome(
      cohortSize: cohort.count, lost: existing.count - fates.summed.count, trained: fates.contacted.count,
      fewestClientsInASum: preparation.fewestClientsInASum,
      nextClippingNorm: plan?.nextClippingNorm(clippingNorm, signed: release.count) ?? clippingNorm,
      nextCohort: preparation.nextCohort)
  }

  /// What sums are divided by: a public constant of the scenario, never the size of the realised cohort.
  private var divisor: Double { plan?.expectedUnits ?? Double(scenario.training.cohort.expectedSize) }

  /// What is got ready while workers train.
  private struct Preparation: ~Copyable {
    /// Taken once.
    var release: PendingRelease?
    let fewestClientsInASum: Int?
    let nextCohort: [UInt32]
  }

  private func prepare(
    _ number: Int, _ guarantee: Guarantee, _ fates: Fates, workers: Int, ledger: inout LedgerWriter
  ) throws -> Preparation {
    let summed = byTier(fates.summed)
    // A client that is lost before its update leaves releases nothing. A late update was sent.
    let release = try PendingRelease(
      guarantee, round: number,
      Guarantee.Participants(
        contacted: byTier(fates.contacted), sent: fates.sent, summed: plan?.byGroup(summed) ?? summed),
      coordinates: scheme.coordinates, draws: noiseSource.draws(seed: scenario.seed), ledger: &ledger)
    return Preparation(
      release: release, fewestClientsInASum: fewestClients(fates.summed, round: number, workers: workers),
      nextCohort: sampler.cohort(round: number + 1))
  }

  /// Enters updates that were sent more than once: a worker that was replaced trains again, and where its clients add noise
  /// that cannot be repeated, the coordinator may have seen both.
  /// - Parameter repeats: how often each worker was asked again.
  private func enterRepeats(
    _ number: Int, _ guarantee: Guarantee, _ fates: Fates, repeats: [Int], ledger: inout LedgerWriter
  ) throws {
    switch noiseSource {
    case .seeded: return
    case .secure:
      for (worker, count) in repeats.enumerated() where count > 0 {
        let sent = fates.sent.filter { Int($0) % repeats.count == worker }
        for _ in 0..<count { try PendingRelease.enterAgain(guarantee, round: number, sent: sent, ledger: &ledger) }
      }
    }
  }

  /// Clients counted by tier, or all together where there are no tiers.
  private func byTier(_ clients: [UInt32]) -> [Int] {
    guard let tiers = scenario.privacy?.tiers else { return [clients.count] }
    var counts = [Int](repeating: 0, count: tiers.tiers.count)
    for client in clients { counts[tiers.index(ofClient: keys[client], seed: scenario.seed)] += 1 }
    return counts
  }

  /// The fewest clients in any worker's sum of a group.
  private func fewestClients(_ clients: [UInt32], round: Int, workers: Int) -> Int? {
    let aggregation = scenario.training.aggregation
    var counts = [Int](repeating: 0, count: workers * aggregation.groups)
    for client in clients {
      let group = aggregation.group(ofClient: keys[client], round: round, seed: scenario.seed)
      counts[Int(client) % workers * aggregation.groups + group] += 1
    }
    return counts.filter { $0 > 0 }.min()
  }

  private func requests(
    _ number: Int, _ clippingNorm: Double, _ parts: [[UInt32]], weights: [Float], noise: ClientNoise?
  ) -> [(worker: Int, frame: Frame)] {
    parts.enumerated().filter { !$0.element.isEmpty }.map { worker, clients in
      let message = CoordinatorMessage.train(
        round: number, clippingNorm: clippingNorm, clients: clients, weights: weights, noise: noise)
      return (worker, message.frame)
    }
  }

  /// Client c belongs to worker c modulo the number of workers.
  private func split(_ cohort: [UInt32], over workers: Int) -> [[UInt32]] {
    if workers == 1 { return [cohort] }
    var parts = [[UInt32]](repeating: [], count: workers)
    for client in cohort { parts[Int(client) % workers].append(client) }
    return parts
  }
}
