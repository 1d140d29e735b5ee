/// Lines of a CSV file whose columns are known.
struct CSVLines {
  let label: Int
  let client: Int?
  /// For each column the coordinate of its feature; −1 for the label and the client.
  let places: [Int]

  /// - Parameter fields: used again for the next line.
  /// - Returns: false for a blank line.
  func read(
    _ line: UnsafeRawBufferPointer, _ fields: inout CSVFields, into example: inout ShardExample
  ) throws(ShardProblem) -> Bool {
    try fields.split(line)
    if fields.ranges.count == 1, fields.ranges[0].isEmpty, line.first != UInt8(ascii: "\"") { return false }
    guard fields.ranges.count == places.count else {
      throw ShardProblem(.wrongColumnCount, field: fields.ranges.count)
    }
    example.namesClient = client != nil
    let features = places.count - (client == nil ? 1 : 2)
    if example.values.count != features { example.values = [Float](repeating: 0, count: features) }
    for (column, place) in places.enumerated() where place >= 0 {
      guard let value = DecimalNumber.float(line[fields.ranges[column]]) else {
        throw ShardProblem(.malformedFeature, field: column + 1)
      }
      guard value.isFinite else { throw ShardProblem(.valueNotFinite, field: column + 1) }
      example.values[place] = value
    }
    example.label = try ShardExample.label(line[fields.ranges[label]], field: label + 1)
    if let client {
      fields.copy(client, of: line, to: &example.client)
      if example.client.isEmpty { throw ShardProblem(.missingClient, field: client + 1) }
    }
    return true
  }
}
