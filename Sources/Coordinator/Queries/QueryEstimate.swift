import DifferentialPrivacy
import Scenarios

/// What noisy cells say about a query's answer.
struct QueryEstimate {
  /// One a line of the answer.
  let values: [Double]
  /// Each holds the line's value without noise with 95 % probability at least; nil where the mechanism gives none.
  let intervals: [ClosedRange<Double>?]
  /// Standard deviation that the noise gives the first line; nil where it has no variance.
  let deviation: Double?

  private init(values: [Double], intervals: [ClosedRange<Double>?], deviation: Double?) {
    (self.values, self.intervals, self.deviation) = (values, intervals, deviation)
  }

  /// An answer of one number.
  private init(_ value: Double, _ interval: ClosedRange<Double>?, _ deviation: Double?) {
    self.init(values: [value], intervals: [interval], deviation: deviation)
  }

  /// The answer from cells with noise.
  init(_ query: Query, _ fields: [RecordField], _ cells: [NoisyCell]) {
    switch query.kind {
    case .count, .sum: self.init(cells[0].value, cells[0].interval, cells[0].deviation)
    case .mean: self = Self.mean(query, cells[0], cells[1])
    case .ratio: self = Self.ratio(query, cells)
    case .histogram:
      self.init(
        values: cells.map(\.value),
        intervals: cells.map { cell in
          query.minimumCount > 0 ? cell.intervalIfShown(minimum: Double(query.minimumCount)) : cell.interval
        }, deviation: cells[0].deviation)
    case .quantile:
      let counts = cells.map { max(0, $0.value) }
      self.init(Self.quantile(query, fields, counts), nil, nil)
    case .top: self.init(chosen: Self.largest(query.choices, of: cells.map(\.value)))
    }
  }

  /// Values chosen, by their index, the first first.
  init(chosen: [Int]) {
    self.init(values: chosen.map(Double.init), intervals: chosen.map { _ in nil }, deviation: nil)
  }

  /// A value chosen.
  init(value: Double) { self.init(value, nil, nil) }

  // MARK: Made of two cells

  /// The middle of the bounds plus half of sum over count. Cell 0 holds twice the distances from the middle.
  private static func mean(_ query: Query, _ sum: NoisyCell, _ count: NoisyCell) -> QueryEstimate {
    let (lower, upper) = (Double(query.lower), Double(query.upper))
    func mean(_ sum: Double, _ count: Double) -> Double {
      max(lower, min((lower + upper) / 2 + sum / (2 * max(count, 1)), upper))
    }
    let n = max(count.value, 1)
    return ofTwo(sum, count, slopes: (1 / (2 * n), sum.value / (2 * n * n)), mean)
  }

  private static func ratio(_ query: Query, _ cells: [NoisyCell]) -> QueryEstimate {
    func clamped(_ share: Double) -> Double { max(0, min(share, 1)) }
    let first = cells[0]
    switch query.denominator {
    case .public:
      let n = Double(query.publicDenominator)
      return QueryEstimate(
        clamped(first.value / n),
        clamped(first.interval.lowerBound / n)...clamped(first.interval.upperBound / n), first.deviation / n)
    case .noisy:
      func share(_ part: Double, _ whole: Double) -> Double { clamped(part / max(whole, 1)) }
      let n = max(cells[1].value, 1)
      return ofTwo(first, cells[1], slopes: (1 / n, first.value / (n * n)), share)
    case .complement:
      func share(_ part: Double, _ rest: Double) -> Double {
        clamped(max(part, 0) / max(max(part, 0) + max(rest, 0), 1))
      }
      let n = max(first.value + cells[1].value, 1)
      return ofTwo(first, cells[1], slopes: (cells[1].value / (n * n), first.value / (n * n)), share)
    }
  }

  /// An answer made of two noisy numbers.
  /// - Parameters:
  ///   - slopes: of the function, up to their signs: the deviation is that of its first order.
  ///   - function: monotone in each argument, so that its extremes are at the ends of their intervals.
  private static func ofTwo(
    _ first: NoisyCell, _ second: NoisyCell, slopes: (Double, Double), _ function: (Double, Double) -> Double
  ) -> QueryEstimate {
    let (a, b) = (first.intervalOfTwo, second.intervalOfTwo)
    let ends = [a.lowerBound, a.upperBound].flatMap { [function($0, b.lowerBound), function($0, b.upperBound)] }
    let (fromFirst, fromSecond) = (slopes.0 * first.deviation, slopes.1 * second.deviation)
    return QueryEstimate(
      function(first.value, second.value), (ends.min() ?? 0)...(ends.max() ?? 0),
      (fromFirst * fromFirst + fromSecond * fromSecond).squareRoot())
  }

  // MARK: Many cells

  /// The indices of the largest values, the first of equals first.
  private static func largest(_ count: Int, of values: [Double]) -> [Int] {
    Array(values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(count))
  }

  /// The first value that so many records are at or below.
  static func quantile(_ query: Query, _ fields: [RecordField], _ counts: [Double]) -> Double {
    let numbers = fields[query.fields[0]].numbers ?? []
    let wanted = query.quantile * counts.reduce(0, +)
    var below = 0.0
    for (count, number) in zip(counts, numbers) {
      below += count
      if below >= wanted - 1e-9 * wanted { return Double(number) }
    }
    return Double(numbers.last ?? 0)
  }

  /// The answer that all records give, without bounds and without noise.
  /// - Parameter cells: exact sums; those of a mean are of the values themselves.
  /// - Returns: nil where there is no record that a mean, a share or a quantile could be of.
  static func exact(_ query: Query, _ fields: [RecordField], _ cells: [Double]) -> [Double]? {
    switch query.kind {
    case .count, .sum, .histogram: return cells
    case .mean: return cells[1] > 0 ? [cells[0] / cells[1]] : nil
    case .ratio:
      let whole =
        switch query.denominator {
        case .public: Double(query.publicDenominator)
        case .noisy: cells[1]
        case .complement: cells[0] + cells[1]
        }
      return whole > 0 ? [cells[0] / whole] : nil
    case .quantile: return cells.contains { $0 > 0 } ? [quantile(query, fields, cells)] : nil
    case .top: return largest(query.choices, of: cells).map(Double.init)
    }
  }
}
