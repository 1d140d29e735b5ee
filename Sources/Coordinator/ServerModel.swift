import Releases
import Scenarios

/// The model and its optimiser state, on the coordinator, in double precision.
package struct ServerModel: Sendable {
  /// The weights, one a feature.
  package private(set) var weights: [Double]
  private var firstMoment: [Double]
  private var secondMoment: [Double]
  private let settings: ServerOptimizer
  private let l2: Double
  private let rounds: Int

  /// A model of zeros.
  package init(dimension: Int, settings: ServerOptimizer, l2: Double, rounds: Int) {
    weights = [Double](repeating: 0, count: dimension)
    let usesFirst = settings.optimizer != .sgd
    let usesSecond = settings.optimizer == .adam || settings.optimizer == .yogi
    firstMoment = [Double](repeating: 0, count: usesFirst ? dimension : 0)
    // Reddi et al. 2021 start the second moment at τ².
    let start = settings.adaptivity * settings.adaptivity
    secondMoment = [Double](repeating: start, count: usesSecond ? dimension : 0)
    self.settings = settings
    self.l2 = l2
    self.rounds = rounds
  }

  /// Everything that steps change, for a checkpoint.
  package struct State: Equatable, Sendable {
    package let weights: [Double]
    package let firstMoment: [Double]
    package let secondMoment: [Double]

    package init(weights: [Double], firstMoment: [Double], secondMoment: [Double]) {
      self.weights = weights
      self.firstMoment = firstMoment
      self.secondMoment = secondMoment
    }
  }

  /// The state; setting it goes on from there.
  /// - Precondition: what is set has the lengths of what is there.
  package var state: State {
    get { State(weights: weights, firstMoment: firstMoment, secondMoment: secondMoment) }
    set {
      precondition(hasShape(of: newValue))
      (weights, firstMoment, secondMoment) = (newValue.weights, newValue.firstMoment, newValue.secondMoment)
    }
  }

  /// Whether a state belongs to a model and an optimiser of this kind.
  package func hasShape(of state: State) -> Bool {
    state.weights.count == weights.count && state.firstMoment.count == firstMoment.count
      && state.secondMoment.count == secondMoment.count
  }

  /// The weights as clients receive them.
  package var broadcastWeights: [Float] { weights.map { Float($0) } }

  /// Whether every weight can be broadcast in single precision.
  package var isFinite: Bool { weights.allSatisfy { Float($0).isFinite } }

  /// Moves the weights by what a round released, averaged.
  ///
  /// The update plays the part of −gradient (Reddi et al. 2021, algorithm 2). The L2 penalty joins here: its
  /// gradient λw is known to the server, so it needs no client and no noise.
  /// - Parameters:
  ///   - release: of as many coordinates as there are weights.
  ///   - scale: what turns the sum's lattice steps into the mean update.
  package mutating func step(_ release: Release, scale: Double) {
    precondition(release.steps.count == weights.count)
    let update = release.steps.map { $0 * scale }
    let round = release.round
    let rate = settings.learningRate * settings.schedule.factor(round: round, of: rounds)
    let (beta1, beta2) = (settings.beta1, settings.beta2)
    switch settings.optimizer {
    case .sgd:
      for j in weights.indices { weights[j] += rate * (update[j] - l2 * weights[j]) }
    case .momentum:
      for j in weights.indices {
        firstMoment[j] = settings.momentum * firstMoment[j] + (update[j] - l2 * weights[j])
        weights[j] += rate * firstMoment[j]
      }
    case .adam:
      for j in weights.indices {
        let direction = update[j] - l2 * weights[j]
        firstMoment[j] = beta1 * firstMoment[j] + (1 - beta1) * direction
        secondMoment[j] = beta2 * secondMoment[j] + (1 - beta2) * direction * direction
        weights[j] += rate * firstMoment[j] / (secondMoment[j].squareRoot() + settings.adaptivity)
      }
    case .yogi:
      for j in weights.indices {
        let direction = update[j] - l2 * weights[j]
        let square = direction * direction
        firstMoment[j] = beta1 * firstMoment[j] + (1 - beta1) * direction
        let sign = secondMoment[j] > square ? 1.0 : secondMoment[j] < square ? -1.0 : 0.0
        secondMoment[j] -= (1 - beta2) * square * sign
        weights[j] += rate * firstMoment[j] / (max(secondMoment[j], 0).squareRoot() + settings.adaptivity)
      }
    }
  }
}
