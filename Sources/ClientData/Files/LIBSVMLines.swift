/// Lines of the LIBSVM format, `label [qid:client] index:value …`, with SVMrank's qid as the client's name.
struct LIBSVMLines {
  let dimension: Int
  private static let client = Array("qid:".utf8)

  /// - Returns: false for a blank line or a comment.
  func read(_ line: UnsafeRawBufferPointer, into example: inout ShardExample) throws(ShardProblem) -> Bool {
    example.coordinates.removeAll(keepingCapacity: true)
    example.values.removeAll(keepingCapacity: true)
    example.namesClient = false
    var position = 0
    var number = 1
    guard let label = Self.field(of: line, &position) else { return false }
    example.label = try ShardExample.label(label, field: number)
    while let field = Self.field(of: line, &position) {
      number += 1
      if number == 2, field.starts(with: Self.client) {
        example.namesClient = true
        example.client.removeAll(keepingCapacity: true)
        example.client.append(contentsOf: field.dropFirst(Self.client.count))
        if example.client.isEmpty { throw ShardProblem(.missingClient, field: number) }
        continue
      }
      let (index, value) = try feature(field, number)
      if let last = example.coordinates.last, last >= index {
        throw ShardProblem(.indicesNotAscending, field: number)
      }
      example.coordinates.append(index)
      example.values.append(value)
    }
    return true
  }

  /// The next field before the end of the line, or a comment.
  private static func field(
    of line: UnsafeRawBufferPointer, _ position: inout Int
  ) -> Slice<UnsafeRawBufferPointer>? {
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    while position < line.count, isSpace(line[position]) { position += 1 }
    let start = position
    while position < line.count, !isSpace(line[position]), line[position] != UInt8(ascii: "#") { position += 1 }
    return start < position ? line[start..<position] : nil
  }

  private func feature(
    _ field: Slice<UnsafeRawBufferPointer>, _ number: Int
  ) throws(ShardProblem) -> (index: UInt32, value: Float) {
    var index = 0
    var position = field.startIndex
    while position < field.endIndex, field[position] != UInt8(ascii: ":") {
      let digit = field[position] &- UInt8(ascii: "0")
      guard digit < 10 else { throw ShardProblem(.malformedFeature, field: number) }
      index = min(index * 10 + Int(digit), .max / 100)
      position += 1
    }
    guard position > field.startIndex, position < field.endIndex,
      let value = DecimalNumber.float(field[(position + 1)...])
    else { throw ShardProblem(.malformedFeature, field: number) }
    guard index > 0 else { throw ShardProblem(.indexZero, field: number) }
    guard index <= dimension else { throw ShardProblem(.indexOutOfRange, field: number) }
    guard value.isFinite else { throw ShardProblem(.valueNotFinite, field: number) }
    return (UInt32(index - 1), value)
  }
}
