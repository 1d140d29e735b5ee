import ClientData
import NumericalCore
import Testing

@Suite("Sparse rows")
struct SparseRowsTests {
  @Test("hold the sum of what was given for each coordinate, in any order", arguments: 0..<20)
  func contents(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .examples)
    var coordinates: [UInt32] = []
    var values: [Float] = []
    var starts = [0]
    var expected: [[UInt32: Float]] = []
    for _ in 0..<stream.nextInteger(below: 12) {
      var row: [UInt32: Float] = [:]
      for _ in 0..<stream.nextInteger(below: 9) {
        let coordinate = UInt32(stream.nextInteger(below: 14) * 1000)
        let value = Float(stream.nextInteger(below: 9))
        coordinates.append(coordinate)
        values.append(value)
        row[coordinate, default: 0] += value
      }
      starts.append(coordinates.count)
      expected.append(row)
    }
    let rows = SparseRows(coordinates: coordinates, values: values, rowStarts: starts)
    #expect(rows.touched == Set(coordinates).sorted())
    #expect(rows.starts.count == expected.count + 1)
    for (index, row) in expected.enumerated() {
      let entries = Int(rows.starts[index])..<Int(rows.starts[index + 1])
      let found = entries.map { (rows.touched[Int(rows.columns[$0])], rows.values[$0]) }
      #expect(found.map(\.0) == row.keys.sorted())
      #expect(found.allSatisfy { row[$0.0] == $0.1 })
    }
  }
}
