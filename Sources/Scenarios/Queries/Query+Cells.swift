import DifferentialPrivacy

/// A query as workers and coordinator see it: whole numbers that are added up over clients.
extension Query {
  /// Cells that share one noise: what one unit can move them by in L1 norm, and their part of ε.
  package struct Part: Sendable {
    package let cells: Range<Int>
    package let sensitivity: Int
    package let share: Double
  }

  /// Numbers that are added up.
  package func cellCount(_ known: [RecordField]) -> Int {
    switch kind {
    case .count, .sum: 1
    case .mean: 2
    case .ratio: denominator == .public ? 1 : 2
    case .histogram, .quantile, .top: fields.reduce(1) { $0 * known[$1].values.count }
    }
  }

  /// The names of an answer's lines: the values of its fields, or nothing for an answer that is one number.
  package func labels(_ known: [RecordField]) -> [[String]] {
    guard kind == .histogram || kind == .top else { return [[]] }
    return fields.reduce([[]]) { labels, column in
      labels.flatMap { label in known[column].values.map { label + [$0] } }
    }
  }

  /// Whether one of several candidates is chosen, instead of noise being added to cells.
  package func selects(_ trust: Privacy.Trust) -> Bool {
    trust.selectsByExactSums && (kind == .top || kind == .quantile)
  }

  /// What one client can move the cells by, whatever it holds.
  /// - Parameter adjacency: with `replaceOne` a client's contribution goes and another comes.
  package func parts(_ known: [RecordField], adjacency: Adjacency) -> [Part] {
    let most = maximumPerClient
    let replaces = adjacency == .replaceOne
    switch kind {
    case .count: return [Part(cells: 0..<1, sensitivity: counted == .clients ? 1 : most, share: 1)]
    case .sum:
      let reach = replaces ? max(upper, 0) - min(lower, 0) : max(abs(lower), abs(upper))
      return [Part(cells: 0..<1, sensitivity: most * reach, share: 1)]
    case .mean:
      // Twice the distance from the middle of the bounds is within ±(upper − lower).
      return [
        Part(cells: 0..<1, sensitivity: most * (upper - lower) * (replaces ? 2 : 1), share: 0.5),
        Part(cells: 1..<2, sensitivity: most, share: 0.5),
      ]
    case .ratio:
      switch denominator {
      case .public: return [Part(cells: 0..<1, sensitivity: most, share: 1)]
      case .noisy: return (0..<2).map { Part(cells: $0..<$0 + 1, sensitivity: most, share: 0.5) }
      case .complement: return [Part(cells: 0..<2, sensitivity: most * (replaces ? 2 : 1), share: 1)]
      }
    case .histogram, .quantile, .top:
      // A record is in one cell, so a client adds to cells at most as often as it has records; where clients are counted,
      // no cell moves by more than one.
      let cells = cellCount(known)
      let sensitivity = most * (replaces ? 2 : 1)
      return [
        Part(cells: 0..<cells, sensitivity: counted == .clients ? min(sensitivity, cells) : sensitivity, share: 1)
      ]
    }
  }

  /// What a client's records add to the cells.
  /// - Parameters:
  ///   - records: one after the other, an index for every column.
  ///   - most: records that count at most; nil: all, and no value is held within bounds.
  ///   - body: gets a cell and what is added to it.
  /// - Returns: whether anything was added.
  package func contribute(
    _ records: [Int32], _ known: [RecordField], most: Int?, trust: Privacy.Trust, to body: (Int, Int) -> Void
  ) -> Bool {
    let width = known.count
    var used = 0
    // Cells that the client is in already, where clients are counted.
    var seen: Set<Int> = []
    func isNew(_ cell: Int) -> Bool { counted == .records || seen.insert(cell).inserted }
    for start in stride(from: 0, to: records.count, by: width) {
      guard used < most ?? .max || (kind == .top && trust.selectsByExactSums) else { break }
      func passes(_ conditions: [Condition]) -> Bool {
        conditions.allSatisfy { $0.allowed[Int(records[start + $0.field])] }
      }
      guard passes(filter) else { continue }
      func number() -> Int { known[fields[0]].numbers?[Int(records[start + fields[0]])] ?? 0 }
      let cell = fields.reduce(0) { $0 * known[$1].values.count + Int(records[start + $1]) }
      switch kind {
      case .count:
        guard isNew(0) else { continue }
        body(0, 1)
      case .sum: body(0, most == nil ? number() : max(lower, min(number(), upper)))
      case .mean:
        body(0, most == nil ? number() : 2 * max(lower, min(number(), upper)) - lower - upper)
        body(1, 1)
      case .ratio:
        let isIn = passes(numerator)
        switch denominator {
        case .public: if isIn { body(0, 1) }
        case .noisy:
          if isIn { body(0, 1) }
          body(1, 1)
        case .complement: body(isIn ? 0 : 1, 1)
        }
      case .histogram, .quantile, .top:
        guard isNew(cell) else { continue }
        body(cell, 1)
      }
      used += 1
    }
    return used > 0
  }
}
