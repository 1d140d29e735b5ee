/// Which clients a scenario has: written once, for workers that keep them, for sweeps that share them, and for lines that
/// curves are read against.
extension Scenario {
  /// The keys that decide which examples clients hold, besides the seed.
  private static let keysOfClients = ["population", "features", "minimisation", "anonymisation"]

  /// The same for scenarios whose clients have the same examples, as far as the scenario says: shards are named in it.
  package var clientIdentity: JSONValue {
    .object(
      Dictionary(uniqueKeysWithValues: Self.keysOfClients.map { ($0, resolved[$0] ?? .null) })
        .merging(["seed": .integer(Int(seed))]) { $1 })
  }

  /// Whether a key is part of what the clients are.
  /// - Parameter path: dotted, for example `population.clients`.
  package static func decidesAboutClients(_ path: String) -> Bool {
    keysOfClients.contains { path.split(separator: ".").first.map(String.init) == $0 }
  }
}
