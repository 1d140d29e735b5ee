import DifferentialPrivacy
import NumericalCore
import Scenarios

/// The noise of a run, fixed before its first round, and what each round's releases are called in the ledger.
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
      // Without trust in the coordinator nothing is amplified by sampling: it sees who takes part.
      let releases =
        settings.trust == .local ? Participations.most(sampler, rounds: training.rounds) : training.rounds
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

  /// The noise multiplier of the sum alone. The sum with z_Δ and the count with c are one Gaussian mechanism with
  /// z^−2 = z_Δ^−2 + c^−2 (Andrew et al. 2021, theorem 1).
  private var sumNoiseMultiplier: Double {
    guard let countNoiseMultiplier else { return noiseMultiplier }
    let (z, c) = (noiseMultiplier, countNoiseMultiplier)
    return 1 / (1 / (z * z) - 1 / (c * c)).squareRoot()
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
    guard deviation(on: lattice) < GaussianLatticeNoise.largestDeviation else {
      throw AccountingError.invalidEvent(excess(of: sensitivity))
    }
    guard settings.trust == .local else { return }
    let largestCohort = 2 * Double(training.cohort.expectedSize) + 100
    // A Laplace sample beyond 51 scales has a probability below 10⁻²².
    let reach = settings.mechanism == .laplace ? 51.0 : 9
    guard largestCohort * (lattice.stepsPerNorm + reach * deviation(on: lattice)) < 0x1p52 else {
      throw AccountingError.invalidEvent(
        "noise multiplier \(noiseMultiplier) from each of \(training.cohort.expectedSize) clients is too much for exact sums; raise privacy.epsilon, or lower privacy.noiseMultiplier or training.cohort.expectedSize"
      )
    }
  }

  /// Which key asks for more noise than fits, and what is allowed.
  /// - Parameter sensitivity: in lattice steps, the largest of any round.
  private func excess(of sensitivity: Double) -> String {
    let largest = GaussianLatticeNoise.largestDeviation / sensitivity
    if let countNoiseMultiplier, noiseMultiplier < largest {
      let least = 1 / (1 / (noiseMultiplier * noiseMultiplier) - 1 / (largest * largest)).squareRoot()
      return
        "privacy.adaptiveClipping.countNoiseMultiplier is \(countNoiseMultiplier), so near to the noise multiplier \(noiseMultiplier) that the sum alone would need a noise multiplier of \(sumNoiseMultiplier); allowed: above \(least)"
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
    let isLocal = settings.trust == .local
    // Where all rounds are within it there is nothing to search for.
    let all = isLocal ? Participations.most(sampler, rounds: training.rounds) : training.rounds
    let whole = try accountant.upperBound(
      of: [RepeatedEvent(event, count: all)], adjacency: settings.adjacency, delta: settings.delta)
    if whole <= budget { return training.rounds }
    let releases = try Calibration.rounds(
      epsilon: budget, delta: settings.delta, adjacency: settings.adjacency, accountant: accountant
    ) { [RepeatedEvent(event, count: $0)] }
    return isLocal ? Participations.rounds(sampler, within: releases, of: training.rounds) : releases
  }

  /// How far one unit can move the sum of updates, in lattice steps: the longest update, which is C or, with random
  /// rounding, longer, when a unit is added or removed; twice that when it is replaced (or when it changes who else is
  /// sampled, which fixed-size sampling is only used with replacement for).
  private func sensitivity(on lattice: Lattice) -> Double {
    sensitivityInUnits * training.compression.largestNorm(on: lattice, dimension: dimension)
  }

  /// Units whose contributions can change.
  private var sensitivityInUnits: Double { settings.adjacency == .replaceOne ? 2 : 1 }

  /// The noise of one round, or with local trust that of one client: its standard deviation, or Laplace scale.
  /// - Parameter lattice: the lattice that updates are on.
  package func noise(on lattice: Lattice) -> GaussianLatticeNoise {
    GaussianLatticeNoise(standardDeviation: deviation(on: lattice))
  }

  /// In lattice steps; not a finite number where the count takes all but nothing of the noise.
  private func deviation(on lattice: Lattice) -> Double { sumNoiseMultiplier * sensitivity(on: lattice) }

  /// The noise on twice the centred count of updates within the norm, Σ ±1, which one unit moves by 1 (by 2 when it is
  /// replaced); nil without adaptive clipping.
  package var countNoise: GaussianLatticeNoise? {
    countNoiseMultiplier.map { GaussianLatticeNoise(standardDeviation: $0 * sensitivityInUnits) }
  }

  /// The clipping norm after a round.
  /// - Parameter signed: the noisy Σ ±1 over the updates within (+1) and beyond (−1) the norm.
  package func nextClippingNorm(_ norm: Double, signed: Double) -> Double {
    guard let adaptive = settings.adaptiveClipping else { return norm }
    let share = 0.5 + signed / 2 / expectedUnits
    let next = norm * deterministicExp(-adaptive.learningRate * (share - adaptive.quantile))
    return max(AdaptiveClipping.norms.lowerBound, min(next, AdaptiveClipping.norms.upperBound))
  }

  /// The ledger's entries for a round in which `noise` was added: one for the sum, or with local trust one for each
  /// client that took part.
  /// - Parameters:
  ///   - sent: the clients whose update left them.
  ///   - summed: clients in the sum, by tier, or in all.
  package func entries(
    round: Int, sent: [UInt32], summed: [Int], noise: GaussianLatticeNoise, lattice: Lattice
  ) -> [LedgerEntry] {
    let scale = noise.standardDeviation * lattice.spacing
    let deviation = settings.mechanism == .laplace ? scale * 2.0.squareRoot() : scale
    let sensitivity = sensitivity(on: lattice) * lattice.spacing
    var multiplier = scale / sensitivity
    if let countNoiseMultiplier {
      multiplier =
        1 / (1 / (multiplier * multiplier) + 1 / (countNoiseMultiplier * countNoiseMultiplier)).squareRoot()
    }
    // Dividing out what was multiplied in can cost the last digits; the number that was calibrated is meant.
    if abs(multiplier - noiseMultiplier) <= 1e-12 * noiseMultiplier { multiplier = noiseMultiplier }
    let event = Self.event(settings, training.cohort, clients: clients, noiseMultiplier: multiplier)
    func entry(client: Int? = nil, tier: (name: String, rate: Double)? = nil, clients: Int) -> LedgerEntry {
      LedgerEntry(
        round: round, client: client, tier: tier?.name,
        event: tier.map { .poissonSampledGaussian(samplingRate: $0.rate, noiseMultiplier: multiplier) } ?? event,
        adjacency: settings.adjacency,
        unit: settings.unit.rawValue, sensitivity: sensitivity, noiseStandardDeviation: deviation,
        countNoiseMultiplier: countNoiseMultiplier, release: release, clients: clients,
        isAttained: isAttained(on: lattice))
    }
    if let tiers = settings.tiers, let tierRates {
      return tiers.tiers.indices.filter { tierRates[$0] > 0 }.map {
        entry(tier: (tiers.tiers[$0].name, tierRates[$0]), clients: summed[$0])
      }
    }
    return settings.trust == .local
      ? sent.map { entry(client: Int($0), clients: 1) } : [entry(clients: summed.reduce(0, +))]
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
    if settings.mechanism == .laplace {
      // A vector of discrete Laplace noise of scale b on an L1 sensitivity of Δ is purely Δ/b-differentially private.
      return .pure(epsilon: 1 / noiseMultiplier)
    }
    if let rate = settings.exampleSampling?.rate {
      return .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: noiseMultiplier)
    }
    return switch (settings.trust, cohort.sampling) {
    case (.local, _), (_, .full): .gaussian(noiseMultiplier: noiseMultiplier)
    case (.central, .poisson):
      .poissonSampledGaussian(
        samplingRate: cohort.samplingRate(clients: clients), noiseMultiplier: noiseMultiplier)
    case (.central, .fixedSize):
      .fixedSizeSampledGaussian(
        sample: cohort.expectedSize, population: clients, noiseMultiplier: noiseMultiplier)
    }
  }
}
