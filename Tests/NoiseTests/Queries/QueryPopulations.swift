/// Populations for queries. All have the fields price (numbers), action and segment (names).
enum QueryPopulations {
  private static func table(
    prices: [Int] = [40, 50, 60], _ groups: [(clients: Int, records: Int, price: Int, action: String)]
  ) -> String {
    let texts = groups.enumerated().map { number, group in
      """
      "g\(number)": {"clients": \(group.clients), "recordsPerClient": \(group.records),
        "record": {"price": "\(group.price)", "action": "\(group.action)", "segment": "0"}}
      """
    }
    let values = prices.map { "\"\($0)\"" }.joined(separator: ", ")
    return """
      {"kind": "table",
       "columns": {"price": [\(values)], "action": ["view", "cart", "purchase"], "segment": ["0", "1"]},
       "groups": {\(texts.joined(separator: ", "))}}
      """
  }

  /// Thousands of clients, against which the noise on a count is small, so that nothing is cut at the ends of its range.
  /// Some have more records than count, and some values beyond the bounds.
  static let plain = table(
    prices: [30, 50, 60, 70],
    [(2000, 1, 50, "cart"), (1000, 3, 50, "view"), (10, 1, 70, "cart"), (500, 1, 30, "purchase")])

  /// The same with another numerator and another denominator for every kind of query.
  static let shifted = table(
    prices: [30, 50, 60, 70], [(2100, 1, 50, "cart"), (1500, 3, 60, "view"), (500, 1, 30, "purchase")])

  /// One client for each of three workers, with records of their own.
  static let three = table([(1, 3, 40, "view"), (1, 1, 50, "cart"), (1, 1, 60, "purchase")])

  /// Candidates that are a little apart.
  static let close = table([(10, 1, 40, "view"), (12, 1, 50, "cart"), (8, 1, 60, "purchase")])

  /// Clients with few records or many, of all kinds; some have none that count.
  static let market = """
    {"kind": "market", "clients": \(marketClients), "segments": 3, "items": 20, "categories": 3, "positiveRate": 0.4,
     "examplesPerClient": {"median": 3, "spread": 0.7, "minimum": 1, "maximum": 12}}
    """

  static let marketClients = 70
}
