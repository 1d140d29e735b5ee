import Scenarios

/// Lines of either format.
struct ShardLines {
  private let settings: FilesPopulation
  private var fields = CSVFields()
  /// nil before the header, and for LIBSVM.
  private(set) var columns: CSVLines?

  init(_ settings: FilesPopulation, columns: CSVLines? = nil) {
    self.settings = settings
    self.columns = columns
  }

  /// Whether a line was the header.
  /// - Parameters:
  ///   - features: the first header decides about them.
  ///   - layouts: of the first lines that were seen before: files of a folder mostly have the same.
  mutating func takesHeader(
    _ line: UnsafeRawBufferPointer, features: inout [[UInt8]]?, layouts: inout [[UInt8]: CSVLines],
    needsClient: Bool
  ) throws(ShardProblem) -> Bool {
    switch settings.format {
    case .libsvm: return false
    case .csv:
      if columns != nil { return false }
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return true }
      let text = Array(line)
      columns = layouts[text]
      if columns != nil { return true }
      let header = try CSVHeader(line)
      let expected = features ?? header.features(settings)
      columns = try header.lines(settings, features: expected, needsClient: needsClient)
      features = expected
      layouts[text] = columns
      return true
    }
  }

  /// - Returns: false for a line without an example.
  mutating func read(
    _ line: UnsafeRawBufferPointer, into example: inout ShardExample
  ) throws(ShardProblem) -> Bool {
    if let columns { return try columns.read(line, &fields, into: &example) }
    return try LIBSVMLines(dimension: settings.dimension).read(line, into: &example)
  }
}
