import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Recommender
import Releases
import Scenarios

/// Where a run stands, for a progress line.
package struct RunProgress: Sendable {
  /// Rounds done, and to be done.
  package let round: Int
  package let rounds: Int
  /// Of the latest evaluation; nil where it has no value.
  package let auc: Double?
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

  /// ε and the norms of updates are looked at about this many times along the way.
  private static let diagnosticPoints = 25

  /// Prepares a run and calibrates its noise.
  /// - Throws: `AccountingError` when the guarantee asked for cannot be had.
  package init(_ scenario: Scenario, options: RunOptions) throws {
    self.scenario = scenario
    self.options = options
    plan = try scenario.privacy.map {
      try PrivacyPlan(
        $0, training: scenario.training, clients: scenario.population.clients, dimension: scenario.dimension,
        seed: scenario.seed, faults: scenario.faults, longestContribution: scenario.longestContribution)
    }
    rounds = min(scenario.training.rounds, try plan?.roundsWithinBudget() ?? .max)
  }

  /// Runs all rounds.
  /// - Parameters:
  ///   - pool: where the workers are; they go on running afterwards.
  ///   - checkpoint: where to go on; nil starts at the first round.
  ///   - keeper: writes checkpoints; nil for none.
  ///   - log: where the ledger's lines go while the run goes on; nil: nowhere.
  ///   - progress: called after every round.
  /// - Throws: `CoordinatorError`, and what the keeper and the log throw. A stop asked for by the user is not an error once
  ///   a round is done: the result then says that it is partial.
  package func run(
    on pool: WorkerPool, from checkpoint: Checkpoint? = nil, keeper: CheckpointKeeper? = nil,
    log: (any LedgerLog)? = nil, progress: (RunProgress) -> Void = { _ in }
  ) throws -> RunResult {
    let stopwatch = Stopwatch(secondsBefore: checkpoint?.wallSeconds ?? 0)
    let restartsBefore = pool.restarts
    let readiness = try pool.configure(
      options.configurations(for: scenario), timeout: scenario.faults?.workers?.timeoutSeconds)
    let dataDigest = readiness.dataDigest.isEmpty ? nil : SHA256.hexadecimal(readiness.dataDigest)
    try checkpoint?.check(data: dataDigest)
    let model = ServerModel(
      dimension: scenario.dimension, settings: scenario.training.server, l2: scenario.training.l2,
      rounds: scenario.training.rounds)
    let untrained = try pool.metrics(.sharedPart, weights: model.broadcastWeights)
    let best = readiness.knowsTruth ? try pool.metrics(.truth, weights: []) : nil
    let popularity = readiness.knowsPopularity ? try pool.metrics(.popularity, weights: []) : nil

    var state = try RunState(
      model: model, latest: untrained, clippingNorm: scenario.lattice.clippingNorm,
      opening: LedgerOpening(scenario, noise: options.noiseSource.noise(seed: scenario.seed)), from: checkpoint,
      log: log)
    let training = Rounds(
      scenario, plan: plan, noiseSource: options.noiseSource, realClients: readiness.trainingClients,
      keys: try DrawKeys(of: scenario, clients: readiness.trainingClients, pool: pool))
    let saver = CheckpointSaver(keeper) { state, mark in
      state.checkpoint(at: mark, scenario, dataDigest: dataDigest, wallSeconds: stopwatch.seconds)
    }
    var status = try train(training, &state, pool: pool, saver: saver, progress: progress)

    let privacy = try plan.map {
      RunResult.PrivacyOutcome(
        epsilon: try $0.epsilon(of: state.ledger.progress.entries), noiseMultiplier: $0.noiseMultiplier)
    }
    var (findings, sharedPart) = (RunResult.Findings(), EvaluationMetrics?.none)
    do { (findings, sharedPart) = try findOut(status, state, privacy, pool) } catch CoordinatorError.interrupted {
      status = .interrupted
      try saver.save(state)
    }
    let metrics = RunResult.Metrics(
      untrained: untrained, final: state.counts.latest, sharedPart: sharedPart, bestReachable: best,
      popularity: popularity)
    let closed = try state.ledger.closed()
    return RunResult(
      status: status, rounds: state.records, metrics: metrics, findings: findings, closedLedger: closed,
      privacy: privacy, weights: state.model.weights,
      digest: try RunDigest.of(
        weights: state.model.weights, rounds: state.records, metrics: metrics, findings: findings, ledger: closed),
      population: RunResult.Population(readiness, dataDigest: dataDigest, state.counts.fewestClientsInASum),
      execution: RunResult.Execution(
        noiseSource: options.noiseSource, workers: pool.count, workerRestarts: pool.restarts - restartsBefore,
        timing: RunResult.Timing(
          wallSeconds: stopwatch.seconds, trainingSeconds: state.counts.trainingSeconds,
          clientUpdates: state.counts.clientUpdates),
        peakMemory: pool.peakMemory))
  }

  /// Runs the rounds that are left.
  /// - Throws: `CoordinatorError.interrupted` when the user stops the run before its first round is done.
  private func train(
    _ training: Rounds, _ state: inout RunState, pool: WorkerPool, saver: CheckpointSaver,
    progress: (RunProgress) -> Void
  ) throws -> RunResult.Status {
    saver.note(state)
    do {
      for number in stride(from: state.records.count + 1, through: rounds, by: 1) {
        try runRound(number, training, &state, pool: pool)
        progress(
          RunProgress(
            round: number, rounds: rounds, auc: state.counts.latest.auc,
            epsilon: state.counts.latestEpsilon?.upper))
        saver.note(state)
        if number < rounds { try saver.saveIfDue(state, round: number) }
      }
    } catch CoordinatorError.interrupted where !state.records.isEmpty {
      try saver.save(state)
      return .interrupted
    }
    return rounds < scenario.training.rounds ? .budgetReached : .finished
  }

  /// What is looked at once the model is trained. Workers of an interrupted run are not asked again.
  private func findOut(
    _ status: RunResult.Status, _ state: RunState, _ privacy: RunResult.PrivacyOutcome?, _ pool: WorkerPool
  ) throws -> (RunResult.Findings, sharedPart: EvaluationMetrics?) {
    switch status {
    case .interrupted: return (RunResult.Findings(), nil)
    case .finished, .budgetReached: break
    }
    var findings = RunResult.Findings()
    findings.tiers = try tierResults(state, pool: pool)
    findings.traffic = try updates(after: state.records.count, state, pool).bytes.map {
      RunResult.Traffic(bytesDown: scenario.dimension * MemoryLayout<Float>.stride, bytesUp: $0)
    }
    let sharedPart =
      scenario.training.personalisation == nil
      ? nil : try pool.metrics(.sharedPart, weights: state.model.broadcastWeights)
    findings.linkage = try linkageRates(state, privacy, pool)
    // Generated features have one scale.
    if case .files = scenario.population {
      findings.outweighingFeature = try pool.ask(FeatureProbe(dimension: scenario.dimension))
    }
    if options.diagnoses { findings.sizeGroups = try pool.sizeGroups(weights: state.model.broadcastWeights) }
    return (findings, sharedPart)
  }

  /// ε and accuracy of each tier at the end.
  private func tierResults(_ state: RunState, pool: WorkerPool) throws -> [RunResult.TierResult] {
    guard let plan, let (tiers, rates) = plan.tierSampling else { return [] }
    return try tiers.tiers.indices.map { index in
      let tier = tiers.tiers[index]
      return RunResult.TierResult(
        name: tier.name, share: tier.share, target: tier.epsilon, samplingRate: rates[index],
        epsilon: try plan.epsilon(of: state.ledger.progress.entries, tier: tier.name),
        metrics: try pool.metrics(.model, weights: state.model.broadcastWeights, slice: .tier(index)))
    }
  }

  /// One round and, where it is due, the evaluation after it. A round that was trained is always recorded, also
  /// when the evaluation after it is interrupted: its release has happened.
  private func runRound(
    _ number: Int, _ rounds: Rounds, _ state: inout RunState, pool: WorkerPool
  ) throws {
    if pool.shouldStop() { throw CoordinatorError.interrupted }
    let stopwatch = Stopwatch()
    let clippingNorm = state.counts.clippingNorm
    let outcome = try rounds.run(
      number, clippingNorm: clippingNorm, cohort: state.nextCohort, &state.model, ledger: &state.ledger, pool: pool)
    state.nextCohort = outcome.nextCohort
    state.counts.clippingNorm = outcome.nextClippingNorm
    state.counts.trainingSeconds += stopwatch.seconds
    state.counts.clientUpdates += outcome.trained
    (state.counts.contacted, state.counts.unsent) = (state.ledger.progress.contacts, state.ledger.progress.unsent)
    if let covered = outcome.fewestClientsInASum {
      state.counts.fewestClientsInASum = min(state.counts.fewestClientsInASum ?? covered, covered)
    }

    var metrics: EvaluationMetrics?
    var epsilon: EpsilonBracket?
    var norms: RunResult.UpdateNorms?
    defer {
      state.records.append(
        RunResult.RoundRecord(
          round: number, cohortSize: outcome.cohortSize, lostClients: outcome.lost,
          clippingNorm: plan == nil ? nil : clippingNorm,
          metrics: metrics, epsilon: epsilon, norms: norms,
          fingerprint: options.fingerprints ? fingerprint(state.model.weights) : nil))
    }
    guard number % scenario.evaluateEvery == 0 || number == self.rounds else { return }
    if options.diagnoses, let plan,
      number == self.rounds || number - state.counts.lastEpsilonRound >= self.rounds / Self.diagnosticPoints
    {
      epsilon = try plan.epsilon(of: state.ledger.progress.entries)
      state.counts.latestEpsilon = epsilon
      state.counts.lastEpsilonRound = number
    }
    let evaluated = try pool.metrics(.model, weights: state.model.broadcastWeights)
    metrics = evaluated
    state.counts.latest = evaluated
    if options.diagnoses,
      number == self.rounds || number - state.counts.lastNormRound >= self.rounds / Self.diagnosticPoints
    {
      norms = try updates(after: number, state, pool).norms
      state.counts.lastNormRound = number
    }
  }

  /// How an attacker fares against what the run releases; nil where nobody attacks.
  private func linkageRates(
    _ state: RunState, _ privacy: RunResult.PrivacyOutcome?, _ pool: WorkerPool
  ) throws -> LinkageRates? {
    guard let linkage = scenario.linkage else { return nil }
    var bound: Double?
    // A guarantee for examples says nothing about clients.
    if let privacy, let settings = scenario.privacy, settings.unit == .client {
      bound = identificationBound(
        among: linkage.candidates, epsilon: privacy.epsilon.upper, delta: settings.delta,
        adjacency: settings.adjacency)
    }
    return try pool.ask(LinkageProbe(weights: state.model.broadcastWeights)).rates(
      candidates: linkage.candidates, bound: bound)
  }

  /// The updates that held-out clients would send after a round.
  private func updates(
    after round: Int, _ state: RunState, _ pool: WorkerPool
  ) throws -> (norms: RunResult.UpdateNorms?, bytes: Double?) {
    try pool.ask(
      UpdateProbe(
        round: round, clippingNorm: plan == nil ? nil : state.counts.clippingNorm,
        weights: state.model.broadcastWeights))
  }
}
