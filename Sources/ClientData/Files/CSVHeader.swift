import Scenarios

/// The columns that the first line of a CSV file names.
struct CSVHeader {
  let names: [[UInt8]]
  /// Whether there are only numbers where names should be.
  private let isNumbers: Bool

  /// - Throws: `ShardProblem` for a quote that is not closed.
  init(_ line: UnsafeRawBufferPointer) throws(ShardProblem) {
    var fields = CSVFields()
    try fields.split(line)
    names = fields.ranges.indices.map { column in
      var name: [UInt8] = []
      fields.copy(column, of: line, to: &name)
      return name
    }
    isNumbers = fields.ranges.allSatisfy { DecimalNumber.float(line[$0]) != nil }
  }

  /// - Throws: `ShardProblem` for a column without a name, or two of one name.
  private func check() throws(ShardProblem) {
    var known: Set<[UInt8]> = []
    for (column, name) in names.enumerated() {
      if name.isEmpty { throw ShardProblem(.unnamedColumn, field: column + 1) }
      if !known.insert(name).inserted { throw ShardProblem(.doubledColumn, field: column + 1) }
    }
  }

  /// The features: every column but the label's and the client's, in the order of their names, whatever their order in the
  /// file.
  func features(_ settings: FilesPopulation) -> [[UInt8]] {
    let others = [settings.labelColumn, settings.clientColumn].map { Array($0.utf8) }
    return names.filter { !others.contains($0) }.sorted(by: NameOrder.isBefore)
  }

  /// Where in the file which value is.
  /// - Parameters:
  ///   - features: the model's, in the order of its coordinates.
  ///   - needsClient: whether there has to be a column that names the client.
  /// - Throws: `ShardProblem` for columns that are missing, have no name or one that another has, or that no other file has.
  func lines(
    _ settings: FilesPopulation, features: [[UInt8]], needsClient: Bool
  ) throws(ShardProblem) -> CSVLines {
    guard let label = names.firstIndex(of: Array(settings.labelColumn.utf8)) else {
      throw ShardProblem(isNumbers ? .noHeader : .missingColumn)
    }
    try check()
    let client = names.firstIndex(of: Array(settings.clientColumn.utf8))
    if needsClient && client == nil { throw ShardProblem(.missingClient) }
    guard features.count == settings.dimension else {
      throw ShardProblem(.wrongFeatureCount, field: features.count)
    }
    var coordinates: [[UInt8]: Int] = [:]
    for (coordinate, name) in features.enumerated() { coordinates[name] = coordinate }
    var places: [Int] = []
    for (column, name) in names.enumerated() {
      if column == label || column == client {
        places.append(-1)
      } else if let coordinate = coordinates.removeValue(forKey: name) {
        places.append(coordinate)
      } else {
        throw ShardProblem(.surplusColumn, field: column + 1)
      }
    }
    if let missing = coordinates.values.min() { throw ShardProblem(.missingFeature, field: missing + 1) }
    return CSVLines(label: label, client: client, places: places)
  }
}
