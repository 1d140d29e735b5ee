import FederationProtocol

/// Integer counters over a worker's held-out clients, which add up exactly over workers, in any order.
package protocol AdditiveCounts: Equatable, Sendable {
  /// What they are of.
  static var kind: CountKind { get }
  /// The counters as they travel.
  var values: [Int64] { get }
  /// Counters received from elsewhere; nil when there are not as many as there should be.
  init?(values: [Int64])
  /// Adds those of other clients.
  mutating func add(_ other: Self)
}

extension EvaluationCounts: AdditiveCounts {
  package static var kind: CountKind { .scores }
}

extension LinkageCounts: AdditiveCounts {
  package static var kind: CountKind { .linkage }
}

/// Clients by their number of examples.
package struct SizeCounts: AdditiveCounts {
  package static var kind: CountKind { .sizes }
  package private(set) var histogram = OctaveHistogram()

  package init() {}

  package init?(values: [Int64]) {
    guard let histogram = OctaveHistogram(counts: values) else { return nil }
    self.histogram = histogram
  }

  package var values: [Int64] { histogram.counts }
  package mutating func record(examples: Int) { histogram.record(Float(examples)) }
  package mutating func add(_ other: SizeCounts) { histogram.add(other.histogram) }
}

/// The updates that clients would send.
package struct UpdateCounts: AdditiveCounts {
  package static var kind: CountKind { .updates }
  /// Updates beyond the clipping norm.
  package private(set) var beyond: Int64 = 0
  package private(set) var clients: Int64 = 0
  /// Of all clients' messages.
  package private(set) var bits: Int64 = 0
  /// Of all updates.
  package private(set) var norms = OctaveHistogram()

  package init() {}

  package init?(values: [Int64]) {
    guard values.count > 3, let norms = OctaveHistogram(counts: values.dropFirst(3)) else { return nil }
    (beyond, clients, bits) = (values[0], values[1], values[2])
    self.norms = norms
  }

  package var values: [Int64] { [beyond, clients, bits] + norms.counts }

  /// Counts an update by its length.
  package mutating func record(norm: Double, clippingNorm: Double) {
    norms.record(Float(norm))
    beyond += norm > clippingNorm ? 1 : 0
  }

  /// Counts a client by the size of its message.
  package mutating func record(clientWithBits bits: Int) {
    clients += 1
    self.bits += Int64(bits)
  }

  package mutating func add(_ other: UpdateCounts) {
    beyond &+= other.beyond
    clients &+= other.clients
    bits &+= other.bits
    norms.add(other.norms)
  }
}

/// Examples by the coordinate that outweighs all others together.
package struct FeatureCounts: AdditiveCounts {
  package static var kind: CountKind { .features }
  package private(set) var examples: Int64 = 0
  /// Those without such a coordinate, or of a model with too many to count by.
  package private(set) var balanced: Int64 = 0
  /// One a coordinate; empty where there are too many.
  package private(set) var outweighed: [Int64]

  /// - Parameter coordinates: to count by; 0 where there are too many.
  package init(coordinates: Int) { outweighed = [Int64](repeating: 0, count: coordinates) }

  package init?(values: [Int64]) {
    guard values.count >= 2 else { return nil }
    (examples, balanced) = (values[0], values[1])
    outweighed = Array(values.dropFirst(2))
  }

  package var values: [Int64] { [examples, balanced] + outweighed }

  /// Counts an example.
  /// - Parameter coordinate: that outweighs all others; nil where there is none.
  package mutating func record(outweighing coordinate: Int?) {
    examples += 1
    if let coordinate, outweighed.indices.contains(coordinate) {
      outweighed[coordinate] += 1
    } else {
      balanced += 1
    }
  }

  package mutating func add(_ other: FeatureCounts) {
    examples &+= other.examples
    balanced &+= other.balanced
    for index in outweighed.indices where index < other.outweighed.count {
      outweighed[index] &+= other.outweighed[index]
    }
  }
}

/// Scores in parts of the cells that a request names; see `ScoreHistogram`.
package struct CellCounts: AdditiveCounts {
  package static var kind: CountKind { .cells }
  package private(set) var values: [Int64]

  package init(_ cells: [ScoreCell]) { values = ScoreHistogram.counters(cells) }
  package init(values: [Int64]) { self.values = values }

  /// Counts a client's scores.
  package mutating func record(in cells: [ScoreCell], scores: ArraySlice<Float>, labels: ArraySlice<Float>) {
    ScoreHistogram.count(in: cells, scores: scores, labels: labels, to: &values)
  }

  package mutating func add(_ other: CellCounts) {
    for index in values.indices where index < other.values.count { values[index] &+= other.values[index] }
  }
}
