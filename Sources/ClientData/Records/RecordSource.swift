import Scenarios

/// Where the records come from that queries are about. What a client holds is a pure function of the source and the
/// client.
package protocol RecordSource: Sendable {
  /// Clients there are.
  var clients: Int { get }

  /// The records of a client, `client` in 0..<clients: one after the other, each with an index for every column.
  func records(of client: Int) -> [Int32]
}

/// The source of a file of queries.
package func makeRecordSource(for scenario: QueryScenario) -> any RecordSource {
  switch scenario.population {
  case .market(let settings): MarketRecords(settings: settings, seed: scenario.seed)
  case .table(let table): TableRecords(table)
  }
}

/// Records that the scenario itself holds.
struct TableRecords: RecordSource {
  let table: TablePopulation

  var clients: Int { table.clients }

  init(_ table: TablePopulation) { self.table = table }

  func records(of client: Int) -> [Int32] {
    var left = client
    for group in table.groups {
      if left < group.clients {
        return (0..<group.recordsPerClient).flatMap { _ in group.record.map(Int32.init) }
      }
      left -= group.clients
    }
    return []
  }
}
