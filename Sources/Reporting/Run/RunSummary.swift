import Coordinator
import Recommender
import Scenarios

/// The short table at the end of a run.
package struct RunSummary {
  private let scenario: Scenario
  private let result: RunResult
  private let sideBySide: [SideBySide]
  /// Of the data, with exact numbers.
  let dataWarnings: [String]

  package init(_ document: RunDocument) {
    scenario = document.scenario
    result = document.result
    sideBySide = document.sideBySide
    dataWarnings = document.dataWarnings
  }

  /// The summary as plain text of a few lines.
  /// - Parameter folder: where the files are.
  package func text(folder: String) -> String {
    var lines = [headline, ""]
    lines += metricsTable
    lines += ["", verdict, ""]
    lines.append("privacy   " + privacy)
    if let settings = scenario.privacy {
      let sampling = settings.secretSampling(scenario.training.cohort)
      lines.append("holds     " + result.execution.noiseSource.holds(sampling: sampling))
    }
    for other in sideBySide { lines.append("          " + other.text) }
    for tier in result.findings.tiers {
      let paid =
        tier.target == nil
        ? "opted out, never contacted"
        : "ε ≤ \(Number.fixed(tier.epsilon.upper, 3)), sampling rate \(Number.significant(tier.samplingRate, 3))"
      lines.append(
        "  tier    \(tier.name): \(Number.percent(tier.share)) of clients, \(paid); AUC \(Number.fixed(tier.metrics.auc, 4))"
      )
    }
    if let traffic { lines.append("traffic   " + traffic) }
    lines.append(
      "speed     \(Number.count(result.execution.timing.clientUpdatesPerSecond)) client updates per second with \(result.execution.workers) \(result.execution.workers == 1 ? "worker" : "workers"); \(Number.fixed(result.execution.timing.wallSeconds, 1)) s in all"
    )
    for warning in warnings { lines.append("warning   " + warning) }
    lines += exactCounts
    if result.execution.workerRestarts > 0 {
      lines.append("workers   restarted \(result.execution.workerRestarts) times; \(restarts)")
    }
    lines.append("digest    \(result.digest.prefix(16))…")
    lines.append("report    \(folder)/report.html")
    return lines.joined(separator: "\n") + "\n"
  }

  private var restarts: String {
    switch (scenario.privacy?.trust, result.execution.noiseSource) {
    case (.local, .secure): "updates that may have been sent twice are in the ledger twice"
    case (_, .secure), (_, .seeded): "the result is the same"
    }
  }

  /// What is counted exactly, and said to be.
  private var exactCounts: [String] {
    var lines: [String] = []
    if let lost = lostClients { lines.append("lost      " + lost) }
    if let linkage { lines.append("linkage   " + linkage) }
    if result.population.skippedClients > 0 { lines.append("skipped   " + skipped) }
    if lines.isEmpty || scenario.privacy == nil { return lines }
    let names = lines.map { $0.prefix { $0 != " " } }.joined(separator: ", ")
    return lines + ["exact     \(names): counted exactly, which no guarantee covers"]
  }

  private var headline: String {
    let done = result.rounds.count
    let planned = scenario.training.rounds
    let rounds =
      switch result.status {
      case .finished: "\(done) rounds"
      case .budgetReached: "stopped after \(done) of \(planned) rounds: the next would exceed the privacy budget"
      case .interrupted: "INTERRUPTED after \(done) of \(planned) rounds: partial results"
      }
    return "\(scenario.name), seed \(scenario.seed): \(rounds)"
  }

  private var metricsTable: [String] {
    ([[""] + Metric.allCases.map(\.shortTitle)] + MetricsTable(result).rows).map { row in
      row[0].padded(to: 16) + row.dropFirst().map { $0.leftPadded(to: 10) }.joined()
    }
  }

  /// What the numbers mean, in one sentence.
  var verdict: String {
    let (name, other) =
      result.metrics.popularity.map { ("popularity", $0.auc) } ?? ("untrained", result.metrics.untrained.auc)
    guard let auc = result.metrics.final.auc, let base = other else {
      return "The model's AUC has no value on these held-out clients."
    }
    let gain = auc - base
    let comparison =
      gain >= 0
      ? "The model's AUC is \(Number.fixed(gain, 4)) above the \(name) baseline"
      : "The model's AUC is \(Number.fixed(-gain, 4)) BELOW the \(name) baseline"
    guard let best = result.metrics.bestReachable?.auc, best > base, gain > 0 else { return comparison + "." }
    return comparison + ": \(Number.percent(gain / (best - base))) of the way to the best reachable."
  }

  /// AUC above that of the untrained model, for each thousand bytes that a client sends in a round; nil where that was not
  /// measured, or nothing is sent.
  var gainPerKilobyte: Double? {
    guard let up = result.findings.traffic?.bytesUp, up > 0, let auc = result.metrics.final.auc,
      let untrained = result.metrics.untrained.auc
    else { return nil }
    return (auc - untrained) / (up / 1000)
  }

  /// What a client gets and sends in a round, in words.
  var traffic: String? {
    guard let traffic = result.findings.traffic else { return nil }
    let gain = gainPerKilobyte.map { "; AUC gained for each kB sent: \(Number.significant($0, 3))" } ?? ""
    return
      "\(Number.count(Double(traffic.bytesDown))) bytes down and \(Number.count(traffic.bytesUp)) up, a client and round\(gain)"
  }

  /// How many clients faults have cost, in words; nil where nothing goes wrong.
  var lostClients: String? {
    guard scenario.faults != nil else { return nil }
    let lost = result.rounds.reduce(0) { $0 + $1.lostClients }
    let sampled = result.rounds.reduce(0) { $0 + $1.cohortSize }
    return "\(Number.count(Double(lost))) of \(Number.count(Double(sampled))) participations are in no sum"
  }

  /// Clients that are left out, in words.
  var skipped: String {
    "\(result.population.skippedClients) clients \(scenario.anonymisation == nil ? "without examples" : "with rare quasi-identifiers")"
  }

  /// How an attacker fares, in words; nil where nobody attacks.
  var linkage: String? {
    guard let rates = result.findings.linkage else { return nil }
    let rows = rates.linked.map { "\(Number.precisePercent($0)) linked to their row" } ?? "no rows to link"
    let bound = rates.bound.map { "at most \(Number.precisePercent($0)) by any attacker" } ?? "no bound"
    return
      "\(rows); \(Number.precisePercent(rates.told)) told from \(rates.candidates - 1) others (guessing: \(Number.precisePercent(1 / Double(rates.candidates))); \(bound))"
  }

  /// What a reader has to know before using the figures, a sentence each.
  var warnings: [String] { figureWarnings + dataWarnings }

  /// Those that say nothing of the data which is exact.
  var figureWarnings: [String] { [deltaWarning].compactMap { $0 } + MetricWarnings(result).sentences }

  /// A δ that says little, in words.
  private var deltaWarning: String? {
    let clients = scenario.population.clients
    guard let delta = scenario.privacy?.delta, delta * Double(clients) > 1 else { return nil }
    return
      "δ = \(Number.significant(delta, 3)) is above one over the number of clients: publishing one client's data as it is could have this δ"
  }

  private var privacy: String {
    guard let settings = scenario.privacy, let outcome = result.privacy else { return "no privacy guarantee" }
    let lower = outcome.epsilon.lower.map { ", at least \(Number.fixed($0, 3))" } ?? ""
    return
      "ε ≤ \(Number.fixed(outcome.epsilon.upper, 3))\(lower), at δ = \(Number.significant(settings.delta, 3)); "
      + "unit \(settings.unit.rawValue), \(settings.adjacency.rawValue), noise multiplier \(Number.fixed(outcome.noiseMultiplier, 4)) (\(settings.accountant.rawValue))"
  }
}
