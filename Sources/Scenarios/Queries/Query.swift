/// One question about clients' records, and what it may cost.
package struct Query: Sendable, Equatable {
  /// What is asked for.
  package enum Kind: String, CaseIterable, Sendable {
    /// Records.
    case count
    /// The sum of a field, each value held within bounds.
    case sum
    /// The mean of a field, each value held within bounds.
    case mean
    /// The share of records that pass a second filter.
    case ratio
    /// Records by the values of one field or several.
    case histogram
    /// The value of a field below which a share of the records lie.
    case quantile
    /// The values of a field that most clients have.
    case top
  }

  /// What a count is of.
  package enum Counted: String, CaseIterable, Sendable {
    case records
    /// Each client once, however often it has the same.
    case clients
  }

  /// What a ratio is divided by.
  package enum Denominator: String, CaseIterable, Sendable {
    /// Numerator and denominator have noise of their own, each with half of ε.
    case noisy
    /// Records that pass and records that do not are counted with noise, each with all of ε: nobody is in both.
    case complement
    /// A public number.
    case `public`
  }

  /// How one of several candidates is chosen.
  package enum Selection: String, CaseIterable, Sendable {
    case exponential
    case permuteAndFlip = "permute-and-flip"
    case reportNoisyMax = "report-noisy-max"
  }

  /// How each client hides its own answer, with local trust.
  package enum LocalMechanism: String, CaseIterable, Sendable {
    case laplace
    case randomizedResponse = "randomized-response"
  }

  /// Values of a field that a record may have.
  package struct Condition: Sendable, Equatable {
    /// The column.
    package let field: Int
    /// One a value of the column.
    package let allowed: [Bool]
  }

  package let name: String
  package let kind: Kind
  /// What one answer may cost; several values are several answers.
  package let epsilons: [Double]
  /// Records that count at all.
  package let filter: [Condition]
  /// Ratio: records that count in the numerator.
  package let numerator: [Condition]
  /// Records of a client that are looked at, at most; further ones are left out.
  package let maximumPerClient: Int
  package let counted: Counted
  /// The columns that an answer is by.
  package let fields: [Int]
  /// Sum and mean: values are held within these.
  package let lower: Int
  package let upper: Int
  package let quantile: Double
  package let choices: Int
  package let denominator: Denominator
  package let publicDenominator: Int
  /// Histogram: noisy counts below this are withheld.
  package let minimumCount: Int
  package let selections: [Selection]
  package let localMechanism: LocalMechanism

  /// Cells of an answer at most.
  private static let mostCells = 100_000

  /// Quantiles are whole multiples of one over this.
  package static let quantileSteps = 1000

  init(name: String, _ reader: ObjectReader, fields known: [RecordField], trust: Privacy.Trust) {
    typealias When = ObjectReader.Condition
    self.name = name
    let kind = reader.choice("kind", Kind.self, default: .count, "what is asked for")
    self.kind = kind
    epsilons = reader.numbers("epsilon", 0.0001...1000, "what one answer may cost; a list gives an answer for each")
    filter = Self.conditions("where", "records that count, by field the values that pass", reader, known)
    numerator = Self.conditions(
      "of", "ratio: records that count in the numerator, by field the values that pass", reader, known)
    if kind == .ratio, numerator.isEmpty, !reader.session.describing {
      reader.problem("of", "is missing; allowed: an object of fields and the values that count in the numerator")
    } else if kind != .ratio, reader.has("of") {
      reader.problem("of", "only has a meaning with kind \"ratio\": leave it out")
    }
    let isSelection = kind == .top
    let limit = When(
      holds: !(isSelection && trust.selectsByExactSums),
      meaning: "a kind other than top, where a client counts once for a value")
    maximumPerClient = reader.integer(
      "maximumPerClient", 1...10_000, default: 1, when: limit,
      "records of a client that count at most; noise grows with it")
    let counts = reader.choice(
      "counts", Counted.self, default: .records,
      when: When(holds: kind == .count || kind == .histogram, meaning: "kind count or histogram"),
      "count, histogram: records, or clients that have one; a client then counts once in a cell")
    counted = isSelection ? .clients : counts
    let hasField = When(
      holds: [.sum, .mean, .quantile, .top].contains(kind), meaning: "kind sum, mean, quantile or top")
    let field = reader.string(
      "field", default: known.first?.name ?? "", when: hasField, "the field that is asked about")
    let by = When(holds: kind == .histogram, meaning: "kind \"histogram\"")
    let groups =
      by.holds || reader.session.describing
      ? reader.strings(
        "by", default: [known.first?.name ?? ""], "histogram: the fields that records are counted by")
      : []
    if !by.holds, reader.has("by") {
      reader.problem("by", "only has a meaning with kind \"histogram\": leave it out")
    }
    var columns: [Int] = []
    for name in hasField.holds ? [field] : by.holds ? groups : [] {
      guard let column = Self.column(name, hasField.holds ? "field" : "by", reader, known) else { continue }
      columns.append(column)
    }
    fields = columns
    let cells = columns.reduce(1) { $0 * known[$1].values.count }
    if cells > Self.mostCells, !reader.session.describing {
      reader.problem(by.holds ? "by" : "field", "makes \(cells) cells; allowed: up to \(Self.mostCells)")
    }
    let isNumeric = [.sum, .mean, .quantile].contains(kind)
    if isNumeric, let column = columns.first, known[column].numbers == nil, !reader.session.describing {
      reader.problem(
        "field", "found \"\(field)\", whose values are no ascending whole numbers; allowed: a field of numbers")
    }
    let bounded = When(holds: kind == .sum || kind == .mean, meaning: "kind sum or mean")
    lower = reader.integer(
      "lower", -1_000_000...1_000_000, default: 0, when: bounded, "sum, mean: smaller values count as this")
    upper = reader.integer(
      "upper", -1_000_000...1_000_000, default: 100, when: bounded, "sum, mean: larger values count as this")
    if bounded.holds, lower >= upper, !reader.session.describing {
      reader.problem("lower", "is \(lower), not below upper \(upper); lower it or raise upper")
    }
    quantile = reader.number(
      "quantile", 0.001...0.999, default: 0.5, when: When(holds: kind == .quantile, meaning: "kind \"quantile\""),
      "quantile: the share of records below the answer, in thousandths")
    choices = reader.integer(
      "choices", 1...1000, default: 1, when: When(holds: isSelection, meaning: "kind \"top\""),
      "top: how many values are chosen; each takes its part of ε")
    if isSelection, let column = columns.first, choices > known[column].values.count, !reader.session.describing {
      reader.problem("choices", "is \(choices), more than the \(known[column].values.count) values of \(field)")
    }
    let isRatio = When(holds: kind == .ratio, meaning: "kind \"ratio\"")
    let denominator = reader.choice(
      "denominator", Denominator.self, default: .complement, when: isRatio,
      "ratio: what the noisy numerator is divided by")
    self.denominator = denominator
    publicDenominator = reader.integer(
      "publicDenominator", 1...1_000_000_000, default: 1,
      when: When(holds: isRatio.holds && denominator == .public, meaning: "denominator \"public\""),
      "ratio: the public number of records")
    minimumCount = reader.integer(
      "minimumCount", 0...1_000_000, default: 0, when: by,
      "histogram: cells whose noisy count is below are withheld")
    let selects = When(
      holds: trust.selectsByExactSums && (isSelection || kind == .quantile),
      meaning: "kind top or quantile and central trust")
    let names =
      selects.holds || reader.session.describing
      ? reader.strings(
        "mechanisms", default: ["exponential"], "top, quantile: how the value is chosen, each at the cost of ε")
      : []
    if !selects.holds, reader.has("mechanisms") {
      reader.problem("mechanisms", "only has a meaning with \(selects.meaning): leave it out")
    }
    selections = reader.choices("mechanisms", names, Selection.self)
    localMechanism = reader.choice(
      "localMechanism", LocalMechanism.self, default: .laplace,
      when: When(holds: trust.clientsAddNoise, meaning: "trust \"local\""),
      "local trust: how each client hides its answer")
    if trust.clientsAddNoise, localMechanism == .randomizedResponse,
      maximumPerClient != 1 || kind == .sum || kind == .mean
        || (kind == .ratio && denominator == .noisy)
    {
      reader.problem(
        "localMechanism",
        "found \"randomized-response\", which hides one value of a client: use maximumPerClient 1 and a count, a histogram, a quantile, a top, or a ratio whose denominator is not \"noisy\""
      )
    }
  }

  private static func conditions(
    _ key: String, _ about: String, _ reader: ObjectReader, _ known: [RecordField]
  ) -> [Condition] {
    reader.namedLists(key, about).compactMap { name, values in
      guard let column = column(name, "\(key).\(name)", reader, known) else { return nil }
      let field = known[column]
      var allowed = [Bool](repeating: false, count: field.values.count)
      for value in values {
        guard let index = field.values.firstIndex(of: value) else {
          reader.problem("\(key).\(name)", unknown: value, among: field.values, listed: field.listed)
          continue
        }
        allowed[index] = true
      }
      return Condition(field: column, allowed: allowed)
    }
  }

  private static func column(_ name: String, _ key: String, _ reader: ObjectReader, _ known: [RecordField]) -> Int?
  {
    if let column = known.firstIndex(where: { $0.name == name }) { return column }
    if reader.session.describing { return nil }
    reader.problem(key, unknown: name, among: known.map(\.name))
    return nil
  }
}
