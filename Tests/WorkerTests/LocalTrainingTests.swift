import ClientData
import Foundation
import KernelInterface
import NumericalCore
import Scenarios
import Testing
import Worker

@Suite("Local training")
struct LocalTrainingTests {
  /// A client of random examples, dense and sparse alike.
  private struct Examples {
    let rows: [[Float]]
    let labels: [Float]

    init(count: Int, features: Int, density: Double = 1, seed: UInt64 = 1) {
      var stream = RandomStream(seed: seed, purpose: .examples)
      rows = (0..<count).map { _ in
        (0..<features).map { _ in stream.nextUniform() < density ? Float(stream.nextNormal()) : 0 }
      }
      labels = (0..<count).map { _ in stream.nextUniform() < 0.4 ? 1 : 0 }
    }

    var dense: DenseRows {
      let features = rows[0].count
      let padding = [Float](repeating: 0, count: DenseRows.stride(for: features) - features)
      return DenseRows(dimension: features, values: rows.flatMap { $0 + padding })
    }

    var sparse: SparseRows {
      var coordinates: [UInt32] = []
      var values: [Float] = []
      var starts = [0]
      for row in rows {
        // Backwards, because rows may come in any order.
        for (j, value) in row.enumerated().reversed() where value != 0 {
          coordinates.append(UInt32(j))
          values.append(value)
        }
        starts.append(coordinates.count)
      }
      return SparseRows(coordinates: coordinates, values: values, rowStarts: starts)
    }
  }

  private func client(_ text: String) throws -> ClientTraining { try makeTraining(with: "client", text).client }

  /// The update of one client, by the kernels, over all coordinates.
  private func update(
    _ examples: Examples, _ settings: ClientTraining, anchor: [Float], sparse: Bool, round: Int = 1
  ) -> [Float] {
    let workspace = TrainingWorkspace()
    let training = LocalTraining(settings: settings, seed: 1, rounds: 10)
    let features = anchor.count
    var result = [Float](repeating: 0, count: features)
    if sparse {
      let rows = examples.sparse
      let width = DenseRows.stride(for: rows.touched.count)
      workspace.prepare(width: width, examples: examples.labels.count)
      let local =
        rows.touched.map { anchor[Int($0)] } + [Float](repeating: 0, count: width - rows.touched.count)
      rows.starts.withUnsafeBufferPointer { starts in
        rows.columns.withUnsafeBufferPointer { columns in
          rows.values.withUnsafeBufferPointer { values in
            let rows = Rows.sparse(
              starts: starts.baseAddress!, columns: columns.baseAddress!, values: values.baseAddress!, width: width)
            training.train(
              rows, labels: examples.labels, examples: 0..<examples.labels.count, anchor: local, round: round,
              client: 0, workspace: workspace)
          }
        }
      }
      for (k, coordinate) in rows.touched.enumerated() { result[Int(coordinate)] = workspace.update.pointer[k] }
    } else {
      let rows = examples.dense
      workspace.prepare(width: rows.stride, examples: examples.labels.count)
      let padded = anchor + [Float](repeating: 0, count: rows.stride - features)
      rows.values.withUnsafeBufferPointer { values in
        training.train(
          Rows.dense(values: values.baseAddress!, width: rows.stride), labels: examples.labels,
          examples: 0..<examples.labels.count, anchor: padded, round: round, client: 0, workspace: workspace)
      }
      for j in 0..<features { result[j] = workspace.update.pointer[j] }
    }
    return result
  }

  /// The same in doubles, written from the papers and without a thought for speed; examples in file order.
  private func reference(
    _ examples: Examples, _ settings: ClientTraining, anchor: [Float], rate: Double
  ) -> [Double] {
    let start = anchor.map(Double.init)
    func negativeGradient(_ batch: Range<Int>, at w: [Double]) -> [Double] {
      var sum = [Double](repeating: 0, count: w.count)
      for i in batch {
        let z = zip(w, examples.rows[i]).reduce(0) { $0 + $1.0 * Double($1.1) }
        let residual = Double(examples.labels[i]) - 1 / (1 + exp(-z))
        for j in w.indices { sum[j] += residual * Double(examples.rows[i][j]) / Double(batch.count) }
      }
      return sum
    }
    if settings.algorithm == .fedsgd { return negativeGradient(0..<examples.rows.count, at: start) }
    var w = start
    for _ in 0..<settings.epochs {
      for first in stride(from: 0, to: examples.rows.count, by: settings.batchSize) {
        let step = negativeGradient(first..<min(first + settings.batchSize, examples.rows.count), at: w)
        for j in w.indices { w[j] += rate * (step[j] - settings.proximal * (w[j] - start[j])) }
      }
    }
    return zip(w, start).map { $0 - $1 }
  }

  private func anchor(_ features: Int) -> [Float] {
    var stream = RandomStream(seed: 8, purpose: .sharedModel)
    return (0..<features).map { _ in Float(0.3 * stream.nextNormal()) }
  }

