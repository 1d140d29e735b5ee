import KernelInterface
import KernelSelection
import NumericalCore
import Scenarios

/// Learns the part of the model that a client keeps: a bias, and an adapter, weights of its own on the coordinates that vary
/// most over its examples.
///
/// A client learns it anew from the broadcast model whenever it takes part or is scored (Singhal et al. 2021, "Federated
/// reconstruction: partially local federated learning", algorithm 1), so it is a function of the model and the client's
/// examples: nothing of it has to be kept from round to round, and nothing of it is ever sent.
package struct PersonalPart {
  private let settings: Personalisation
  private let kernels: any VectorKernels
  private let order = Buffer<Int32>()
  private let shared = Buffer<Float>()
  private var variation: [(sum: Double, squares: Double)] = []
  private var candidates: [(variation: Double, column: Int)] = []
  /// The weight of each column; −1 for none.
  private var weightOfColumn: [Int] = []
  /// Weight w acts on entries starts[w]..<starts[w + 1]: a row and a value each, by ascending row.
  private var starts: [Int] = []
  private var entries: [(row: Int, value: Float)] = []
  private var weights: [Float] = []
  /// What the own part adds to each example's logit.
  package let offsets = Buffer<Float>()

  package init(_ settings: Personalisation, kernels: any VectorKernels = VectorWidth.kernels) {
    self.settings = settings
    self.kernels = kernels
  }

  /// Learns from a client's first examples, and leaves in `offsets` what its part adds to the logits of all of them.
  /// - Parameters:
  ///   - rows: `examples` rows of the client.
  ///   - columns: of the client's layout, without padding.
  ///   - labels: 0 or 1, one a row.
  ///   - model: the broadcast model in the client's layout.
  ///   - support: examples that are learned from, at the start.
  package mutating func learn(
    _ rows: Rows, columns: Int, labels: UnsafePointer<Float>, examples: Int, model: UnsafePointer<Float>,
    support: Int
  ) {
    offsets.reserve(examples)
    offsets.pointer.update(repeating: 0, count: examples)
    guard support > 0 else { return }
    order.reserve(examples)
    shared.reserve(examples)
    for i in 0..<examples { order.pointer[i] = Int32(truncatingIfNeeded: i) }
    kernels.margins(of: rows, order.pointer, count: examples, weights: model, into: shared.pointer)
    collect(rows, columns: columns, examples: examples, support: support)
    for _ in 0..<settings.passes {
      for weight in weights.indices {
        improve(weight, l2: weight == 0 ? settings.biasL2 : settings.adapterL2, labels: labels, support: support)
      }
    }
  }

  /// Moves one weight to the minimum of the quadratic that bounds the loss from above (σ′ ≤ 1/4): the loss never rises.
  private mutating func improve(_ weight: Int, l2: Double, labels: UnsafePointer<Float>, support: Int) {
    let (shared, offsets) = (shared.pointer, offsets.pointer)
    let own = starts[weight]..<starts[weight + 1]
    var (gradient, curvature) = (l2 * Double(weights[weight]), l2)
    for (row, value) in entries[own] {
      guard row < support else { break }
      let residual = sigmoid(shared[row] + offsets[row]) - labels[row]
      gradient += Double(residual * value)
      curvature += Double(value * value) / 4
    }
    let step = Float(gradient / curvature)
    weights[weight] -= step
    for (row, value) in entries[own] { offsets[row] -= step * value }
  }

  /// Chooses the coordinates that get a weight, and sorts their entries by weight. Weight 0 is the bias.
  private mutating func collect(_ rows: Rows, columns: Int, examples: Int, support: Int) {
    chooseMostVaried(rows, columns: columns, support: support)
    weights.reset(to: 0, count: candidates.count + 1)
    weightOfColumn.reset(to: -1, count: columns)
    for (index, candidate) in candidates.enumerated() { weightOfColumn[candidate.column] = index + 1 }
    starts.reset(to: 0, count: weights.count + 1)
    starts[1] = examples
    Self.forEachEntry(of: rows, columns: columns, rows: examples) { _, column, _ in
      if weightOfColumn[column] > 0 { starts[weightOfColumn[column] + 1] += 1 }
    }
    for weight in 1..<starts.count { starts[weight] += starts[weight - 1] }
    entries.reset(to: (row: 0, value: 1), count: starts[weights.count])
    for row in 0..<examples { entries[row].row = row }
    // Filling moves each start to the next one's place; they are moved back afterwards.
    Self.forEachEntry(of: rows, columns: columns, rows: examples) { row, column, value in
      let weight = weightOfColumn[column]
      if weight > 0 {
        entries[starts[weight]] = (row, value)
        starts[weight] += 1
      }
    }
    for weight in (1..<weights.count).reversed() { starts[weight] = starts[weight - 1] }
    if weights.count > 1 { starts[1] = examples }
  }

  /// The columns whose values vary most over the examples that are learned from; of equal ones the first. A column that does
  /// not vary is what the bias is for.
  private mutating func chooseMostVaried(_ rows: Rows, columns: Int, support: Int) {
    candidates.removeAll(keepingCapacity: true)
    if settings.adapter == 0 { return }
    variation.reset(to: (0, 0), count: columns)
    Self.forEachEntry(of: rows, columns: columns, rows: support) { _, column, value in
      variation[column].sum += Double(value)
      variation[column].squares += Double(value) * Double(value)
    }
    for (column, own) in variation.enumerated() {
      let varied = own.squares - own.sum * own.sum / Double(support)
      if varied > 1e-9 { candidates.append((varied, column)) }
    }
    candidates.sort { ($0.variation, $1.column) > ($1.variation, $0.column) }
    if candidates.count > settings.adapter { candidates.removeSubrange(settings.adapter...) }
  }

  /// The nonzero entries of the first rows, by ascending row.
  @inline(__always)
  private static func forEachEntry(of rows: Rows, columns: Int, rows count: Int, body: (Int, Int, Float) -> Void) {
    switch rows {
    case .dense(let values, let width):
      for row in 0..<count {
        for column in 0..<columns where values[row * width + column] != 0 {
          body(row, column, values[row * width + column])
        }
      }
    case .sparse(let starts, let columnsOfEntries, let values, _):
      for row in 0..<count {
        for entry in Int(starts[row])..<Int(starts[row + 1]) {
          body(row, Int(columnsOfEntries[entry]), values[entry])
        }
      }
    }
  }
}

extension Array {
  /// As many copies of a value, in the memory that the array has.
  fileprivate mutating func reset(to value: Element, count: Int) {
    removeAll(keepingCapacity: true)
    append(contentsOf: repeatElement(value, count: count))
  }
}
