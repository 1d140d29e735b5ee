/// The fields of a line of CSV (RFC 4180, but for line breaks within a field). The array is used again for the next line.
struct CSVFields {
  /// Without the quotes and the spaces around them.
  private(set) var ranges: [Range<Int>] = []
  /// Whether some field has a quote in it, written as two.
  private var hasEscapes = false

  /// Finds the fields of a line.
  /// - Throws: `ShardProblem` for a quote that is not closed, or is followed by something else than a comma.
  mutating func split(_ line: UnsafeRawBufferPointer) throws(ShardProblem) {
    ranges.removeAll(keepingCapacity: true)
    hasEscapes = false
    var position = 0
    repeat {
      Self.skipSpaces(line, &position)
      if position < line.count, line[position] == UInt8(ascii: "\"") {
        ranges.append(try quoted(line, &position))
      } else {
        let start = position
        while position < line.count, line[position] != UInt8(ascii: ",") { position += 1 }
        ranges.append(Self.trimmed(start..<position, of: line))
      }
      position += 1
    } while position <= line.count
  }

  /// The bytes of a field.
  func copy(_ field: Int, of line: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes.removeAll(keepingCapacity: true)
    let text = line[ranges[field]]
    guard hasEscapes else {
      bytes.append(contentsOf: text)
      return
    }
    var afterQuote = false
    for byte in text {
      let isQuote = byte == UInt8(ascii: "\"")
      if !(isQuote && afterQuote) { bytes.append(byte) }
      afterQuote = isQuote && !afterQuote
    }
  }

  /// - Parameter position: of the opening quote; afterwards behind the field.
  private mutating func quoted(
    _ line: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(ShardProblem) -> Range<Int> {
    let field = ranges.count + 1
    position += 1
    let start = position
    while true {
      guard position < line.count else { throw ShardProblem(.malformedQuotes, field: field) }
      if line[position] != UInt8(ascii: "\"") {
        position += 1
      } else if position + 1 < line.count, line[position + 1] == UInt8(ascii: "\"") {
        hasEscapes = true
        position += 2
      } else {
        break
      }
    }
    let end = position
    position += 1
    Self.skipSpaces(line, &position)
    guard position >= line.count || line[position] == UInt8(ascii: ",") else {
      throw ShardProblem(.malformedQuotes, field: field)
    }
    return Self.trimmed(start..<end, of: line)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  private static func skipSpaces(_ line: UnsafeRawBufferPointer, _ position: inout Int) {
    while position < line.count, isSpace(line[position]) { position += 1 }
  }

  private static func trimmed(_ range: Range<Int>, of line: UnsafeRawBufferPointer) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isSpace(line[start]) { start += 1 }
    while start < end, isSpace(line[end - 1]) { end -= 1 }
    return start..<end
  }
}
