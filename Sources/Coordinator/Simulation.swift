import DifferentialPrivacy
import FederationProtocol
import Recommender
import Scenarios

/// Where a run stands, for a progress line.
package struct RunProgress: Sendable {
  /// Rounds done, and to be done.
  package let round: Int
  package let rounds: Int
  /// Of the latest evaluation.
  package let auc: Double
  /// Of the latest computation; nil without privacy.
  package let epsilon: Double?
}

/// Runs a scenario from its first round to its last.
package struct Simulation {
  private let scenario: Scenario
  private let options: RunOptions
  private let plan: PrivacyPlan?
  /// The rounds that will be run: the scenario's, or as many as its privacy budget allows.
  private let rounds: Int

  /// ε is computed along the way at about this many rounds.
  private static let epsilonPoints = 25

  /// Prepares a run and calibrates its noise.
  /// - Throws: `AccountingError` when the guarantee asked for cannot be had.
  package init(_ scenario: Scenario, options: RunOptions) throws {
    self.scenario = scenario
    self.options = options
    plan = try scenario.privacy.map {
      try PrivacyPlan(
        $0, training: scenario.training, clients: scenario.population.clients,
        seed: scenario.seed)
    }
    rounds = min(scenario.training.rounds, try plan?.roundsWithinBudget() ?? .max)
  }

  /// Runs all rounds.
  /// - Parameter progress: called after every round.
  /// - Throws: `CoordinatorError`. A stop asked for by the user is not an error once a round is done: the
  ///   result then says that it is partial.
  package func run(progress: (RunProgress) -> Void = { _ in }) throws -> RunResult {
    let clock = ContinuousClock()
    let start = clock.now
    let pool = WorkerPool(
      options.workerCommand, configurations: try configurations(), shouldStop: options.shouldStop,
      recorder: options.recorder)
    defer { pool.stop() }
    let readiness = try pool.start()

    let model = ServerModel(
      dimension: scenario.dimension, settings: scenario.training.server, l2: scenario.training.l2,
      rounds: scenario.training.rounds)
    let untrained = try pool.metrics(.model, weights: model.broadcastWeights)
    let best = readiness.knowsTruth ? try pool.metrics(.truth, weights: []) : nil
    let popularity = readiness.knowsPopularity ? try pool.metrics(.popularity, weights: []) : nil

    var state = RunState(
      model: model, latest: untrained, clippingNorm: scenario.lattice.clippingNorm)
    var status = rounds < scenario.training.rounds ? RunResult.Status.budgetReached : .finished
    do {
      for number in 1...rounds {
        try runRound(number, &state, pool: pool, realClients: readiness.trainingClients, clock: clock)
        progress(
          RunProgress(
            round: number, rounds: rounds, auc: state.latest.auc,
            epsilon: state.latestEpsilon?.upper))
      }
    } catch CoordinatorError.interrupted where !state.records.isEmpty {
      status = .interrupted
    }

    let privacy = try plan.map {
      RunResult.PrivacyOutcome(
        epsilon: try $0.epsilon(of: state.ledger), noiseMultiplier: $0.noiseMultiplier)
    }
    // Workers of an interrupted run are not asked again.
    var tiers: [RunResult.TierResult] = []
    if status != .interrupted {
      do { tiers = try tierResults(state, pool: pool) } catch CoordinatorError.interrupted { status = .interrupted }
    }
    return RunResult(
      status: status, rounds: state.records, untrained: untrained, final: state.latest, bestReachable: best,
      popularity: popularity, tiers: tiers, ledger: state.ledger, privacy: privacy, weights: state.model.weights,
      digest: runDigest(weights: state.model.weights, rounds: state.records, ledger: state.ledger),
      fewestClientsInASum: state.fewestClientsInASum, skippedClients: readiness.skippedClients,
      noiseSource: options.noiseSource, workers: pool.count, workerRestarts: pool.restarts,
      timing: RunResult.Timing(
        wallSeconds: (clock.now - start).seconds, trainingSeconds: state.training.seconds,
        clientUpdates: state.clientUpdates))
  }

  private var tierSampling: (tiers: Tiers, rates: [Double])? {
    guard let tiers = scenario.privacy?.tiers, let rates = plan?.tierRates else { return nil }
    return (tiers, rates)
  }

  /// ε and accuracy of each tier at the end.
  private func tierResults(_ state: RunState, pool: WorkerPool) throws -> [RunResult.TierResult] {
    guard let (tiers, rates) = tierSampling, let plan else { return [] }
    return try tiers.tiers.indices.map { index in
      let tier = tiers.tiers[index]
      return RunResult.TierResult(
        name: tier.name, share: tier.share, target: tier.epsilon, samplingRate: rates[index],
        epsilon: try plan.epsilon(of: state.ledger, tier: tier.name),
        metrics: try pool.metrics(.model, weights: state.model.broadcastWeights, tier: index))
    }
  }

  /// What changes from round to round.
  private struct RunState {
    var model: ServerModel
    var latest: EvaluationMetrics
    var latestEpsilon: EpsilonBracket?
    var records: [RunResult.RoundRecord] = []
    var ledger: [LedgerEntry] = []
    var fewestClientsInASum: Int?
    var clientUpdates = 0
    var training = Duration.zero
    var lastEpsilonRound = 0
    /// C of the next round.
    var clippingNorm: Double

    init(model: ServerModel, latest: EvaluationMetrics, clippingNorm: Double) {
      self.model = model
      self.latest = latest
      self.clippingNorm = clippingNorm
    }
  }

  /// One round and, where it is due, the evaluation after it. A round that was trained is always recorded, also
  /// when the evaluation after it is interrupted: its release has happened.
  private func runRound(
    _ number: Int, _ state: inout RunState, pool: WorkerPool, realClients: Int, clock: ContinuousClock
  ) throws {
    if options.shouldStop() { throw CoordinatorError.interrupted }
    let round = Round(
      number: number,
      sampler: CohortSampler(
        settings: scenario.training.cohort, clients: scenario.population.clients, seed: scenario.seed,
        tiers: tierSampling),
      lattice: scenario.lattice(clippingNorm: state.clippingNorm),
      divisor: plan?.expectedUnits ?? Double(scenario.training.cohort.expectedSize), plan: plan,
      seed: scenario.seed, noiseSource: options.noiseSource, realClients: realClients)
    let start = clock.now
    let clippingNorm = state.clippingNorm
    let outcome = try round.run(&state.model, pool: pool)
    state.clippingNorm = outcome.nextClippingNorm
    state.training += clock.now - start
    state.clientUpdates += outcome.cohortSize
    state.ledger += outcome.ledgerEntries
    if let covered = outcome.fewestClientsInASum {
      state.fewestClientsInASum = min(state.fewestClientsInASum ?? covered, covered)
    }

    var metrics: EvaluationMetrics?
    var epsilon: EpsilonBracket?
    defer {
      state.records.append(
        RunResult.RoundRecord(
          round: number, cohortSize: outcome.cohortSize, clippingNorm: plan == nil ? nil : clippingNorm,
          metrics: metrics, epsilon: epsilon))
    }
    guard number % scenario.evaluateEvery == 0 || number == rounds else { return }
    if let plan, number == rounds || number - state.lastEpsilonRound >= rounds / Self.epsilonPoints {
      epsilon = try plan.epsilon(of: state.ledger)
      state.latestEpsilon = epsilon
      state.lastEpsilonRound = number
    }
    let evaluated = try pool.metrics(.model, weights: state.model.broadcastWeights)
    metrics = evaluated
    state.latest = evaluated
  }

  private func configurations() throws -> [WorkerConfiguration] {
    let text = [UInt8](try scenario.resolved.encoded(pretty: false))
    let localMultiplier = plan?.settings.trust == .local ? plan?.noiseMultiplier : nil
    return (0..<options.workers).map {
      WorkerConfiguration(
        worker: $0, workers: options.workers, cacheBytes: options.cacheBytes / options.workers, scenario: text,
        folder: options.folder, localNoiseMultiplier: localMultiplier ?? 0,
        secureNoise: options.noiseSource == .secure)
    }
  }
}

extension WorkerPool {
  /// Evaluates on all held-out clients.
  fileprivate func metrics(
    _ scorer: CoordinatorMessage.Scorer, weights: [Float], tier: Int? = nil
  ) throws -> EvaluationMetrics {
    let request = CoordinatorMessage.evaluate(scorer: scorer, tier: tier, weights: weights).frame
    let parts = try askAll((0..<count).map { (offset: $0, element: request) }) { answer in
      if case .evaluation(let values) = answer { EvaluationCounts(values: values) } else { nil }
    }
    var total = EvaluationCounts()
    for counts in parts { total.add(counts) }
    return EvaluationMetrics(total)
  }
}

extension Duration {
  /// The duration as a number of seconds.
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
