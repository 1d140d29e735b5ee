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
    let weights = model.broadcastWeights
    let requests = parts.enumerated().filter { !$0.element.isEmpty }.map { worker, clients in
      (offset: worker, element: CoordinatorMessage.train(round: number, clients: clients, weights: weights).frame)
    }
    let central = plan.flatMap { $0.settings.trust == .central ? $0 : nil }
    var normal = [Double](repeating: 0, count: central == nil ? 0 : dimension)
    let sums: [[Int64]] = try pool.askAll(requests) {
      normal.withUnsafeMutableBufferPointer { buffer in
        switch noiseSource {
        case .seeded: RandomStream(seed: seed, purpose: .noise, round: number).fillNormal(buffer)
        case .secure: SecureRandomSource().fillNormal(buffer)
        }
      }
    } accept: { answer in
      if case .sum(number, let sums) = answer, sums.count == dimension { sums } else { nil }
    }

    // 4. Add the one integer sum of each worker. Whole numbers below 2⁵²: the additions are exact.
    var total = [Double](repeating: 0, count: dimension)
    for part in sums {
      for j in 0..<dimension { total[j] += Double(part[j]) }
    }

    // 5. Add noise on the lattice (with local trust it is in the sums already), average over the expected cohort, step.
    // 6. Enter the releases in the ledger, from the noise that was added.
    let noise = plan?.noise(on: lattice)
    if central != nil, let noise {
      normal.withUnsafeBufferPointer { normal in
        total.withUnsafeMutableBufferPointer { noise.add(normal: normal, to: $0) }
      }
    }
    var entries: [LedgerEntry] = []
    if let plan, let noise {
      // A client beyond those that exist sends nothing.
      let contacted = cohort.filter { $0 < realClients }
      entries = plan.entries(round: number, cohort: contacted, noise: noise, lattice: lattice)
    }
    let scale = lattice.spacing / divisor
    for j in total.indices { total[j] *= scale }
    model.step(update: total, round: number)
    guard model.isFinite else { throw CoordinatorError.diverged(round: number) }

    return Outcome(
      cohortSize: cohort.count,
      fewestClientsInASum: parts.map { $0.count { $0 < realClients } }.filter { $0 > 0 }.min(),
      ledgerEntries: entries)
  }

  /// Client c belongs to worker c modulo the number of workers.
  private func split(_ cohort: [UInt32], over workers: Int) -> [[UInt32]] {
    if workers == 1 { return [cohort] }
    var parts = [[UInt32]](repeating: [], count: workers)
    for client in cohort { parts[Int(client) % workers].append(client) }
    return parts
  }
}
