import KernelInterface
import KernelSelection
import NumericalCore
import Recommender
import Scenarios

/// What a client does with the broadcast model in one round.
package struct LocalTraining {
  let settings: ClientTraining
  let seed: UInt64
  let rounds: Int
  let kernels: any VectorKernels

  /// - Parameters:
  ///   - seed: the run's, for the order of examples.
  ///   - rounds: of the run, for the learning-rate schedule.
  package init(
    settings: ClientTraining, seed: UInt64, rounds: Int, kernels: any VectorKernels = VectorWidth.kernels
  ) {
    self.settings = settings
    self.seed = seed
    self.rounds = rounds
    self.kernels = kernels
  }

  /// Trains one client and leaves its update in `workspace.update`.
  /// - Parameters:
  ///   - anchor: the broadcast model in the client's layout, `rows.width` values.
  ///   - labels: 0 or 1, one a row.
  ///   - examples: the rows that are learned from; at least one.
  ///   - offsets: what is added to the logit of each row beside the model's; nil for nothing.
  ///   - upcoming: what is needed after this client; nil where that is not known.
  package func train(
    _ rows: Rows, labels: UnsafePointer<Float>, examples: Range<Int>, anchor: UnsafePointer<Float>, round: Int,
    client: Int, workspace: TrainingWorkspace, offsets: UnsafePointer<Float>? = nil,
    upcoming: UnsafeRawBufferPointer? = nil
  ) {
    var ahead = ReadAhead(upcoming, portions: examples.count)
    let order = workspace.order.pointer
    for i in 0..<examples.count { order[i] = Int32(truncatingIfNeeded: examples.lowerBound + i) }
    switch settings.algorithm {
    case .fedsgd:
      workspace.update.pointer.update(repeating: 0, count: rows.width)
      setResiduals(
        of: rows, labels: labels, order, count: examples.count, weights: anchor, offsets: offsets,
        scale: 1 / Float(examples.count), into: workspace.margins.pointer, ahead: &ahead)
      kernels.accumulate(
        rows, order, count: examples.count, coefficients: workspace.margins.pointer,
        into: workspace.update.pointer)
    case .fedavg:
      runEpochs(
        rows, labels: labels, examples: examples.count, anchor: anchor, round: round, client: client,
        workspace: workspace, offsets: offsets, ahead: &ahead)
    }
  }

  /// Draws the examples that take part in a round, into `workspace.order`.
  /// - Parameters:
  ///   - rate: probability that an example takes part, independently of all others.
  ///   - source: where chance comes from.
  /// - Returns: how many take part.
  package func sample(
    _ examples: Int, rate: Double, from source: inout some UniformSource, workspace: TrainingWorkspace
  ) -> Int {
    let order = workspace.order.pointer
    let logAbsence = deterministicLogOnePlus(-rate)
    var count = 0
    // Gaps between sampled examples are geometric, as between sampled clients.
    var row = rate < 1 ? source.nextGeometric(logFailure: logAbsence) : 0
    while row < examples {
      order[count] = Int32(truncatingIfNeeded: row)
      count &+= 1
      row += 1 + (rate < 1 ? source.nextGeometric(logFailure: logAbsence) : 0)
    }
    return count
  }

  /// Calls `body` with the gradient of each example that was sampled, one at a time, in `workspace.update`: per-example
  /// clipping (Abadi et al. 2016, algorithm 1).
  /// - Parameters:
  ///   - touched: sparse features: the model coordinates that columns stand for; nil for dense ones.
  ///   - sampled: how many examples `sample` left in `workspace.order`.
  ///   - upcoming: what is needed after this client; nil where that is not known.
  ///   - body: gets the gradient's padded length and, for sparse features, the coordinates it is about.
  package func forEachGradient(
    _ rows: Rows, touched: UnsafeBufferPointer<UInt32>?, labels: UnsafePointer<Float>, sampled: Int,
    anchor: UnsafePointer<Float>, workspace: TrainingWorkspace, upcoming: UnsafeRawBufferPointer? = nil,
    body: (Int, UnsafeBufferPointer<UInt32>?) -> Void
  ) {
    let order = workspace.order.pointer
    let margins = workspace.margins.pointer
    var ahead = ReadAhead(upcoming, portions: sampled)
    kernels.margins(of: rows, order, count: sampled, weights: anchor, into: margins, ahead: &ahead)
    kernels.residuals(labels: labels, order, count: sampled, scale: 1, margins: margins)
    for i in 0..<sampled {
      switch (rows, touched?.baseAddress) {
      case (.sparse(let starts, let columns, let values, _), let coordinates?):
        let entries = Int(starts[Int(order[i])])..<Int(starts[Int(order[i]) + 1])
        let own = workspace.layOut(
          entries, columns: columns, values: values, times: margins[i], coordinates: coordinates)
        body(Rows.padded(entries.count), own)
      default:
        workspace.update.pointer.update(repeating: 0, count: rows.width)
        kernels.accumulate(rows, order + i, count: 1, coefficients: margins + i, into: workspace.update.pointer)
        body(rows.width, nil)
      }
    }
  }

  /// Minibatch SGD from the broadcast model (McMahan et al. 2017, algorithm 1), pulled back to it by
  /// μ·(w − anchor) in each step when there is a proximal term (Li et al. 2020, equation 2).
  private func runEpochs(
    _ rows: Rows, labels: UnsafePointer<Float>, examples: Int, anchor: UnsafePointer<Float>, round: Int,
    client: Int, workspace: TrainingWorkspace, offsets: UnsafePointer<Float>?, ahead: inout ReadAhead
  ) {
    let width = rows.width
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
        let batch = UnsafePointer(order + start)
        setResiduals(
          of: rows, labels: labels, batch, count: count, weights: local, offsets: offsets,
          scale: rate / Float(count), into: margins, ahead: &ahead)
        if pull > 0 { kernels.pull(local, towards: anchor, by: pull, width: width) }
        kernels.accumulate(rows, batch, count: count, coefficients: margins, into: local)
        start &+= count
      }
    }
    kernels.subtract(anchor, from: local, width: width, into: workspace.update.pointer)
  }

  /// margins[i] = scale · (label − sigmoid(logit)) of the examples in `order`: −scale · ∂loss/∂logit.
  @inline(__always)
  private func setResiduals(
    of rows: Rows, labels: UnsafePointer<Float>, _ order: UnsafePointer<Int32>, count: Int,
    weights: UnsafePointer<Float>, offsets: UnsafePointer<Float>?, scale: Float,
    into margins: UnsafeMutablePointer<Float>, ahead: inout ReadAhead
  ) {
    kernels.margins(of: rows, order, count: count, weights: weights, into: margins, ahead: &ahead)
    if let offsets {
      for i in 0..<count { margins[i] += offsets[Int(order[i])] }
    }
    kernels.residuals(labels: labels, order, count: count, scale: scale, margins: margins)
  }

  /// Fisher and Yates.
  private func shuffle(_ order: UnsafeMutablePointer<Int32>, count: Int, with stream: inout RandomStream) {
    var i = count - 1
    while i > 0 {
      let j = stream.nextInteger(below: i + 1)
      (order[i], order[j]) = (order[j], order[i])
      i -= 1
    }
  }
}
