import NumericalCore

/// What an attacker knows about a client of the market: its quasi-identifiers, and some of its examples with their outcomes.
package struct Dossier: Sendable {
  let profile: Anonymiser.Profile
  /// An item and its outcome in one number each.
  let facts: [Int]
  /// The places of the same examples among the client's own.
  package let examples: [Int]

  /// An item that a client was shown, and what came of it.
  static func fact(_ impression: Market.Impression) -> Int {
    impression.record.item << 1 | (impression.isPositive ? 1 : 0)
  }
}

extension Market {
  /// What an attacker knows about a client.
  /// - Parameter knownExamples: how many of its examples, drawn at random; all where it has fewer.
  package func dossier(of client: Int, heldOut: Bool, knownExamples: Int) -> Dossier {
    var all: [Int] = []
    forEachImpression(client, heldOut: heldOut) { all.append(Dossier.fact($0)) }
    let index = streamIndex(client: client, heldOut: heldOut, trainingClients: trainingClients)
    var stream = RandomStream(seed: seed, purpose: .linkageKnowledge, client: index)
    var places = Array(all.indices)
    let known = min(knownExamples, places.count)
    for place in 0..<known { places.swapAt(place, place + stream.nextInteger(below: places.count - place)) }
    let examples = places.prefix(known).sorted()
    return Dossier(
      profile: quasiIdentifiers(of: client, heldOut: heldOut), facts: examples.map { all[$0] }, examples: examples)
  }
}
