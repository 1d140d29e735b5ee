import ClientData
import NumericalCore
import Recommender
import Scenarios

/// What a client does with the broadcast model in one round.
package struct LocalTraining {
  let settings: ClientTraining
  let seed: UInt64
  let rounds: Int

  /// - Parameters:
  ///   - seed: the run's, for the order of examples.
  ///   - rounds: of the run, for the learning-rate schedule.
  package init(settings: ClientTraining, seed: UInt64, rounds: Int) {
    self.settings = settings
    self.seed = seed
    self.rounds = rounds
  }

  /// Trains one client and leaves its update in `workspace.update`.
  /// - Parameters:
  ///   - anchor: the broadcast model in the client's layout, `kernel.width` values.
  ///   - labels: 0 or 1, `examples` of them.
  @inline(__always)
  package func train<Kernel: RowKernel>(
    _ kernel: Kernel, labels: UnsafePointer<Float>, examples: Int, anchor: UnsafePointer<Float>, round: Int,
    client: Int, workspace: TrainingWorkspace
  ) {
    let order = workspace.order.pointer
    for i in 0..<examples { order[i] = Int32(truncatingIfNeeded: i) }
    switch settings.algorithm {
    case .fedsgd:
      workspace.update.pointer.update(repeating: 0, count: kernel.width)
      addGradient(
        kernel, labels: labels, rows: order, count: examples, weights: anchor, scale: 1 / Float(examples),
        into: workspace.update.pointer, margins: workspace.margins.pointer)
    case .fedavg:
      runEpochs(
        kernel, labels: labels, examples: examples, anchor: anchor, round: round, client: client,
        workspace: workspace)
    }
  }

  /// Calls `body` with the gradient of each example that takes part in a round, one at a time, in
  /// `workspace.update`: per-example clipping (Abadi et al. 2016, algorithm 1).
  /// - Parameter rate: probability that an example takes part, independently of all others.
  @inline(__always)
  package func forEachSampledGradient<Kernel: RowKernel>(
    _ kernel: Kernel, labels: UnsafePointer<Float>, examples: Int, anchor: UnsafePointer<Float>, round: Int,
    client: Int, rate: Double, workspace: TrainingWorkspace, body: () -> Void
  ) {
    let rows = workspace.order.pointer
    let margins = workspace.margins.pointer
    var stream = RandomStream(seed: seed, purpose: .exampleSampling, round: round, client: client)
    let logAbsence = deterministicLogOnePlus(-rate)
    var count = 0
    // Gaps between sampled examples are geometric, as between sampled clients.
    var row = rate < 1 ? stream.nextGeometric(logFailure: logAbsence) : 0
    while row < examples {
      rows[count] = Int32(truncatingIfNeeded: row)
      count &+= 1
      row += 1 + (rate < 1 ? stream.nextGeometric(logFailure: logAbsence) : 0)
    }
    kernel.margins(rows, count: count, weights: anchor, into: margins)
    residuals(labels: labels, rows: rows, count: count, scale: 1, margins: margins)
    for i in 0..<count {
      workspace.update.pointer.update(repeating: 0, count: kernel.width)
      kernel.accumulate(rows + i, count: 1, coefficients: margins + i, into: workspace.update.pointer)
      body()
    }
  }

  /// Minibatch SGD from the broadcast model (McMahan et al. 2017, algorithm 1), pulled back to it by
  /// μ·(w − anchor) in each step when there is a proximal term (Li et al. 2020, equation 2).
  @inline(__always)
  private func runEpochs<Kernel: RowKernel>(
    _ kernel: Kernel, labels: UnsafePointer<Float>, examples: Int, anchor: UnsafePointer<Float>, round: Int,
    client: Int, workspace: TrainingWorkspace
  ) {
    let width = kernel.width
    let local = workspace.local.pointer
    let order = workspace.order.pointer
    let margins = workspace.margins.pointer
    let rate = Float(settings.learningRate * settings.schedule.factor(round: round, of: rounds))
    let pull = rate * Float(settings.proximal)
    local.update(from: anchor, count: width)
    var shuffling = RandomStream(seed: seed, purpose: .batchOrder, round: round, client: client)
    for _ in 0..<settings.epochs {
      if settings.shuffle { shuffle(order, count: examples, with: &shuffling) }
      var start = 0
      while start < examples {
        let count = min(settings.batchSize, examples &- start)
        kernel.margins(order + start, count: count, weights: local, into: margins)
        residuals(labels: labels, rows: order + start, count: count, scale: rate / Float(count), margins: margins)
        if pull > 0 {
          for j in 0..<width { local[j] -= pull * (local[j] - anchor[j]) }
        }
        kernel.accumulate(order + start, count: count, coefficients: margins, into: local)
        start &+= count
      }
    }
    let update = workspace.update.pointer
    for j in 0..<width { update[j] = local[j] - anchor[j] }
  }

  /// target += −scale · Σ ∂loss/∂w over the rows.
  @inline(__always)
  private func addGradient<Kernel: RowKernel>(
    _ kernel: Kernel, labels: UnsafePointer<Float>, rows: UnsafePointer<Int32>, count: Int,
    weights: UnsafePointer<Float>, scale: Float, into target: UnsafeMutablePointer<Float>,
    margins: UnsafeMutablePointer<Float>
  ) {
    kernel.margins(rows, count: count, weights: weights, into: margins)
    residuals(labels: labels, rows: rows, count: count, scale: scale, margins: margins)
    kernel.accumulate(rows, count: count, coefficients: margins, into: target)
  }

  /// Replaces each margin z by scale · (label − sigmoid(z)), the negative derivative of the logistic loss.
  @inline(__always)
  private func residuals(
    labels: UnsafePointer<Float>, rows: UnsafePointer<Int32>, count: Int, scale: Float,
    margins: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { margins[i] = sigmoid(margins[i]) }
    for i in 0..<count { margins[i] = (labels[Int(rows[i])] - margins[i]) * scale }
  }

  /// Fisher and Yates.
  @inline(__always)
  private func shuffle(_ order: UnsafeMutablePointer<Int32>, count: Int, with stream: inout RandomStream) {
    var i = count - 1
    while i > 0 {
      let j = stream.nextInteger(below: i + 1)
      (order[i], order[j]) = (order[j], order[i])
      i -= 1
    }
  }
}
