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

    /// A kind of which no release is counted yet.
    fileprivate init(_ entry: LedgerEntry) {
      about = entry.tier ?? (entry.client == nil ? "all clients" : "one client each")
      release = entry.release ?? ""
      mechanism = entry.event.name
      parameters = entry.event.parameters
      sensitivity = entry.sensitivity...entry.sensitivity
      rounds = entry.round...entry.round
      releases = 0
    }
  }

  /// In the order of their first release.
  public let kinds: [Kind]

  /// Summarises a ledger.
  public init(_ ledger: [LedgerEntry]) {
    var kinds: [Kind] = []
    var indices: [[String]: Int] = [:]
    // Most releases are like the one before, and need not be put into words again.
    var last: (entry: LedgerEntry, index: Int)?
    for entry in ledger {
      let index: Int
      if let last, last.entry.isLike(entry) {
        index = last.index
      } else {
        let kind = Kind(entry)
        let key = [kind.about, kind.release, kind.mechanism, kind.parameters]
        index = indices[key] ?? kinds.count
        if index == kinds.count {
          indices[key] = index
          kinds.append(kind)
        }
      }
      last = (entry, index)
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

extension LedgerEntry {
  /// Whether another entry is surely of the same kind.
  fileprivate func isLike(_ other: LedgerEntry) -> Bool {
    event == other.event && tier == other.tier && (client == nil) == (other.client == nil)
      && release == other.release
  }
}

extension PrivacyEvent {
  fileprivate var parameters: String {
    func number(_ value: Double) -> String { String(format: "%.6g", value) }
    return switch self {
    case .gaussian(let multiplier), .laplace(let multiplier): "noise multiplier \(number(multiplier))"
    case .poissonSampledGaussian(let rate, let multiplier), .poissonSampledLaplace(let rate, let multiplier):
      "sampling rate \(number(rate)), noise multiplier \(number(multiplier))"
    case .fixedSizeSampledGaussian(let sample, let population, let multiplier):
      "\(sample) of \(population), noise multiplier \(number(multiplier))"
    case .discreteGaussian(let deviation, let steps): "standard deviation \(number(deviation)) on \(steps) steps"
    case .discreteLaplace(let scale, let steps): "scale \(number(scale)) on \(steps) steps"
    case .randomizedResponse(let epsilon, let categories): "ε \(number(epsilon)), \(categories) categories"
    case .pure(let epsilon): "ε \(number(epsilon))"
    case .concentrated(let rho): "ρ \(number(rho))"
    }
  }
}