  static let settings = [
    #"{"algorithm": "fedsgd"}"#,
    #"{"algorithm": "fedavg", "epochs": 1, "batchSize": 10, "learningRate": 0.2, "shuffle": false}"#,
    #"{"algorithm": "fedavg", "epochs": 3, "batchSize": 7, "learningRate": 0.1, "shuffle": false}"#,
    #"{"algorithm": "fedavg", "epochs": 2, "batchSize": 1000, "learningRate": 0.5, "shuffle": false}"#,
    #"{"algorithm": "fedavg", "epochs": 2, "batchSize": 4, "learningRate": 0.1, "proximal": 2, "shuffle": false}"#,
  ]

  @Test("gives what the papers' formulas give in double precision", arguments: settings, [false, true])
  func matchesReference(text: String, sparse: Bool) throws {
    let settings = try client(text)
    for (count, features) in [(1, 3), (7, 16), (23, 40), (50, 130), (10, 256)] {
      let examples = Examples(count: count, features: features, density: sparse ? 0.2 : 1)
      let anchor = anchor(features)
      let found = update(examples, settings, anchor: anchor, sparse: sparse)
      let expected = reference(examples, settings, anchor: anchor, rate: settings.learningRate)
      for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 2e-5 * max(1, abs(b))) }
    }
  }

  @Test("the gradient is the derivative of the loss")
  func finiteDifferences() throws {
    let examples = Examples(count: 20, features: 9)
    let anchor = anchor(9)
    func loss(_ w: [Double]) -> Double {
      zip(examples.rows, examples.labels).reduce(0) { sum, example in
        let z = zip(w, example.0).reduce(0) { $0 + $1.0 * Double($1.1) }
        return sum + log(1 + exp(example.1 > 0 ? -z : z)) / 20
      }
    }
    let gradient = update(examples, try client(Self.settings[0]), anchor: anchor, sparse: false)
    for j in 0..<9 {
      var (up, down) = (anchor.map(Double.init), anchor.map(Double.init))
      up[j] += 1e-5
      down[j] -= 1e-5
      #expect(abs(Double(-gradient[j]) - (loss(up) - loss(down)) / 2e-5) < 1e-5)
    }
  }

  @Test("shuffles anew in every round, and the same way each time it is asked")
  func shuffling() throws {
    let settings = try client(#"{"algorithm": "fedavg", "batchSize": 3, "learningRate": 0.5}"#)
    let examples = Examples(count: 30, features: 16)
    let first = update(examples, settings, anchor: anchor(16), sparse: false, round: 1)
    #expect(update(examples, settings, anchor: anchor(16), sparse: false, round: 1) == first)
    #expect(update(examples, settings, anchor: anchor(16), sparse: false, round: 2) != first)
  }

  @Test("follows the client's learning-rate schedule")
  func schedule() throws {
    let text = #"{"learningRate": 0.4, "schedule": "inverse-square-root", "shuffle": false}"#
    let settings = try client(text)
    let examples = Examples(count: 12, features: 5)
    let found = update(examples, settings, anchor: anchor(5), sparse: false, round: 4)
    let expected = reference(examples, settings, anchor: anchor(5), rate: 0.2)
    for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-5) }
  }

  @Test(
    "per-example gradients are those of the examples alone, each sampled with its probability",
    arguments: [1.0, 0.3])
  func sampledGradients(rate: Double) throws {
    let examples = Examples(count: 40, features: 9)
    let anchor = anchor(9)
    let settings = try client(Self.settings[0])
    let training = LocalTraining(settings: settings, seed: 1, rounds: 10)
    let workspace = TrainingWorkspace()
    let rows = examples.dense
    workspace.prepare(width: rows.stride, examples: 40)
    let padded = anchor + [Float](repeating: 0, count: rows.stride - 9)
    let alone = (0..<40).map { i -> [Double] in
      let z = zip(anchor, examples.rows[i]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let residual = Double(examples.labels[i]) - 1 / (1 + exp(-z))
      return examples.rows[i].map { residual * Double($0) }
    }
    var taken = [Int](repeating: 0, count: 40)
    let rounds = 500
    rows.values.withUnsafeBufferPointer { values in
      let rows = Rows.dense(values: values.baseAddress!, width: rows.stride)
      for round in 1...rounds {
        var stream = RandomStream(seed: 1, purpose: .exampleSampling, round: round)
        let sampled = training.sample(40, rate: rate, from: &stream, workspace: workspace)
        training.forEachGradient(
          rows, touched: nil, labels: examples.labels, sampled: sampled, anchor: padded, workspace: workspace
        ) { _, _ in
          let found = (0..<9).map { Double(workspace.update.pointer[$0]) }
          let match = alone.firstIndex { zip($0, found).allSatisfy { abs($0 - $1) < 1e-5 } }
          if let match { taken[match] += 1 } else { Issue.record("no example has this gradient") }
        }
      }
    }
    let expected = rate * Double(rounds)
    // Six deviations of a binomial count: forty of them stay within with probability above 1 − 10⁻⁷.
    let reach = 6 * (expected * (1 - rate)).squareRoot()
    #expect(taken.allSatisfy { abs(Double($0) - expected) <= reach })
  }
}
