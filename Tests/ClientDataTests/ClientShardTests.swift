import ClientData
import KernelInterface
import NumericalCore
import Testing

@Suite("A client's examples")
struct ClientShardTests {
  /// Rows of odd lengths, so that nothing lies at a cache line by luck.
  private static func features(sparse: Bool, examples: Int) -> FeatureRows {
    var stream = RandomStream(seed: 4, purpose: .examples, client: examples)
    if sparse {
      let coordinates = (0..<examples * 3).map { _ in UInt32(stream.nextInteger(below: 50)) }
      let values = coordinates.map { _ in Float(stream.nextNormal()) }
      return .sparse(
        SparseRows(coordinates: coordinates, values: values, rowStarts: (0...examples).map { $0 * 3 }))
    }
    let row = (0..<21).map { _ in Float(stream.nextNormal()) } + [Float](repeating: 0, count: 11)
    return .dense(DenseRows(dimension: 21, values: (0..<examples).flatMap { i in row.map { $0 * Float(i + 1) } }))
  }

  private static func bits(_ features: FeatureRows) -> [[UInt32]] {
    switch features {
    case .dense(let rows): [[UInt32(rows.dimension)], rows.values.map(\.bitPattern)]
    case .sparse(let rows):
      [rows.touched, rows.starts.map { UInt32($0) }, rows.columns, rows.values.map(\.bitPattern)]
    }
  }

  @Test("are what they were made of, each piece at the start of a cache line", arguments: [false, true])
  func packing(sparse: Bool) {
    for examples in [0, 1, 2, 5, 17, 64] {
      let labels = (0..<examples).map { Float($0 % 2) }
      let features = Self.features(sparse: sparse, examples: examples)
      let shard = ClientShard(labels: labels, features: features)
      #expect(shard.count == examples && shard.labels == labels)
      #expect(Self.bits(shard.features) == Self.bits(features))
      let places: [Int] = shard.withExamples { examples in
        func place(_ pointer: UnsafeRawPointer?) -> Int { Int(bitPattern: pointer) }
        let labels = place(examples.labels.baseAddress)
        switch examples.rows {
        case .dense(let values, _): return [labels, place(values)]
        case .sparse(let starts, let columns, let values, _):
          return [labels, place(starts), place(columns), place(values), place(examples.touched?.baseAddress)]
        }
      }
      #expect(places.allSatisfy { $0 != 0 && $0 % Rows.alignment == 0 })
      let first = shard.first(2)
      #expect(first.count == min(2, examples) && first.labels == Array(labels.prefix(2)))
    }
  }
}
