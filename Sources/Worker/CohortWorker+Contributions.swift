import ClientData
import DifferentialPrivacy
import FederationProtocol
import KernelInterface
import NumericalCore
import Releases
import Scenarios

/// What a client of a round learns and contributes.
extension CohortWorker {
  /// Trains a client and adds what it contributes.
  /// - Parameters:
  ///   - group: nil for a client whose update is lost.
  ///   - upcoming: the examples of the next client; nil after the last.
  func add(
    _ examples: ClientShard.Examples, client: Int, round: Int, weights: UnsafePointer<Float>, to group: Int?,
    upcoming: UnsafeRawBufferPointer?
  ) {
    let behaviour = constants.hasFaults ? self.behaviour(client) : .honest
    let learned = behaviour == .flippedLabels ? withFlippedLabels(examples) : examples
    forEachContribution(
      learned, client: client, round: round, weights: weights, upcoming: upcoming
    ) { update, width, touched in
      guard let group else { return }
      if behaviour != .honest { misbehave(behaviour, update, width: width, touched: touched) }
      shorten(update, client: client, round: round, touched: touched)
      let rounding =
        constants.hasRounding
        ? RandomStream(seed: constants.seed, purpose: .updateRounding, round: round, client: client) : nil
      clipping.withContribution(of: update, width: width, touched: touched, rounding: rounding) {
        sum.add($0, group: group)
      }
    }
  }

  /// Leaves the coordinates of an update that are sent.
  func shorten(
    _ update: UnsafeMutablePointer<Float>, client: Int, round: Int, touched: UnsafeBufferPointer<UInt32>?
  ) {
    sparsifier?.shorten(
      update, count: touched?.count ?? constants.dimension, touched: touched, round: round, client: client)
  }

  /// Trains a client and calls `body` with each piece of what it contributes, before clipping: its whole update, or,
  /// when the privacy unit is an example, the gradient of each sampled example.
  /// - Parameters:
  ///   - upcoming: what is needed after this client; nil where that is not known.
  ///   - body: gets the piece, its padded length, and, for sparse features, the coordinates it is about.
  @inline(__always)
  func forEachContribution(
    _ examples: ClientShard.Examples, client: Int, round: Int, weights: UnsafePointer<Float>,
    upcoming: UnsafeRawBufferPointer? = nil,
    body: (UnsafeMutablePointer<Float>, Int, UnsafeBufferPointer<UInt32>?) -> Void
  ) {
    guard let labels = examples.labels.baseAddress else { return }
    let count = examples.labels.count
    let anchor = anchor(of: examples, weights: weights)
    let update = workspace.update.pointer
    if let rate = constants.exampleRate {
      training.forEachGradient(
        examples.rows, touched: examples.touched, labels: labels,
        sampled: sample(count, rate: rate, round: round, client: client), anchor: anchor, workspace: workspace,
        upcoming: upcoming
      ) { width, touched in body(update, width, touched) }
    } else {
      let offsets = learnOwnPart(of: examples, anchor: anchor)
      let first = offsets == nil ? 0 : scenario.supportExamples(of: count)
      training.train(
        examples.rows, labels: labels, examples: first..<count, anchor: anchor, round: round, client: client,
        workspace: workspace, offsets: offsets, upcoming: upcoming)
      body(update, examples.rows.width, examples.touched)
    }
  }

  /// Draws a client's examples for a round.
  /// - Returns: how many there are.
  func sample(_ examples: Int, rate: Double, round: Int, client: Int) -> Int {
    // What the guarantee rests on comes from where the noise does.
    if configuration.secureNoise {
      var system = SecureRandomSource()
      return training.sample(examples, rate: rate, from: &system, workspace: workspace)
    }
    var stream = RandomStream(seed: constants.seed, purpose: .exampleSampling, round: round, client: client)
    return training.sample(examples, rate: rate, from: &stream, workspace: workspace)
  }

  /// Learns a client's own part of the model.
  /// - Returns: what it adds to the logit of each example, until the next client; nil where clients have no own part.
  func learnOwnPart(of examples: ClientShard.Examples, anchor: UnsafePointer<Float>) -> UnsafePointer<Float>? {
    guard personalPart != nil, let labels = examples.labels.baseAddress else { return nil }
    let count = examples.labels.count
    personalPart?.learn(
      examples.rows, columns: examples.touched?.count ?? constants.dimension, labels: labels, examples: count,
      model: anchor, support: scenario.supportExamples(of: count))
    return personalPart.map { UnsafePointer($0.offsets.pointer) }
  }

  /// Makes room for a client, and lays out the model as its rows are, until the next client.
  @inline(__always)
  func anchor(of examples: ClientShard.Examples, weights: UnsafePointer<Float>) -> UnsafePointer<Float> {
    workspace.prepare(width: examples.rows.width, examples: examples.labels.count)
    guard let touched = examples.touched else { return weights }
    kernels.gather(weights, at: touched, width: examples.rows.width, into: workspace.anchor.pointer)
    return UnsafePointer(workspace.anchor.pointer)
  }
}
