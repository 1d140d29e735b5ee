/// Whose records are asked about.
package enum QueryPopulation: Sendable, Equatable {
  case market(MarketPopulation)
  case table(TablePopulation)

  package var clients: Int {
    switch self {
    case .market(let market): market.clients
    case .table(let table): table.clients
    }
  }

  /// The columns of a record.
  package var fields: [RecordField] {
    switch self {
    case .market(let market): market.fields
    case .table(let table): table.fields
    }
  }

  static func read(_ reader: ObjectReader) -> QueryPopulation? {
    reader.variant(
      "population", "whose records are asked about",
      [
        ("market", { .market(MarketPopulation($0, evaluates: false)) }), ("table", { .table(TablePopulation($0)) }),
      ])
  }
}

/// Records written out in the scenario, for examples that a reader can check by hand.
package struct TablePopulation: Sendable, Equatable {
  /// Clients that all have the same records.
  package struct Group: Sendable, Equatable {
    package let clients: Int
    package let recordsPerClient: Int
    /// One a column: an index into its values.
    package let record: [Int]
  }

  package let fields: [RecordField]
  /// In the order of their names; clients are numbered through.
  package let groups: [Group]

  package var clients: Int { groups.reduce(0) { $0 + $1.clients } }

  init(_ reader: ObjectReader) {
    let fields = reader.namedLists(
      "columns", "the columns of a record, by name, each with its public list of values"
    )
    .map { RecordField(name: $0.name, values: $0.values) }
    self.fields = fields
    let groups = reader.namedObjects("groups", "clients that all have the same records, by a name of your choice") {
      $0.map { _, reader in
        let values = reader.namedTexts("record", "the value of every column")
        let record = fields.map { field -> Int in
          guard let value = values[field.name] else {
            if !reader.session.describing {
              reader.problem("record.\(field.name)", "is missing; allowed: \(field.listed)")
            }
            return 0
          }
          guard let index = field.values.firstIndex(of: value) else {
            reader.problem("record.\(field.name)", "found \"\(value)\"; allowed: \(field.listed)")
            return 0
          }
          return index
        }
        for key in values.keys.sorted()
        where !fields.contains(where: { $0.name == key }) && !reader.session.describing {
          reader.problem("record.\(key)", "is no column; allowed: \(fields.map(\.name).joined(separator: ", "))")
        }
        return Group(
          clients: reader.integer("clients", 1...10_000_000, "clients of the group"),
          recordsPerClient: reader.integer(
            "recordsPerClient", 1...10_000, default: 1, "records that each of them has"),
          record: record)
      }
    }
    if groups == nil, !reader.session.describing {
      reader.problem("groups", "is missing; allowed: an object with at least one named group of clients")
    }
    self.groups = groups ?? []
  }
}

extension RecordField {
  /// The values, for messages.
  package var listed: String {
    let shown = values.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ")
    return values.count > 12 ? "\(shown), … (\(values.count) values)" : shown
  }
}
