/// What is done to quasi-identifiers before records are handed out without names: they are made coarser, and rare clients are
/// left out, until every combination that is left belongs to at least k clients (Samarati and Sweeney 1998, "Protecting
/// privacy when disclosing information: k-anonymity and its enforcement through generalization and suppression").
package struct Anonymisation: Sendable, Equatable {
  /// A field that says something about a client that others know too.
  package enum QuasiIdentifier: String, CaseIterable, Sendable {
    case segment, budget
  }

  /// The fewest clients of a combination.
  package let k: Int
  package let quasiIdentifiers: [QuasiIdentifier]
  /// Share of the clients that may be left out instead of making fields coarser for all.
  package let suppression: Double

  /// - Parameter clients: there are; nil when that is not known.
  init(_ reader: ObjectReader, clients: Int?) {
    k = reader.integer("k", 1...100_000_000, "fewest clients of a combination of quasi-identifiers")
    let names = reader.strings(
      "quasiIdentifiers", default: QuasiIdentifier.allCases.map(\.rawValue),
      "fields of a client that others know too: segment, budget")
    quasiIdentifiers = reader.choices("quasiIdentifiers", names, QuasiIdentifier.self)
    suppression = reader.number(
      "suppression", 0...1, default: 0.05, "largest share of the clients that may be left out")
    if let clients, k > clients, !reader.session.describing {
      reader.problem("k", "found \(k); allowed: at most the population's \(clients) clients")
    }
  }
}

/// Someone who knows a little about some clients tries to find them in what a run releases.
package struct Linkage: Sendable, Equatable {
  /// Training clients that are looked for.
  package let targets: Int
  /// Examples of each that the attacker knows, with their outcomes, beside its quasi-identifiers.
  package let knownExamples: Int
  /// People among whom the attacker has to tell who is in the data: one is, the others are not.
  package let candidates: Int

  /// An attack reads all rows of the table, and keeps them in memory.
  static let mostClients = 100_000

  init(_ reader: ObjectReader) {
    targets = reader.integer("targets", 1...100_000, default: 500, "clients that are looked for")
    knownExamples = reader.integer(
      "knownExamples", 0...1000, default: 3, "examples of each that the attacker knows, with their outcomes")
    candidates = reader.integer(
      "candidates", 2...1000, default: 10, "people among whom the attacker tells who is in the data")
  }
}
