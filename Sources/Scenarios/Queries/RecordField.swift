/// One column of the records that queries are about: its values are a public list, known before anything is asked.
package struct RecordField: Sendable, Equatable {
  package let name: String
  /// The values a record can have, in the order in which answers list them. A record holds an index into this list.
  package let values: [String]
  /// What each value counts as in sums, means and quantiles; nil where values are only names.
  package let numbers: [Int]?

  package init(name: String, values: [String]) {
    self.name = name
    self.values = values
    let numbers = values.compactMap { Int($0) }
    let ascends = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    let small = numbers.allSatisfy { abs($0) <= 1_000_000 }
    self.numbers = numbers.count == values.count && ascends && small ? numbers : nil
  }

  /// Values that are the whole numbers of a range.
  init(name: String, _ range: Range<Int>) { self.init(name: name, values: range.map { "\($0)" }) }
}

extension MarketPopulation {
  /// The stages of a purchase, as `action` has them.
  package enum Action: String, CaseIterable, Sendable {
    case view, cart, purchase
  }

  /// The highest price, in whole units of money.
  package static let highestPrice = 200

  /// What a market record holds, in the order of its columns.
  package var fields: [RecordField] {
    [
      RecordField(name: "item", 0..<items), RecordField(name: "category", 0..<categories),
      RecordField(name: "priceBand", 0..<priceBands), RecordField(name: "popularityBand", 0..<10),
      RecordField(name: "segment", 0..<segments), RecordField(name: "budgetBand", 0..<budgetBands),
      RecordField(name: "hour", 0..<24), RecordField(name: "price", 0..<Self.highestPrice + 1),
      RecordField(name: "action", values: Action.allCases.map(\.rawValue)),
    ]
  }
}
