import NumericalCore

/// What goes wrong in a run, seeded like everything else: clients are lost, lie or send nonsense, workers fail.
package struct Faults: Sendable, Equatable {
  /// What becomes of a client's participation in a round.
  package enum Fate: Sendable {
    case takesPart
    /// Lost before it did anything.
    case lostBeforeTraining
    /// It trained, and its update never left.
    case lostAfterTraining
    /// Its update came after the deadline: it was sent, and is not in the sum.
    case late
  }

  /// What kind of client one is, in all rounds.
  package enum Behaviour: Sendable {
    case honest
    /// It learns from labels turned around.
    case flippedLabels
    /// It sends something that is no update.
    case corrupted
    /// It sends what harms most.
    case byzantine
  }

  package enum Corruption: String, CaseIterable, Sendable {
    /// Not a number, in every coordinate.
    case nan
    /// 10³⁰ in every coordinate.
    case enormous
  }

  /// What Byzantine clients send instead of their update u.
  package enum Attack: String, CaseIterable, Sendable {
    /// −u.
    case signFlip = "sign-flip"
    /// −scale·u: as strong as many clients, where nothing is clipped.
    case scaled
    /// ±scale in every coordinate that the client touches, with signs that all attackers share.
    case drift
  }

  package struct Stragglers: Sendable, Equatable {
    let medianSeconds: Double
    let spread: Double
    let deadlineSeconds: Double
  }

  /// Probabilities that a worker fails at a round's request.
  package struct Workers: Sendable, Equatable {
    package let crash: Double
    package let hang: Double
    package let garbage: Double
    /// Probability that an answer comes in small pieces.
    package let slow: Double
    /// A worker that has not answered after this is replaced.
    package let timeoutSeconds: Double
  }

  /// Probability of being lost in a round.
  let lostBeforeTraining: Double
  let lostAfterTraining: Double
  let stragglers: Stragglers?
  /// Shares of all clients.
  let flippedLabels: Double
  let corrupted: Double
  let byzantine: Double
  package let corruption: Corruption
  package let attack: Attack
  package let scale: Double
  package let workers: Workers?

  init(_ reader: ObjectReader) {
    (lostBeforeTraining, lostAfterTraining) = reader.object("dropout", "clients that are lost in a round") {
      (
        $0.number("beforeTraining", 0...1, default: 0, "probability of being lost before anything is done"),
        $0.number("afterTraining", 0...1, default: 0, "probability of being lost with the update that was trained")
      )
    }
    stragglers = reader.optionalObject("stragglers", "clients that are too slow for a round") {
      Stragglers(
        medianSeconds: $0.number("medianSeconds", 1e-3...1e6, "median of the time that a client takes"),
        spread: $0.number("spread", 0...4, default: 0.5, "standard deviation of the logarithm of that time"),
        deadlineSeconds: $0.number("deadlineSeconds", 1e-3...1e6, "updates that come later are not in the sum"))
    }
    (flippedLabels, corrupted, byzantine, corruption, attack, scale) = reader.object(
      "clients", "clients that do not do what they should"
    ) { reader in
      let flipped = reader.number(
        "flippedLabels", 0...1, default: 0, "share of clients that learn from labels turned around")
      let corrupted = reader.number(
        "corrupted", 0...1, default: 0, "share of clients that send no update but nonsense")
      let byzantine = reader.number("byzantine", 0...1, default: 0, "share of clients that attack")
      if flipped + corrupted + byzantine > 1 {
        reader.problem("byzantine", "the shares add up to \(flipped + corrupted + byzantine); allowed: at most 1")
      }
      return (
        flipped, corrupted, byzantine,
        reader.choice("corruption", Corruption.self, default: .nan, "what corrupted clients send"),
        reader.choice("attack", Attack.self, default: .signFlip, "what byzantine clients send"),
        reader.number("scale", 1e-6...1e6, default: 10, "strength of the attacks scaled and drift")
      )
    }
    workers = reader.optionalObject("workers", "worker processes that fail; results do not depend on it") {
      reader in
      let workers = Workers(
        crash: reader.number("crash", 0...0.3, default: 0, "probability that a worker ends at a request"),
        hang: reader.number("hang", 0...0.3, default: 0, "probability that a worker never answers a request"),
        garbage: reader.number(
          "garbage", 0...0.3, default: 0, "probability that a worker answers with random bytes"),
        slow: reader.number(
          "slow", 0...1, default: 0, "probability that a worker sends its answer in small pieces"),
        timeoutSeconds: reader.number(
          "timeoutSeconds", 0.05...3600, default: 2, "a worker that has not answered after this is replaced"))
      if workers.crash + workers.hang + workers.garbage > 0.3 {
        reader.problem(
          "crash", "with hang and garbage is above 0.3; allowed: less, or requests fail five times in a row")
      }
      return workers
    }
  }

  /// Whether an update can be lost, or come too late.
  package var losesUpdates: Bool { lostBeforeTraining > 0 || lostAfterTraining > 0 || stragglers != nil }

  /// Whether a client can do something else than its examples say.
  package var hasMisbehavingClients: Bool { flippedLabels + corrupted + byzantine > 0 }

  /// What becomes of a client in a round.
  package func fate(client: Int, round: Int, seed: UInt64) -> Fate {
    var stream = RandomStream(seed: seed, purpose: .fate, round: round, client: client)
    let luck = stream.nextUniform()
    if luck < lostBeforeTraining { return .lostBeforeTraining }
    if let stragglers,
      stream.nextLogNormal(median: stragglers.medianSeconds, spread: stragglers.spread) > stragglers.deadlineSeconds
    {
      return .late
    }
    // The rest of the luck, so that both probabilities are what they say.
    return luck < lostBeforeTraining + (1 - lostBeforeTraining) * lostAfterTraining
      ? .lostAfterTraining : .takesPart
  }

  /// What kind of client one is.
  package func behaviour(client: Int, seed: UInt64) -> Behaviour {
    if flippedLabels + corrupted + byzantine == 0 { return .honest }
    var stream = RandomStream(seed: seed, purpose: .behaviour, client: client)
    let place = stream.nextUniform()
    if place < byzantine { return .byzantine }
    if place < byzantine + corrupted { return .corrupted }
    return place < byzantine + corrupted + flippedLabels ? .flippedLabels : .honest
  }
}
