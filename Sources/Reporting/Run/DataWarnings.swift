import Scenarios

/// What is odd about a user's own data.
package struct DataWarnings {
  /// Below this share of the public number of clients it is likely a mistake.
  private static let fewestShare = 0.9

  package let sentences: [String]

  /// - Parameters:
  ///   - trainingClients: that exist.
  ///   - sharedClients: that are in both halves.
  ///   - sharedNames: of the first of them.
  package init(
    _ files: FilesPopulation, trainingClients: Int, heldOutClients: Int, sharedClients: Int, sharedNames: [String]
  ) {
    var sentences: [String] = []
    if sharedClients > 0 {
      let more = sharedClients > sharedNames.count ? ["…"] : []
      let names = sharedNames.isEmpty ? "" : " (\((sharedNames + more).joined(separator: ", ")))"
      sentences.append(
        "\(sharedClients) of \(heldOutClients) held-out clients are training clients too\(names): metrics are of clients that the model has learned from"
      )
    }
    if Double(trainingClients) < Self.fewestShare * Double(files.clients) {
      let existing = Number.percent(Double(trainingClients) / Double(files.clients))
      sentences.append(
        "population.clients is \(files.clients), and the shards hold \(trainingClients) \(trainingClients == 1 ? "client" : "clients"): sampling rates, and what ε rests on, are of the public number; \(existing) of those that are drawn exist, and sums are divided as if all did"
      )
    }
    self.sentences = sentences
  }
}
