import NumericalCore

/// Where the clients' examples come from.
package enum Population: Sendable, Equatable {
  case market(MarketPopulation)
  case syntheticAlphaBeta(SyntheticAlphaBetaPopulation)
  case files(FilesPopulation)

  /// Training clients: a public constant of the scenario, never counted from the data, because sampling rates
  /// are computed from it and a rate that moved when a client joined would void the accounting.
  package var clients: Int {
    switch self {
    case .market(let market): market.clients
    case .syntheticAlphaBeta(let synthetic): synthetic.clients
    case .files(let files): files.clients
    }
  }

  static func read(_ reader: ObjectReader) -> Population? {
    reader.variant(
      "population", "where the clients' examples come from",
      [
        ("market", { .market(MarketPopulation($0)) }),
        ("synthetic-alpha-beta", { .syntheticAlphaBeta(SyntheticAlphaBetaPopulation($0)) }),
        ("files", { .files(FilesPopulation($0)) }),
      ])
  }
}

/// How many examples a client has: a log-normal number, rounded and held within bounds.
package struct ExamplesPerClient: Sendable, Equatable {
  package let median: Double
  /// Standard deviation of the logarithm: 0 gives every client the median.
  package let spread: Double
  package let minimum: Int
  package let maximum: Int

  /// What no client has more examples than. No normal number is beyond 8.6 deviations (`RandomStream.nextNormal`).
  package var largest: Int {
    let drawn = (median * deterministicExp(8.6 * spread)).rounded(.up)
    return max(minimum, drawn < Double(maximum) ? Int(drawn) : maximum)
  }

  init(_ reader: ObjectReader) {
    median = reader.number("median", 1...1_000_000, default: 40, "median number of examples of a client")
    spread = reader.number(
      "spread", 0...4, default: 0, "size skew: standard deviation of the logarithm of the number")
    minimum = reader.integer("minimum", 1...1_000_000, default: 1, "fewest examples of a client")
    maximum = reader.integer("maximum", 1...1_000_000, default: 100_000, "most examples of a client")
    if minimum > maximum {
      reader.problem("minimum", "is \(minimum), above maximum \(maximum); lower it or raise maximum")
    }
  }
}

/// The e-commerce market: items, users with tastes and budgets, labels from a true logit.
package struct MarketPopulation: Sendable, Equatable {
  package let clients: Int
  package let heldOutClients: Int
  package let examplesPerClient: ExamplesPerClient
  package let items: Int
  package let categories: Int
  package let segments: Int
  package let priceBands: Int
  package let budgetBands: Int
  /// Exponent s of the Zipf law: item i is shown with weight (i + 1)^−s.
  package let popularityExponent: Double
  package let positiveRate: Double
  /// Standard deviation of the true logit's learnable part, before heterogeneity.
  package let signal: Double
  package let heterogeneity: Heterogeneity

  /// - Parameter evaluates: whether there are clients to evaluate a model on.
  init(_ reader: ObjectReader, evaluates: Bool = true) {
    clients = reader.integer("clients", 1...100_000_000, "training clients; a public constant")
    heldOutClients =
      evaluates
      ? reader.integer("heldOutClients", 1...1_000_000, default: 500, "clients that only evaluate") : 0
    examplesPerClient = reader.object("examplesPerClient", "how many examples a client has", ExamplesPerClient.init)
    items = reader.integer("items", 2...10_000_000, default: 500, "items in the catalogue")
    categories = reader.integer("categories", 1...100_000, default: 20, "item categories")
    segments = reader.integer("segments", 1...10_000, default: 8, "user segments, each with its own taste")
    priceBands = reader.integer("priceBands", 1...1000, default: 8, "equally filled price bands")
    budgetBands = reader.integer("budgetBands", 1...1000, default: 5, "equally filled budget bands")
    popularityExponent = reader.number(
      "popularityExponent", 0...3, default: 0.9, "exponent of the Zipf law of item popularity")
    positiveRate = reader.number("positiveRate", 0.0001...0.9999, default: 0.2, "share of positive labels")
    signal = reader.number("signal", 0...10, default: 1.5, "standard deviation of the true logit")
    heterogeneity = reader.object("heterogeneity", "how far clients differ from each other", Heterogeneity.init)
  }
}

