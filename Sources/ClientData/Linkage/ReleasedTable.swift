/// What anonymisation hands out: for each training client that is kept one row without a name, with its quasi-identifiers as
/// they were made coarser, and its examples with their outcomes.
package struct ReleasedTable: Sendable {
  private let anonymiser: Anonymiser
  /// The rows by combination of quasi-identifiers; a row is its facts, ascending.
  private let rows: [Anonymiser.Profile: [[Int]]]

  /// - Returns: nil where nothing is anonymised, so that no table is handed out.
  package init?(_ market: Market) {
    guard let anonymiser = market.anonymiser else { return nil }
    self.anonymiser = anonymiser
    var rows: [Anonymiser.Profile: [[Int]]] = [:]
    for client in 0..<market.trainingClients {
      let profile = market.quasiIdentifiers(of: client, heldOut: false)
      guard anonymiser.keeps(profile) else { continue }
      var facts: Set<Int> = []
      market.forEachImpression(client, heldOut: false) { facts.insert(Dossier.fact($0)) }
      rows[anonymiser.generalised(profile), default: []].append(facts.sorted())
    }
    self.rows = rows
  }

  /// The rows that could be a person's: those with its quasi-identifiers that have all that is known.
  package func matches(_ dossier: Dossier) -> Int {
    let sameProfile = rows[anonymiser.generalised(dossier.profile)] ?? []
    return sameProfile.count { row in dossier.facts.allSatisfy { row.containsSorted($0) } }
  }

  /// Whether a person is in the table.
  package func has(_ dossier: Dossier) -> Bool { anonymiser.keeps(dossier.profile) }

  /// The fewest rows of a combination.
  package var smallestCombination: Int { rows.values.map(\.count).min() ?? 0 }
}

extension [Int] {
  /// Whether an ascending array has an element.
  fileprivate func containsSorted(_ element: Int) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == element
  }
}
