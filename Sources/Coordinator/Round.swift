import DifferentialPrivacy
import FederationProtocol
import KernelSelection
import NumericalCore
import Recommender
import Scenarios

/// One round of training, in the six steps of the design.
struct Round {
  let number: Int
  let sampler: CohortSampler
  let lattice: Lattice
  /// What sums are divided by: a public constant of the scenario, never the size of the realised cohort.
  let divisor: Double
  let plan: PrivacyPlan?
  let seed: UInt64
  let noiseSource: NoiseSource
  let aggregation: Aggregation
  /// nil: nothing goes wrong.
  let faults: Faults?
  /// Clients that exist. Shards may hold fewer than the public population size; indices beyond are drawn and asked for
  /// nothing.
  let realClients: Int
  /// What faults, groups and tiers of clients are drawn by.
  let keys: DrawKeys

  /// What the round did, besides moving the model.
  struct Outcome {
    let cohortSize: Int
    /// Clients of the cohort that are not in the sum.
    let lost: Int
    /// Clients that trained.
    let trained: Int
    /// Clients that were asked for anything, by tier, or in all.
    let contacted: [Int]
    /// The fewest clients that any sum covered; nil when no worker had any.
    let fewestClientsInASum: Int?
    let ledgerEntries: [LedgerEntry]
    /// The clipping norm of the next round.
    let nextClippingNorm: Double
    /// The clients of the next round.
    let nextCohort: [UInt32]
  }

  /// Runs the round on `model`.
  /// - Parameter drawn: the cohort, where the round before has drawn it; it is what `sampler` draws.
  /// - Throws: `CoordinatorError`; the run cannot go on then.
  func run(_ model: inout ServerModel, cohort drawn: [UInt32]?, pool: WorkerPool) throws -> Outcome {
    let dimension = model.weights.count

    // 1. Draw the cohort, if that was not done during the round before.
    let cohort = drawn ?? sampler.cohort(round: number)
    // A cohort ascends.
    let existing = Array(cohort.prefix { $0 < realClients })
    let fates = Fates(of: existing, faults: faults, keys: keys, round: number, seed: seed)
    let parts = split(fates.contacted, over: pool.count)

    // 2. Broadcast the weights to the workers that own cohort members. 3. They train; whatever depends on nothing they do
    // is done meanwhile: the noise, the entries in the ledger, the next cohort.
    var books = Books()
    let answers: [(signedCount: Int64, sums: [Int64])] = try pool.askAll(
      requests(parts, weights: model.broadcastWeights)
    ) {
      books = keepBooks(fates, dimension: dimension, workers: pool.count)
    } accept: { answer in
      if case .sum(number, let count, let sums) = answer, sums.count == dimension * aggregation.groups {
        (count, sums)
      } else {
        nil
      }
    }

    books.entries += repeatedEntries(fates, repeats: pool.repeats)

    // 4. Add the integer sums of the workers, one a group. Whole numbers below 2⁵²: the additions are exact. With
    // adaptive clipping, the count of updates within the norm is one coordinate more.
    var sums = [Double](repeating: 0, count: dimension * aggregation.groups)
    for answer in answers {
      for j in sums.indices { sums[j] += Double(answer.sums[j]) }
    }
    var total = RobustSum.kept(sums, groups: aggregation.groups, trimmed: aggregation.trimmed)
    total.append(answers.reduce(0) { $0 + Double($1.signedCount) })

    // 5. Add noise on the lattice; with local trust it is in the sums already.
    if let plan, let noise = books.noise, plan.settings.trust == .central {
      noise.add(books.normal, to: &total, at: 0..<dimension)
      plan.countNoise?.add(books.normal, to: &total, at: dimension..<dimension + 1)
    }

    // 6. Average over the expected cohort, or the part of it that is kept, and step.
    let scale = lattice.spacing / (divisor * Double(aggregation.kept) / Double(aggregation.groups))
    model.step(update: total[..<dimension].map { $0 * scale }, round: number)
    guard model.isFinite else { throw CoordinatorError.diverged(round: number) }

    return Outcome(
      cohortSize: cohort.count, lost: existing.count - fates.summed.count, trained: fates.contacted.count,
      contacted: books.contacted, fewestClientsInASum: books.fewestClientsInASum, ledgerEntries: books.entries,
      nextClippingNorm: plan?.nextClippingNorm(lattice.clippingNorm, signed: total[dimension])
        ?? lattice.clippingNorm,
      nextCohort: books.nextCohort)
  }