/// Non-IID knobs of the market; all zero is the IID market.
package struct Heterogeneity: Sendable, Equatable {
  /// Share of a client's taste that is its own instead of its segment's.
  package let taste: Double
  /// 0 none; towards 1, a client's own positive rate is drawn from an ever more extreme Dirichlet.
  package let labelSkew: Double
  /// Spread between clients of how strongly price against budget acts on the label.
  package let conceptShift: Double

  init(_ reader: ObjectReader) {
    taste = reader.number(
      "taste", 0...1, default: 0, "share of a client's taste that is its own, not its segment's")
    labelSkew = reader.number(
      "labelSkew", 0...0.99, default: 0, "label skew s: positive rates from a Dirichlet of concentration (1 − s)/s")
    conceptShift = reader.number(
      "conceptShift", 0...4, default: 0, "spread between clients of the price effect on the label")
  }
}

/// Synthetic(α, β) of Li et al. 2020, "Federated optimization in heterogeneous networks", section 5.1.
package struct SyntheticAlphaBetaPopulation: Sendable, Equatable {
  package let clients: Int
  package let heldOutClients: Int
  package let examplesPerClient: ExamplesPerClient
  /// Dense features, the first of which is the constant 1.
  package let features: Int
  package let alpha: Double
  package let beta: Double
  /// The paper's IID variant: one model and one feature distribution for all clients.
  package let iid: Bool

  init(_ reader: ObjectReader) {
    clients = reader.integer("clients", 1...100_000_000, "training clients; a public constant")
    heldOutClients = reader.integer("heldOutClients", 1...1_000_000, default: 100, "clients that only evaluate")
    examplesPerClient = reader.object("examplesPerClient", "how many examples a client has", ExamplesPerClient.init)
    features = reader.integer("features", 2...1_048_576, default: 60, "dense features, the first is the constant 1")
    iid = reader.bool("iid", default: false, "one model and one feature distribution for all clients")
    let differ = ObjectReader.Condition(holds: !iid, meaning: "iid false")
    alpha = reader.number(
      "alpha", 0...100, default: 1, when: differ, "how much the clients' models differ (variance)")
    beta = reader.number(
      "beta", 0...100, default: 1, when: differ, "how much the clients' features differ (variance)")
  }
}

/// A user's own shards.
package struct FilesPopulation: Sendable, Equatable {
  /// The two formats that shards may have.
  package enum Format: String, CaseIterable, Sendable {
    case libsvm, csv
  }

  package let format: Format
  /// A file that names the client of every example, or a folder of such files, or one with a file a client.
  package let train: String
  package let heldOut: String
  package let clients: Int
  /// Length of the model: LIBSVM indices run from 1 to it; a CSV file has as many feature columns.
  package let dimension: Int
  package let clientColumn: String
  package let labelColumn: String

  init(_ reader: ObjectReader) {
    format = reader.choice("format", Format.self, default: .libsvm, "format of the shards")
    train = reader.string(
      "train", "training shards: a file that names the client of every example, or a folder of files")
    heldOut = reader.string("heldOut", "held-out shards, in the same form")
    clients = reader.integer(
      "clients", 1...100_000_000, "training clients; a public constant, at least as many as the shards hold")
    dimension = reader.integer("dimension", 1...1_048_576, "features")
    let isCSV = ObjectReader.Condition(holds: format == .csv, meaning: "format \"csv\"")
    clientColumn = reader.string(
      "clientColumn", default: "client", when: isCSV, "CSV: the column that names the client")
    labelColumn = reader.string(
      "labelColumn", default: "label", when: isCSV, "CSV: the column with the label, 0 or 1 (or −1 and 1)")
    if format == .csv, clientColumn == labelColumn, !reader.session.describing {
      reader.problem("clientColumn", "is \"\(clientColumn)\" like labelColumn; allowed: a column of its own")
    }
  }
}
