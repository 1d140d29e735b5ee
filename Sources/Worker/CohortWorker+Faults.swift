import ClientData
import NumericalCore
import Scenarios

/// What clients and workers do wrong, where the scenario wants it.
extension CohortWorker {
  /// How a worker fails at a request.
  enum Failure {
    case crash, hang, garbage, slow
  }

  /// How this worker fails at a round's request, if it does. A process that took the place of one that failed draws
  /// anew, so that the request is answered in the end.
  func failure(round: Int) -> Failure? {
    guard let faults = scenario.faults?.workers else { return nil }
    let (worker, incarnation) = (configuration.worker, configuration.incarnation)
    var stream = RandomStream(
      seed: scenario.seed, purpose: .workerFault, round: round, client: worker << 16 | incarnation & 0xFFFF)
    let luck = stream.nextUniform()
    if luck < faults.crash { return .crash }
    if luck < faults.crash + faults.hang { return .hang }
    if luck < faults.crash + faults.hang + faults.garbage { return .garbage }
    return stream.nextUniform() < faults.slow ? .slow : nil
  }

  /// What becomes of a client in a round.
  func fate(_ client: Int, _ round: Int) -> Faults.Fate {
    scenario.faults?.fate(client: client, round: round, seed: scenario.seed) ?? .takesPart
  }

  /// What kind of client it is.
  func behaviour(_ client: Int) -> Faults.Behaviour {
    scenario.faults?.behaviour(client: client, seed: scenario.seed) ?? .honest
  }

  /// The same examples with every label turned around, until the next client.
  func withFlippedLabels(_ examples: ClientShard.Examples) -> ClientShard.Examples {
    workspace.labels.reserve(examples.labels.count)
    let flipped = UnsafeMutableBufferPointer(start: workspace.labels.pointer, count: examples.labels.count)
    for i in flipped.indices { flipped[i] = 1 - examples.labels[i] }
    return examples.with(labels: UnsafeBufferPointer(flipped))
  }

  /// Replaces an update by what a client of that kind sends. It is clipped like any other.
  func misbehave(
    _ behaviour: Faults.Behaviour, _ update: UnsafeMutablePointer<Float>, width: Int,
    touched: UnsafeBufferPointer<UInt32>?
  ) {
    guard let faults = scenario.faults else { return }
    let count = touched?.count ?? scenario.dimension
    switch behaviour {
    case .honest, .flippedLabels: break
    case .corrupted:
      for j in 0..<count { update[j] = faults.corruption == .nan ? .nan : 1e30 }
    case .byzantine:
      switch faults.attack {
      case .signFlip: for j in 0..<count { update[j] = -update[j] }
      case .scaled: for j in 0..<count { update[j] *= -Float(faults.scale) }
      case .drift:
        let signs = RandomStream(seed: scenario.seed, purpose: .attack)
        for j in 0..<count {
          let coordinate = touched.map { Int($0[j]) } ?? j
          update[j] = signs.normal(at: coordinate) < 0 ? -Float(faults.scale) : Float(faults.scale)
        }
      }
    }
  }
}
