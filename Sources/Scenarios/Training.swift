/// How the model is trained.
package struct Training: Sendable, Equatable {
  package let rounds: Int
  package let cohort: Cohort
  package let client: ClientTraining
  package let server: ServerOptimizer
  package let aggregation: Aggregation
  /// nil: updates are sent whole.
  package let compression: Compression?
  /// nil: the model is the same for all.
  package let personalisation: Personalisation?
  /// λ of the penalty λ/2·‖w‖², applied by the server: it depends on no data, so it costs no clipping and no noise.
  package let l2: Double

  init(_ reader: ObjectReader, clients: Int?) {
    rounds = reader.integer("rounds", 1...10_000_000, "rounds of training")
    cohort = reader.object("cohort", required: true, "which clients take part in a round") {
      Cohort($0, clients: clients)
    }
    client = reader.object("client", "what a client does in a round", ClientTraining.init)
    server = reader.object("server", "how the server uses the averaged update", ServerOptimizer.init)
    aggregation = reader.object("aggregation", "how updates become one", Aggregation.init)
    compression = reader.optionalObject("compression", "how clients shorten their updates", Compression.init)
    personalisation = reader.optionalObject(
      "personalisation", "the part of the model that each client trains for itself and keeps", Personalisation.init)
    l2 = reader.number("l2", 0...100, default: 0, "L2 regularisation, applied by the server")
  }
}

/// How a round's clients are chosen.
package struct Cohort: Sendable, Equatable {
  /// The sampling scheme; what it is decides what can be proved about ε.
  package enum Sampling: String, CaseIterable, Sendable {
    /// Each client independently, with probability expectedSize / clients.
    case poisson
    /// Exactly expectedSize clients, every subset equally likely.
    case fixedSize = "fixed-size"
    /// All clients in every round.
    case full
  }

  /// Sums of up to 2²⁴ updates are exact (`Lattice.mostUpdatesInASum`). A Poisson cohort of this expectation stays
  /// below that: 2²⁴ is over a thousand standard deviations away.
  static let largestExpectedSize = 10_000_000

  package let sampling: Sampling
  package let expectedSize: Int

  init(_ reader: ObjectReader, clients: Int?) {
    sampling = reader.choice("sampling", Sampling.self, default: .poisson, "how clients are sampled")
    let size = reader.optionalInteger(
      "expectedSize", 1...Self.largestExpectedSize, "clients in a round, on average; updates are divided by it")
    expectedSize = size ?? clients ?? 1
    guard let clients, !reader.session.describing else { return }
    switch (sampling, size) {
    case (.full, nil) where clients > Self.largestExpectedSize:
      reader.problem(
        "sampling",
        "found \"full\" with \(clients) clients; full participation takes at most \(Self.largestExpectedSize)")
    case (.full, let size?) where size != clients:
      reader.problem(
        "expectedSize", "found \(size); with full participation it is the population's \(clients): leave it out")
    case (.poisson, nil), (.fixedSize, nil):
      reader.problem("expectedSize", "is missing; allowed: a whole number from 1 to the population's \(clients)")
    case (_, let size?) where size > clients:
      reader.problem("expectedSize", "found \(size); allowed: at most the population's \(clients) clients")
    default: break
    }
  }

  /// Probability that a given client takes part in a round.
  package func samplingRate(clients: Int) -> Double { Double(expectedSize) / Double(clients) }
}

/// A learning rate over the rounds t = 0, 1, …, T − 1.
package enum LearningRateSchedule: String, CaseIterable, Sendable {
  case constant
  /// η / √(1 + t).
  case inverseSquareRoot = "inverse-square-root"
  /// η · (1 + cos(πt/T)) / 2 (Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts).
  case cosine
}

/// What a client does with the broadcast model.
package struct ClientTraining: Sendable, Equatable {
  /// The two classic algorithms of McMahan et al. 2017.
  package enum Algorithm: String, CaseIterable, Sendable {
    /// The update is the negative mean gradient.
    case fedsgd
    /// The update is what local epochs of minibatch SGD moved the model by.
    case fedavg
  }

  package let algorithm: Algorithm
  package let epochs: Int
  package let batchSize: Int
  package let learningRate: Double
  package let schedule: LearningRateSchedule
  /// μ of FedProx: local steps are pulled back to the broadcast model (Li et al. 2020, equation 2).
  package let proximal: Double
  package let shuffle: Bool

  init(_ reader: ObjectReader) {
    algorithm = reader.choice(
      "algorithm", Algorithm.self, default: .fedavg, "one gradient (fedsgd) or local epochs (fedavg)")
    let local = ObjectReader.Condition(holds: algorithm == .fedavg, meaning: "algorithm \"fedavg\"")
    epochs = reader.integer(
      "epochs", 1...1000, default: 1, when: local, "fedavg: passes over the client's examples")
    batchSize = reader.integer(
      "batchSize", 1...1_000_000, default: 10, when: local, "fedavg: examples in a local step")
    learningRate = reader.number(
      "learningRate", 1e-9...1e6, default: 0.1, when: local, "fedavg: step of local training")
    schedule = reader.choice(
      "schedule", LearningRateSchedule.self, default: .constant, when: local,
      "fedavg: learning rate over the rounds")
    proximal = reader.number(
      "proximal", 0...1000, default: 0, when: local, "fedavg: proximal term μ of FedProx")
    shuffle = reader.bool(
      "shuffle", default: true, when: local, "fedavg: a new order of the examples in every epoch")
  }
}

/// How the server turns the averaged update into a step.
package struct ServerOptimizer: Sendable, Equatable {
  /// The optimisers of Reddi et al. 2021, "Adaptive federated optimization", algorithm 2.
  package enum Kind: String, CaseIterable, Sendable {
    case sgd, momentum, adam, yogi
  }

  package let optimizer: Kind
  package let learningRate: Double
  package let schedule: LearningRateSchedule
  package let momentum: Double
  package let beta1: Double
  package let beta2: Double
  /// τ, the degree of adaptivity: added to the root of the second moment.
  package let adaptivity: Double

  init(_ reader: ObjectReader) {
    optimizer = reader.choice("optimizer", Kind.self, default: .sgd, "server optimiser")
    learningRate = reader.number("learningRate", 1e-9...1e6, default: 1, "step of the server")
    schedule = reader.choice(
      "schedule", LearningRateSchedule.self, default: .constant, "learning rate over the rounds")
    let heavyBall = ObjectReader.Condition(holds: optimizer == .momentum, meaning: "optimizer \"momentum\"")
    let adaptive = ObjectReader.Condition(
      holds: optimizer == .adam || optimizer == .yogi, meaning: "optimizer \"adam\" or \"yogi\"")
    momentum = reader.number(
      "momentum", 0...0.9999, default: 0.9, when: heavyBall, "momentum: share of the last step that is kept")
    beta1 = reader.number(
      "beta1", 0...0.9999, default: 0.9, when: adaptive, "adam, yogi: decay of the first moment")
    beta2 = reader.number(
      "beta2", 0...0.999999, default: 0.99, when: adaptive, "adam, yogi: decay of the second moment")
    adaptivity = reader.number(
      "adaptivity", 1e-12...1, default: 1e-3, when: adaptive,
      "adam, yogi: added to the root of the second moment")
  }
}
