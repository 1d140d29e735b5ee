/// What clients hold back before anything is learned: fields that never leave the raw record, fields that are coarsened,
/// examples that are not used.
package struct Minimisation: Sendable, Equatable {
  /// Fields of the record that features may be made of; nil: all. A feature of any other field is left out.
  package let fields: [Features.Field]?
  /// Price bands that are left; nil: the population's.
  package let priceBands: Int?
  /// Equal parts of the day that are left of the hour; nil: 24.
  package let hourBands: Int?
  /// Examples that a client may learn from, its first ones; nil: all.
  package let maximumExamples: Int?

  /// - Parameter records: whether the population makes features of raw records.
  init(_ reader: ObjectReader, records: Bool) {
    fields = reader.optionalStrings(
      "fields", "fields of the record that features may be made of; features of any other are left out"
    ).map { reader.choices("fields", $0, Features.Field.self) }
    priceBands = reader.optionalInteger("priceBands", 1...1000, "price bands that are left of the population's")
    hourBands = reader.optionalInteger("hourBands", 1...24, "equal parts of the day that are left of the hour")
    maximumExamples = reader.optionalInteger(
      "maximumExamples", 1...1_000_000, "examples that a client may learn from: its first ones")
    for key in ["fields", "priceBands", "hourBands"] where !records && reader.has(key) {
      reader.problem(key, "belongs to the market population; this population brings its own features: leave it out")
    }
  }

  /// Whether a feature may be made of these fields.
  package func allows(_ group: [Features.Field]) -> Bool {
    guard let fields else { return true }
    return group.allSatisfy { fields.contains($0) }
  }
}
