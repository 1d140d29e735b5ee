/// What of a raw market record reaches the model, and into how many hashed coordinates.
package struct Features: Sendable, Equatable {
  /// A field of the raw record that a feature can be made of.
  package enum Field: String, CaseIterable, Sendable {
    case item, category, price, popularity, segment, budget, hour
  }

  /// Length of the model. Coordinate 0 is the bias.
  package let hashedDimension: Int
  /// Each group is one feature an example: a field, or the cross of several.
  package let groups: [[Field]]

  init(_ reader: ObjectReader) {
    hashedDimension = reader.integer(
      "hashedDimension", 2...1_048_576, default: 4096, "coordinates that features are hashed into")
    let names = reader.strings(
      "groups", default: ["item", "category", "price", "segment*category", "price*budget"],
      "features of an example: item, category, price, popularity, segment, budget, hour, and crosses such as segment*category"
    )
    groups = names.map { name in
      name.split(separator: "*").compactMap { part in
        if let field = Field(rawValue: String(part)) { return field }
        let fields = Field.allCases.map(\.rawValue)
        let hint = nearestName(to: String(part), among: fields).map { "; did you mean \"\($0)\"?" } ?? ""
        reader.problem(
          "groups",
          "found \"\(name)\"; allowed: \(fields.joined(separator: ", ")), or crosses of them with *\(hint)")
        return nil
      }
    }
  }
}
