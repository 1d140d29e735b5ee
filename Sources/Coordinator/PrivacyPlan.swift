import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Releases
import Scenarios

/// The noise of a run, fixed before its first round, and the guarantee that it gives each round.
package struct PrivacyPlan: Sendable {
  package let settings: Privacy
  /// Standard deviation of the noise over the sensitivity.
  package let noiseMultiplier: Double
  /// With adaptive clipping: the noise multiplier of the count, which takes a part of the whole.
  package let countNoiseMultiplier: Double?
  /// The sampling rate of each tier of the scenario, 0 for those that opted out; nil without tiers.
  package let tierRates: [Double]?
  let training: Training
  let faults: Faults?
  /// What no unit's contribution is longer than before it is clipped; nil: features can be of any size.
  let longestContribution: Double?
  let dimension: Int
  private let clients: Int
  private let sampler: CohortSampler

  /// Calibrates the noise where the scenario asks for an ε.
  /// - Parameters:
  ///   - faults: what goes wrong; nil: nothing.
  ///   - longestContribution: `Scenario.longestContribution`.
  /// - Throws: `AccountingError` when no noise meets the target or the accountant has no proof.
  package init(
    _ settings: Privacy, training: Training, clients: Int, dimension: Int, seed: UInt64, faults: Faults? = nil,
    longestContribution: Double? = nil
  ) throws {
    self.settings = settings
    self.training = training
    self.faults = faults
    self.longestContribution = longestContribution
    self.clients = clients
    self.dimension = dimension
    sampler = CohortSampler(settings: training.cohort, clients: clients, seed: seed)
    countNoiseMultiplier = settings.adaptiveClipping?.countNoiseMultiplier(cohort: training.cohort)
    switch settings.noise {
    case .multiplier(let multiplier):
      noiseMultiplier = multiplier
      tierRates = nil
    case .tiers:
      (noiseMultiplier, tierRates) = try Self.calibrateTiers(settings, training: training, clients: clients)
    case .calibrated(let epsilon):
      let releases = Self.releases(in: training.rounds, settings, sampler)
      let cohort = training.cohort
      noiseMultiplier = try Calibration.noiseMultiplier(
        epsilon: epsilon, delta: settings.delta, adjacency: settings.adjacency,
        accountant: settings.accountant.accountant
      ) { multiplier in
        let event = Self.event(settings, cohort, clients: clients, noiseMultiplier: multiplier)
        return [RepeatedEvent(event, count: releases)]
      }
      tierRates = nil
    }
    if let countNoiseMultiplier, countNoiseMultiplier <= noiseMultiplier {
      throw AccountingError.invalidEvent(
        "privacy.adaptiveClipping.countNoiseMultiplier is \(countNoiseMultiplier); allowed: above the noise multiplier \(noiseMultiplier), of which the count takes a part"
      )
    }
    try checkNoiseFits()
  }

  /// How often a client is in a release, at most.
  private static func releases(in rounds: Int, _ settings: Privacy, _ sampler: CohortSampler) -> Int {
    switch settings.trust {
    case .central: rounds
    // Everyone sees who takes part, so that nothing is amplified by sampling, and who is not drawn releases nothing.
    case .local: Participations.most(sampler, rounds: rounds)
    }
  }

  private static func calibrateTiers(
    _ settings: Privacy, training: Training, clients: Int
  ) throws -> (noiseMultiplier: Double, rates: [Double]) {
    let tiers = settings.tiers?.tiers ?? []
    let taking = tiers.indices.filter { tiers[$0].epsilon != nil && tiers[$0].share > 0 }
    let found = try Calibration.individualisedRates(
      taking.map { (tiers[$0].share, tiers[$0].epsilon ?? 0) },
      averageRate: training.cohort.samplingRate(clients: clients), rounds: training.rounds, delta: settings.delta,
      adjacency: settings.adjacency, accountant: settings.accountant.accountant
    ) { .poissonSampledGaussian(samplingRate: $0, noiseMultiplier: $1) }
    var rates = [Double](repeating: 0, count: tiers.count)
    for (index, rate) in zip(taking, found.rates) { rates[index] = rate }
    return (found.noiseMultiplier, rates)
  }

  /// Refuses noise that whole lattice steps in doubles cannot hold.
  ///
  /// Noise below 2⁴⁵ steps is rounded exactly, and reaches less than 2⁴⁹ (no Gaussian sample is beyond 9 deviations), so with
  /// a sum below 2⁵² every addition is exact. With local trust the noise of every client is in the sum.
  private func checkNoiseFits() throws {
    // The shorter the clipping norm, the more of its steps random rounding may cover.
    let lattice = Lattice.clipped(
      to: settings.adaptiveClipping == nil ? settings.clippingNorm : AdaptiveClipping.norms.lowerBound)
    let sensitivity = sensitivity(on: lattice)
    let deviation = IndependentGaussian.deviation(
      multiplier: noiseMultiplier, sensitivity: sensitivity, countMultiplier: countNoiseMultiplier)
    guard deviation < GaussianLatticeNoise.largestDeviation else {
      throw AccountingError.invalidEvent(excess(of: sensitivity))
    }
    switch try guarantee(on: lattice) {
    case .none, .server: return
    case .clients(let noise, _):
      let largestCohort = 2 * Double(training.cohort.expectedSize) + 100
      guard largestCohort * (lattice.stepsPerNorm + (try noise.process.reach)) < 0x1p52 else {
        throw AccountingError.invalidEvent(
          "noise multiplier \(noiseMultiplier) from each of \(training.cohort.expectedSize) clients is too much for exact sums; raise privacy.epsilon, or lower privacy.noiseMultiplier or training.cohort.expectedSize"
        )
      }
    }
  }

  /// Which key asks for more noise than fits, and what is allowed.
  /// - Parameter sensitivity: in lattice steps, the largest of any round.
  private func excess(of sensitivity: Double) -> String {
    let largest = GaussianLatticeNoise.largestDeviation / sensitivity
    if let countNoiseMultiplier, noiseMultiplier < largest {
      let least = 1 / (1 / (noiseMultiplier * noiseMultiplier) - 1 / (largest * largest)).squareRoot()
      return
        "privacy.adaptiveClipping.countNoiseMultiplier is \(countNoiseMultiplier), so near to the noise multiplier \(noiseMultiplier) that the sum alone would need a noise multiplier of \(IndependentGaussian.sumMultiplier(noiseMultiplier, countNoiseMultiplier)); allowed: above \(least)"
    }
    let remedy =
      training.compression?.quantization == nil
      ? "raise privacy.epsilon or lower privacy.noiseMultiplier"
      : "give training.compression more bits, a smaller share or a smaller range, raise privacy.epsilon or lower privacy.noiseMultiplier"
    return
      "noise multiplier \(noiseMultiplier) is too much for updates that can be \(sensitivity) lattice steps long; allowed: below \(largest); \(remedy)"
  }

  /// Units whose updates a round's sum has, on average: what sums are divided by.
  package var expectedUnits: Double {
    Double(settings.exampleSampling?.expectedExamples ?? training.cohort.expectedSize)
  }

  /// The rounds that the scenario's budget allows; nil where there is no budget.
  /// - Throws: `AccountingError` when it does not allow even one.
  package func roundsWithinBudget() throws -> Int? {
    guard let budget = settings.budget else { return nil }
    let event = Self.event(
      settings, training.cohort, clients: clients, noiseMultiplier: noiseMultiplier)
    let accountant = settings.accountant.accountant
    // Where all rounds are within it there is nothing to search for.
    let all = Self.releases(in: training.rounds, settings, sampler)
    let whole = try accountant.upperBound(
      of: [RepeatedEvent(event, count: all)], adjacency: settings.adjacency, delta: settings.delta)
    if whole <= budget { return training.rounds }
    let releases = try Calibration.rounds(
      epsilon: budget, delta: settings.delta, adjacency: settings.adjacency, accountant: accountant
    ) { [RepeatedEvent(event, count: $0)] }
    return switch settings.trust {
    case .central: releases
    case .local: Participations.rounds(sampler, within: releases, of: training.rounds)
    }
  }

  /// How far one unit can move the sum of updates, in lattice steps: the longest update, which is C or, with random
  /// rounding, longer, when a unit is added or removed; twice that when it is replaced (or when it changes who else is
  /// sampled, which fixed-size sampling is only used with replacement for).
  private func sensitivity(on lattice: Lattice) -> Double {
    sensitivityInUnits * training.compression.largestNorm(on: lattice, dimension: dimension)
  }

  /// Units whose contributions can change.
  private var sensitivityInUnits: Double {
    switch settings.adjacency {
    case .addOrRemove: 1
    case .replaceOne: 2
    }
  }

  /// Who adds which noise to the sum of a round, and what the ledger says of it.
  /// - Parameter lattice: the lattice that updates are on.
  package func guarantee(on lattice: Lattice) throws -> Guarantee {
    let wording = Guarantee.Wording(terms, spacing: lattice.spacing, isAttained: isAttained(on: lattice))
    let sensitivity = sensitivity(on: lattice)
    switch settings.trust {
    case .central:
      // The count is Σ ±1, twice the centred count of updates within the norm: one unit moves it by 1, or by 2 when it is
      // replaced.
      let count = countNoiseMultiplier.map { (multiplier: $0, sensitivity: sensitivityInUnits) }
      return .server(
        IndependentGaussian(multiplier: noiseMultiplier, sensitivity: sensitivity, count: count), wording)
    case .local:
      let kind: ClientNoise.Kind =
        switch settings.mechanism {
        case .gaussian: .gaussian
        case .laplace: .laplace
        }
      return .clients(ClientNoise(kind: kind, multiplier: noiseMultiplier, sensitivity: sensitivity), wording)
    }
  }

  /// The clipping norm after a round.
  /// - Parameter signed: the noisy Σ ±1 over the updates within (+1) and beyond (−1) the norm; nil: it stays as it is.
  package func nextClippingNorm(_ norm: Double, signed: Double?) -> Double {
    guard let adaptive = settings.adaptiveClipping, let signed else { return norm }
    let share = 0.5 + signed / 2 / expectedUnits
    let next = norm * deterministicExp(-adaptive.learningRate * (share - adaptive.quantile))
    return max(AdaptiveClipping.norms.lowerBound, min(next, AdaptiveClipping.norms.upperBound))
  }

  /// What the ledger says of every release.
  private var terms: ReleaseTerms {
    let groups: [ReleaseTerms.Group]
    if let tiers = settings.tiers, let tierRates {
      groups = zip(tiers.tiers, tierRates).filter { $0.1 > 0 }.map {
        ReleaseTerms.Group(tier: $0.name, sampling: .poisson(rate: $1))
      }
    } else {
      groups = [ReleaseTerms.Group(sampling: Self.sampling(settings, training.cohort, clients: clients))]
    }
    return ReleaseTerms(
      unit: settings.unit.rawValue, adjacency: settings.adjacency, release: release, groups: groups)
  }

  /// Clients counted by tier, as the ledger's groups are: without the tiers that are never asked.
  func byGroup(_ counts: [Int]) -> [Int] {
    guard let tierRates else { return counts }
    return zip(counts, tierRates).filter { $0.1 > 0 }.map(\.0)
  }

  /// How the clients of each tier are sampled; nil without tiers.
  var tierSampling: (tiers: Tiers, rates: [Double])? {
    guard let tiers = settings.tiers, let tierRates else { return nil }
    return (tiers, tierRates)
  }

  /// What a round releases, for an auditor.
  private var release: String {
    switch (settings.trust, settings.unit) {
    case (.local, _): "clipped update with the client's own noise"
    case (.central, .example): "sum of clipped gradients"
    case (.central, .client):
      countNoiseMultiplier == nil ? "sum of clipped updates" : "sum of clipped updates, and count within the norm"
    }
  }

  /// ε of a ledger at the scenario's δ, by the scenario's accountant.
  package func epsilon(of ledger: [LedgerEntry]) throws -> EpsilonBracket {
    try LedgerEntry.epsilon(
      of: ledger, adjacency: settings.adjacency, delta: settings.delta,
      accountant: settings.accountant.accountant)
  }

  /// ε of one tier's clients.
  package func epsilon(of ledger: [LedgerEntry], tier: String) throws -> EpsilonBracket {
    try epsilon(of: ledger.filter { $0.tier == tier })
  }

  private static func event(
    _ settings: Privacy, _ cohort: Cohort, clients: Int, noiseMultiplier: Double
  ) -> PrivacyEvent {
    let noise: PrivacyEvent =
      switch settings.mechanism {
      case .gaussian: .gaussian(noiseMultiplier: noiseMultiplier)
      case .laplace: .pure(epsilon: 1 / noiseMultiplier)
      }
    return sampling(settings, cohort, clients: clients).event(of: noise)
  }

  /// Who is in a release.
  private static func sampling(_ settings: Privacy, _ cohort: Cohort, clients: Int) -> ReleaseTerms.Sampling {
    if let rate = settings.exampleSampling?.rate { return .poisson(rate: rate) }
    return switch (settings.trust, cohort.sampling) {
    case (.local, _), (_, .full): .everyone
    case (.central, .poisson): .poisson(rate: cohort.samplingRate(clients: clients))
    case (.central, .fixedSize): .fixedSize(sample: cohort.expectedSize, population: clients)
    }
  }
}
