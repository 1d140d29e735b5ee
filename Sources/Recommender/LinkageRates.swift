/// How often an attacker finds the clients that it looks for, as integer counters that add up exactly over workers.
package struct LinkageCounts: Equatable, Sendable {
  /// Chances are kept as whole multiples of 2⁻²⁸.
  private static let fixedPoint = 0x1p28

  /// Clients that were looked for; those with a table, and those of them with a single row that fits; the chances to have
  /// picked the right row; the chances to have told the right person.
  package private(set) var values: [Int64] = [0, 0, 0, 0, 0]

  package init() {}

  /// Counters received from elsewhere, or nil when there are not as many as there should be.
  package init?(values: [Int64]) {
    guard values.count == self.values.count else { return nil }
    self.values = values
  }

  package mutating func add(_ other: LinkageCounts) {
    for index in values.indices { values[index] &+= other.values[index] }
  }

  /// Counts one client.
  /// - Parameters:
  ///   - rows: those of a table that fit what is known, the client's own among them where it is in the table; nil without a
  ///     table.
  ///   - isInTable: whether the client's own row is in the table.
  ///   - told: the chance that the attacker names the client among all candidates.
  package mutating func record(rows: Int?, isInTable: Bool, told: Double) {
    values[0] += 1
    if let rows {
      values[1] += 1
      if isInTable, rows > 0 {
        values[2] += rows == 1 ? 1 : 0
        values[3] += Int64((Self.fixedPoint / Double(rows)).rounded())
      }
    }
    values[4] += Int64((told * Self.fixedPoint).rounded())
  }

  /// The rates; nil when nobody was looked for.
  /// - Parameters:
  ///   - candidates: people among whom one was told.
  ///   - bound: what no attacker can do better than; nil where nothing bounds it.
  package func rates(candidates: Int, bound: Double?) -> LinkageRates? {
    guard values[0] > 0 else { return nil }
    let all = Double(values[0])
    return LinkageRates(
      candidates: candidates, linked: values[1] > 0 ? Double(values[3]) / Self.fixedPoint / all : nil,
      singledOut: values[1] > 0 ? Double(values[2]) / all : nil, told: Double(values[4]) / Self.fixedPoint / all,
      bound: bound)
  }
}

/// How often clients are found again in what a run releases.
package struct LinkageRates: Equatable, Sendable {
  /// People among whom the attacker has to tell the one who is in the data; guessing is right once in so many times.
  package let candidates: Int
  /// Share of the clients whose row is picked, with one drawn from the rows that fit; nil where no rows are released.
  package let linked: Double?
  /// Share of the clients for whom a single row fits: theirs.
  package let singledOut: Double?
  /// Share of the clients that are told from the other candidates.
  package let told: Double
  /// What no attacker can exceed in telling, whatever it knows; nil where nothing is guaranteed.
  package let bound: Double?

  package init(candidates: Int, linked: Double?, singledOut: Double?, told: Double, bound: Double?) {
    self.candidates = candidates
    self.linked = linked
    self.singledOut = singledOut
    self.told = told
    self.bound = bound
  }
}
