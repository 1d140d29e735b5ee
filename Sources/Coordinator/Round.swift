import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Recommender

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
  /// Clients that exist. Shards may hold fewer than the public population size; indices beyond contribute nothing.
  let realClients: Int

  /// What the round did, besides moving the model.
  struct Outcome {
    let cohortSize: Int
    /// The fewest clients that any sum covered; nil when no worker had any.
    let fewestClientsInASum: Int?
    let ledgerEntries: [LedgerEntry]
    /// The clipping norm of the next round.
    let nextClippingNorm: Double
  }

  /// Runs the round on `model`.
  /// - Throws: `CoordinatorError`; the run cannot go on then.
  func run(_ model: inout ServerModel, pool: WorkerPool) throws -> Outcome {
    let dimension = model.weights.count

    // 1. Draw the cohort.
    let cohort = sampler.cohort(round: number)
    let parts = split(cohort, over: pool.count)

    // 2. Broadcast the weights to the workers that own cohort members. 3. They train; the noise, which depends
    // on nothing they do, is drawn meanwhile.
    var normal: [Double] = []
    let answers: [(signedCount: Int64, sums: [Int64])] = try pool.askAll(
      requests(parts, weights: model.broadcastWeights)
    ) {
      if plan?.settings.trust == .central { normal = drawNoise(count: dimension + 1) }
    } accept: { answer in
      if case .sum(number, let count, let sums) = answer, sums.count == dimension { (count, sums) } else { nil }
    }

    // 4. Add the one integer sum of each worker. Whole numbers below 2⁵²: the additions are exact. With adaptive
    // clipping, the count of updates within the norm is one coordinate more.
    var total = [Double](repeating: 0, count: dimension + 1)
    for answer in answers {
      for j in 0..<dimension { total[j] += Double(answer.sums[j]) }
      total[dimension] += Double(answer.signedCount)
    }

    // 5. Add noise on the lattice (with local trust it is in the sums already), and enter the releases in the ledger
    // from the noise that was added.
    var entries: [LedgerEntry] = []
    if let plan {
      let noise = plan.noise(on: lattice)
      if plan.settings.trust == .central {
        noise.add(normal, to: &total, at: 0..<dimension)
        plan.countNoise?.add(normal, to: &total, at: dimension..<dimension + 1)
      }
      // A client beyond those that exist sends nothing.
      let contacted = cohort.filter { $0 < realClients }
      entries = plan.entries(round: number, cohort: contacted, noise: noise, lattice: lattice)
    }

    // 6. Average over the expected cohort, and step.
    let scale = lattice.spacing / divisor
    model.step(update: total[..<dimension].map { $0 * scale }, round: number)
    guard model.isFinite else { throw CoordinatorError.diverged(round: number) }

    return Outcome(
      cohortSize: cohort.count,
      fewestClientsInASum: parts.map { $0.count { $0 < realClients } }.filter { $0 > 0 }.min(),
      ledgerEntries: entries,
      nextClippingNorm: plan?.nextClippingNorm(lattice.clippingNorm, signed: total[dimension])
        ?? lattice.clippingNorm)
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
    case .seeded: RandomStream(seed: seed, purpose: .noise, round: number).normalNumbers(count: count)
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
