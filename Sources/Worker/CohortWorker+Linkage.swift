import ClientData
import FederationProtocol
import NumericalCore
import Recommender
import Scenarios

/// An attacker who tries to find clients in what the run releases. It is played inside the worker, which has all clients; only
/// how often it wins leaves it.
extension CohortWorker {
  /// Attacks this worker's part of the clients that are looked for.
  ///
  /// From a table the attacker picks one of the rows that fit what it knows, and names one of the candidates that some row
  /// fits. From a model it names the candidate on whose known examples the model's loss is least (Yeom et al. 2018, "Privacy
  /// risk in machine learning: analyzing the connection to overfitting", section 3.2, the loss as a membership test).
  /// - Parameter weights: the released model.
  /// - Throws: `WorkerFailure` when the scenario has no attack, or no quasi-identifiers.
  package func attack(weights: [Float]) throws -> LinkageCounts {
    guard let linkage = scenario.linkage, let market = source as? Market, weights.count == scenario.dimension else {
      throw WorkerFailure(reason: .scenarioNotUnderstood)
    }
    let table = ReleasedTable(market)
    let padded = padded(weights)
    var counts = LinkageCounts()
    for target in Swift.stride(from: configuration.worker, to: linkage.targets, by: configuration.workers) {
      let own = market.dossier(of: target, heldOut: false, knownExamples: linkage.knownExamples)
      let others = others(target, linkage)
      if let table {
        let rows = table.matches(own)
        let fitting = others.count {
          table.matches(market.dossier(of: $0, heldOut: true, knownExamples: linkage.knownExamples)) > 0
        }
        counts.record(
          rows: rows, isInTable: table.has(own),
          told: chance(rows > 0, among: fitting + (rows > 0 ? 1 : 0), of: linkage.candidates))
      } else {
        let loss = loss(market.trainingShard(target), own.examples, padded)
        let losses = others.map { other in
          self.loss(
            market.heldOutShard(other),
            market.dossier(of: other, heldOut: true, knownExamples: linkage.knownExamples).examples, padded)
        }
        let isLeast = losses.allSatisfy { loss <= $0 }
        counts.record(
          rows: nil, isInTable: false,
          told: chance(isLeast, among: isLeast ? 1 + losses.count { $0 == loss } : 1, of: linkage.candidates))
      }
    }
    return counts
  }

  /// The chance to name the right one of the candidates when one that stands out is named.
  /// - Parameter number: candidates that stand out; with none of them any is named.
  private func chance(_ standsOut: Bool, among number: Int, of candidates: Int) -> Double {
    if number == 0 { return 1 / Double(candidates) }
    return standsOut ? 1 / Double(number) : 0
  }

  /// The people beside a target who are not in the data: held-out clients, drawn without repetition.
  private func others(_ target: Int, _ linkage: Linkage) -> [Int] {
    var stream = RandomStream(seed: scenario.seed, purpose: .linkageCandidates, client: target)
    var drawn: [Int] = []
    while drawn.count < linkage.candidates - 1 {
      let other = stream.nextInteger(below: source.heldOutClients)
      if !drawn.contains(other) { drawn.append(other) }
    }
    return drawn
  }

  /// The mean log loss of some of a client's examples; 0 where nothing is known.
  private func loss(_ shard: ClientShard?, _ examples: [Int], _ weights: UnsafePointer<Float>) -> Double {
    guard let shard, !examples.isEmpty else { return 0 }
    let scores = modelScores(shard, weights: weights, withOwnPart: false)
    let labels = shard.labels
    return examples.reduce(0.0) { $0 + softplus(Double(labels[$1] > 0 ? -scores[$1] : scores[$1])) }
      / Double(examples.count)
  }
}
