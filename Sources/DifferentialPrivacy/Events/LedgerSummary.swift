import Foundation

/// A ledger in a few lines: releases of one kind are counted together.
public struct LedgerSummary: Equatable, Sendable {
  /// Releases that differ in nothing but round, client and sensitivity.
  public struct Kind: Equatable, Sendable {
    /// Whom the releases are about: a tier, all clients, or one client each.
    public let about: String
    /// What was released, in words; empty where the ledger does not say.
    public let release: String
    /// The mechanism's name.
    public let mechanism: String
    /// What the accountant knows of the mechanism, in words.
    public let parameters: String
    /// The smallest and the largest, where clipping adapts.
    public fileprivate(set) var sensitivity: ClosedRange<Double>
    /// The first and the last.
    public fileprivate(set) var rounds: ClosedRange<Int>
    /// How many there are.
    public fileprivate(set) var releases: Int
    /// The fewest clients whose data is in one of them; nil where the ledger does not say.
    public fileprivate(set) var fewestClients: Int?
  }

  /// In the order of their first release.
  public let kinds: [Kind]

  /// Summarises a ledger.
  public init(_ ledger: [LedgerEntry]) {
    var kinds: [Kind] = []
    var indices: [[String]: Int] = [:]
    for entry in ledger {
      let about = entry.tier ?? (entry.client == nil ? "all clients" : "one client each")
      let parameters = entry.event.parameters
      let key = [about, entry.release ?? "", entry.event.name, parameters]
      guard let index = indices[key] else {
        indices[key] = kinds.count
        kinds.append(
          Kind(
            about: about, release: entry.release ?? "", mechanism: entry.event.name, parameters: parameters,
            sensitivity: entry.sensitivity...entry.sensitivity, rounds: entry.round...entry.round, releases: 1,
            fewestClients: entry.clients))
        continue
      }
      let (sensitivity, rounds) = (kinds[index].sensitivity, kinds[index].rounds)
      kinds[index].sensitivity =
        min(sensitivity.lowerBound, entry.sensitivity)...max(sensitivity.upperBound, entry.sensitivity)
      kinds[index].rounds = min(rounds.lowerBound, entry.round)...max(rounds.upperBound, entry.round)
      kinds[index].releases += 1
      if let clients = entry.clients {
        kinds[index].fewestClients = min(kinds[index].fewestClients ?? clients, clients)
      }
    }
    self.kinds = kinds
  }
}

extension PrivacyEvent {
  fileprivate var parameters: String {
    func number(_ value: Double) -> String { String(format: "%.6g", value) }
    return switch self {
    case .gaussian(let multiplier), .laplace(let multiplier): "noise multiplier \(number(multiplier))"
    case .poissonSampledGaussian(let rate, let multiplier):
      "sampling rate \(number(rate)), noise multiplier \(number(multiplier))"
    case .fixedSizeSampledGaussian(let sample, let population, let multiplier):
      "\(sample) of \(population), noise multiplier \(number(multiplier))"
    case .discreteGaussian(let deviation, let steps): "standard deviation \(number(deviation)) on \(steps) steps"
    case .discreteLaplace(let scale, let steps): "scale \(number(scale)) on \(steps) steps"
    case .randomizedResponse(let epsilon, let categories): "ε \(number(epsilon)), \(categories) categories"
    case .pure(let epsilon): "ε \(number(epsilon))"
    }
  }
}
