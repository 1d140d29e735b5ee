import ClientData
import Foundation
import KernelInterface
import NumericalCore
import Scenarios
import Testing
import Worker

@Suite("A client's own part")
struct PersonalPartTests {
  private func settings(_ text: String) throws -> Personalisation {
    try #require(try makeTraining(with: "personalisation", text).personalisation)
  }

  /// Random examples: column j varies more than column j + 1, column 0 is 1 everywhere.
  private struct Examples {
    let rows: [[Float]]
    var labels: [Float]
    let model: [Float]

    init(count: Int, columns: Int, seed: UInt64, density: Double = 1) {
      var stream = RandomStream(seed: seed, purpose: .examples)
      rows = (0..<count).map { _ in
        (0..<columns).map { j in
          if j == 0 { return 1 }
          return stream.nextUniform() < density ? Float(stream.nextNormal()) * 3 / Float(j * j) : 0
        }
      }
      labels = (0..<count).map { _ in stream.nextUniform() < 0.3 ? 1 : 0 }
      model = (0..<columns).map { _ in Float(stream.nextNormal()) * 0.3 }
    }

    func logit(_ i: Int) -> Double { zip(rows[i], model).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
  }

  private func offsets(_ examples: Examples, _ settings: Personalisation, support: Int, sparse: Bool) -> [Float] {
    var part = PersonalPart(settings)
    let columns = examples.model.count
    if sparse {
      var coordinates: [UInt32] = []
      var values: [Float] = []
      var rowStarts = [0]
      for row in examples.rows {
        for (j, value) in row.enumerated() where value != 0 {
          coordinates.append(UInt32(j))
          values.append(value)
        }
        rowStarts.append(coordinates.count)
      }
      let rows = SparseRows(coordinates: coordinates, values: values, rowStarts: rowStarts)
      let width = Rows.padded(rows.touched.count)
      let model =
        rows.touched.map { examples.model[Int($0)] } + [Float](repeating: 0, count: width - rows.touched.count)
      rows.starts.withUnsafeBufferPointer { starts in
        rows.columns.withUnsafeBufferPointer { columns in
          rows.values.withUnsafeBufferPointer { values in
            part.learn(
              .sparse(
                starts: starts.baseAddress!, columns: columns.baseAddress!, values: values.baseAddress!,
                width: width),
              columns: rows.touched.count, labels: examples.labels, examples: examples.rows.count, model: model,
              support: support)
          }
        }
      }
    } else {
      let padding = [Float](repeating: 0, count: Rows.padded(columns) - columns)
      let values = examples.rows.flatMap { $0 + padding }
      values.withUnsafeBufferPointer { values in
        part.learn(
          .dense(values: values.baseAddress!, width: Rows.padded(columns)), columns: columns,
          labels: examples.labels,
          examples: examples.rows.count, model: examples.model + padding, support: support)
      }
    }
    return (0..<examples.rows.count).map { part.offsets.pointer[$0] }
  }

  /// The best bias and weights on some columns, by gradient descent in doubles.
  private func best(
    _ examples: Examples, columns: [Int], biasL2: Double, adapterL2: Double, support: Int
  ) -> [Double] {
    var (bias, weights) = (0.0, [Double](repeating: 0, count: columns.count))
    func offset(_ i: Int) -> Double {
      bias + zip(columns, weights).reduce(0) { $0 + Double(examples.rows[i][$1.0]) * $1.1 }
    }
    for _ in 0..<20_000 {
      let residuals = (0..<support).map {
        1 / (1 + exp(-examples.logit($0) - offset($0))) - Double(examples.labels[$0])
      }
      let step = 0.02
      bias -= step * (residuals.reduce(0, +) + biasL2 * bias)
      for (index, column) in columns.enumerated() {
        let gradient = zip(residuals, examples.rows).reduce(0) { $0 + $1.0 * Double($1.1[column]) }
        weights[index] -= step * (gradient + adapterL2 * weights[index])
      }
    }
    return examples.rows.indices.map(offset)
  }

  @Test(
    "is the bias and the weights with the least penalised loss on its first examples", arguments: [false, true])
  func minimum(sparse: Bool) throws {
    let settings = try settings(#"{"adapter": 3, "biasL2": 0.5, "adapterL2": 4, "passes": 1000}"#)
    for seed: UInt64 in 1...4 {
      let examples = Examples(count: 24, columns: 6, seed: seed)
      let found = offsets(examples, settings, support: 12, sparse: sparse)
      // Column 0 does not vary; the next three vary most.
      let expected = best(examples, columns: [1, 2, 3], biasL2: 0.5, adapterL2: 4, support: 12)
      for (one, other) in zip(found, expected) { #expect(abs(Double(one) - other) < 1e-3) }
    }
  }

  @Test("is the same from dense and from sparse rows, and knows nothing of the labels that come later")
  func layouts() throws {
    let settings = try settings("{}")
    for seed: UInt64 in 1...20 {
      var examples = Examples(count: 30, columns: 40, seed: seed, density: 0.3)
      let dense = offsets(examples, settings, support: 15, sparse: false)
      // The margins of the shared model are added up in another order.
      for (one, other) in zip(dense, offsets(examples, settings, support: 15, sparse: true)) {
        #expect(abs(one - other) < 1e-4)
      }
      for i in 15..<30 { examples.labels[i] = 1 - examples.labels[i] }
      #expect(offsets(examples, settings, support: 15, sparse: false) == dense)
      examples.labels[3] = 1 - examples.labels[3]
      #expect(offsets(examples, settings, support: 15, sparse: false) != dense)
    }
  }

  @Test("never gets worse with another pass, and is nothing without examples")
  func passes() throws {
    let examples = Examples(count: 40, columns: 30, seed: 7)
    func loss(_ passes: Int) throws -> Double {
      // So weak a penalty that the loss alone tells.
      let settings = try settings(#"{"adapter": 29, "biasL2": 0.001, "adapterL2": 0.001, "passes": \#(passes)}"#)
      let offsets = offsets(examples, settings, support: 20, sparse: false)
      return (0..<20).reduce(0) { sum, i in
        let z = examples.logit(i) + Double(offsets[i])
        return sum + log(1 + exp(examples.labels[i] > 0 ? -z : z))
      }
    }
    var last = Double.infinity
    for passes in [1, 2, 4, 8, 16, 32] {
      let now = try loss(passes)
      #expect(now < last)
      last = now
    }
    #expect(
      offsets(examples, try settings("{}"), support: 0, sparse: true) == [Float](repeating: 0, count: 40))
  }
}