  /// What a round needs and notes, apart from what its clients say.
  private struct Books {
    var noise: GaussianLatticeNoise?
    /// Standard normal numbers for the noise, one a coordinate and one for the count.
    var normal: [Double] = []
    var entries: [LedgerEntry] = []
    var contacted: [Int] = []
    var fewestClientsInASum: Int?
    var nextCohort: [UInt32] = []
  }

  /// Draws the noise, and enters the releases in the ledger from the noise that is added.
  private func keepBooks(_ fates: Fates, dimension: Int, workers: Int) -> Books {
    var books = Books()
    books.contacted = byTier(fates.contacted)
    books.fewestClientsInASum = fewestClients(fates.summed, workers: workers)
    if let plan {
      let noise = plan.noise(on: lattice)
      if plan.settings.trust == .central { books.normal = drawNoise(count: dimension + 1) }
      // A client that is lost before its update leaves releases nothing. A late update was sent.
      books.entries = plan.entries(
        round: number, sent: fates.sent, summed: byTier(fates.summed), noise: noise, lattice: lattice)
      books.noise = noise
    }
    books.nextCohort = sampler.cohort(round: number + 1)
    return books
  }

  /// The entries of updates that were sent more than once: a worker that was replaced trains again, and where its clients
  /// add noise that cannot be repeated, the coordinator may have seen both.
  /// - Parameter repeats: how often each worker was asked again.
  private func repeatedEntries(_ fates: Fates, repeats: [Int]) -> [LedgerEntry] {
    guard let plan else { return [] }
    switch (plan.settings.trust, noiseSource) {
    case (.central, _), (_, .seeded): return []
    case (.local, .secure):
      return repeats.enumerated().flatMap { worker, count in
        let sent = fates.sent.filter { Int($0) % repeats.count == worker && $0 < realClients }
        let entries = plan.entries(
          round: number, sent: sent, summed: [0], noise: plan.noise(on: lattice), lattice: lattice)
        return (0..<count).flatMap { _ in entries }
      }
    }
  }

  /// Clients counted by tier, or all together where there are no tiers.
  private func byTier(_ clients: [UInt32]) -> [Int] {
    guard let tiers = plan?.settings.tiers else { return [clients.count] }
    var counts = [Int](repeating: 0, count: tiers.tiers.count)
    for client in clients { counts[tiers.index(ofClient: keys[client], seed: seed)] += 1 }
    return counts
  }

  /// The fewest clients in any worker's sum of a group.
  private func fewestClients(_ clients: [UInt32], workers: Int) -> Int? {
    var counts = [Int](repeating: 0, count: workers * aggregation.groups)
    for client in clients {
      let group = aggregation.group(ofClient: keys[client], round: number, seed: seed)
      counts[Int(client) % workers * aggregation.groups + group] += 1
    }
    return counts.filter { $0 > 0 }.min()
  }

  private func requests(_ parts: [[UInt32]], weights: [Float]) -> [(offset: Int, element: Frame)] {
    parts.enumerated().filter { !$0.element.isEmpty }.map { worker, clients in
      let message = CoordinatorMessage.train(
        round: number, clippingNorm: lattice.clippingNorm, clients: clients, weights: weights)
      return (worker, message.frame)
    }
  }

  private func drawNoise(count: Int) -> [Double] {
    switch noiseSource {
    case .seeded:
      VectorWidth.kernels.normalNumbers(RandomStream(seed: seed, purpose: .noise, round: number), count: count)
    case .secure: SecureRandomSource().normalNumbers(count: count)
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
