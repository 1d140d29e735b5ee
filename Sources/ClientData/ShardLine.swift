import FederationProtocol

/// One example as it stands in a shard.
enum ShardLine {
  case sparse(client: String?, label: Float, coordinates: [UInt32], values: [Float])
  case dense(client: String?, label: Float, values: [Float])

  /// What is wrong with a line: the reason, and the field (from 1) it is about.
  struct Problem: Error {
    let reason: WorkerFailure.Reason
    let field: Int
  }

  /// Reads `label [qid:client] index:value …`, the LIBSVM format with SVMrank's qid as the client column.
  /// - Returns: nil for a blank line or a comment.
  static func libsvm(_ line: Substring.UTF8View.SubSequence, dimension: Int) throws(Problem) -> ShardLine? {
    var fields = line.split(separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)[0]
      .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }[...]
    guard let first = fields.popFirst() else { return nil }
    let label = try binaryLabel(Substring(first), field: 1)
    var client: String?
    if let second = fields.first, second.starts(with: "qid:".utf8) {
      client = String(Substring(second.dropFirst(4)))
      fields.removeFirst()
    }
    var coordinates: [UInt32] = []
    var values: [Float] = []
    var number = client == nil ? 1 : 2
    for field in fields {
      number += 1
      guard let colon = field.firstIndex(of: UInt8(ascii: ":")),
        let index = Int(Substring(field[..<colon])),
        let value = Float(Substring(field[field.index(after: colon)...]))
      else { throw Problem(reason: .malformedFeature, field: number) }
      guard index >= 1 && index <= dimension else { throw Problem(reason: .indexOutOfRange, field: number) }
      guard value.isFinite else { throw Problem(reason: .valueNotFinite, field: number) }
      if let last = coordinates.last, last >= UInt32(index - 1) {
        throw Problem(reason: .indicesNotAscending, field: number)
      }
      coordinates.append(UInt32(index - 1))
      values.append(value)
    }
    return .sparse(client: client, label: label, coordinates: coordinates, values: values)
  }

  /// 0 or 1; −1 is read as 0.
  static func binaryLabel(_ text: Substring, field: Int) throws(Problem) -> Float {
    switch Float(text) {
    case 1: return 1
    case 0, -1: return 0
    default: throw Problem(reason: .labelNotBinary, field: field)
    }
  }
}

/// The columns of a CSV shard, from its first line.
struct CSVHeader {
  private let labelColumn: Int
  private let clientColumn: Int?
  private let count: Int

  /// - Parameter needsClient: whether the client column must be there (one file for all clients).
  init(
    _ line: Substring.UTF8View.SubSequence, label: String, client: String, dimension: Int, needsClient: Bool
  ) throws(ShardLine.Problem) {
    let names = Self.fields(line)
    guard let labelColumn = names.firstIndex(where: { $0 == label }) else {
      throw ShardLine.Problem(reason: .missingColumn, field: 0)
    }
    self.labelColumn = labelColumn
    clientColumn = names.firstIndex { $0 == client }
    if needsClient && clientColumn == nil { throw ShardLine.Problem(reason: .missingClient, field: 0) }
    count = names.count
    if count != dimension + 1 + (clientColumn == nil ? 0 : 1) {
      throw ShardLine.Problem(reason: .wrongColumnCount, field: count)
    }
  }

  /// Reads one line; every column but label and client is a feature, in the order of the file.
  /// - Returns: nil for a blank line.
  func read(_ line: Substring.UTF8View.SubSequence) throws(ShardLine.Problem) -> ShardLine? {
    if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { return nil }
    let fields = Self.fields(line)
    guard fields.count == count else {
      throw ShardLine.Problem(reason: .wrongColumnCount, field: fields.count)
    }
    var values: [Float] = []
    for (index, field) in fields.enumerated() where index != labelColumn && index != clientColumn {
      guard let value = Float(field) else {
        throw ShardLine.Problem(reason: .malformedFeature, field: index + 1)
      }
      guard value.isFinite else { throw ShardLine.Problem(reason: .valueNotFinite, field: index + 1) }
      values.append(value)
    }
    let label = try ShardLine.binaryLabel(fields[labelColumn], field: labelColumn + 1)
    return .dense(client: clientColumn.map { String(fields[$0]) }, label: label, values: values)
  }

  private static func fields(_ line: Substring.UTF8View.SubSequence) -> [Substring] {
    line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { field in
      var text = Substring(field)
      while let end = text.last, end == "\r" || end == " " { text.removeLast() }
      while text.first == " " { text.removeFirst() }
      if text.count >= 2 && text.first == "\"" && text.last == "\"" { text = text.dropFirst().dropLast() }
      return text
    }
  }
}
