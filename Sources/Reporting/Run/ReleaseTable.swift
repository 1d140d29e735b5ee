import DifferentialPrivacy

/// A ledger in a few lines: releases of one kind are counted together.
struct ReleaseTable {
  private struct Kind {
    let about: String
    let mechanism: String
    let parameters: String
    var sensitivity: ClosedRange<Double>
    var rounds: ClosedRange<Int>
    var releases: Int
  }

  private let kinds: [Kind]

  /// - Returns: nil for a ledger without a release.
  init?(_ ledger: [LedgerEntry]) {
    var kinds: [Kind] = []
    var indices: [[String]: Int] = [:]
    for entry in ledger {
      let about = entry.tier ?? (entry.client == nil ? "all clients" : "one client each")
      let key = [about, entry.event.name, entry.event.parameters]
      if let index = indices[key] {
        let sensitivity = kinds[index].sensitivity
        kinds[index].sensitivity =
          min(sensitivity.lowerBound, entry.sensitivity)...max(sensitivity.upperBound, entry.sensitivity)
        kinds[index].rounds = kinds[index].rounds.lowerBound...max(kinds[index].rounds.upperBound, entry.round)
        kinds[index].releases += 1
      } else {
        indices[key] = kinds.count
        kinds.append(
          Kind(
            about: about, mechanism: entry.event.name, parameters: entry.event.parameters,
            sensitivity: entry.sensitivity...entry.sensitivity, rounds: entry.round...entry.round, releases: 1))
      }
    }
    if kinds.isEmpty { return nil }
    self.kinds = kinds
  }

  var html: String {
    let rows = kinds.map { kind in
      [
        kind.about, Number.count(Double(kind.releases)), range(kind.rounds) { "\($0)" }, kind.mechanism,
        kind.parameters, range(kind.sensitivity) { Number.significant($0, 3) },
      ]
    }
    return Page.table(head: ["about", "releases", "rounds", "mechanism", "parameters", "sensitivity"], rows)
  }

  private func range<Bound>(_ range: ClosedRange<Bound>, _ text: (Bound) -> String) -> String {
    let (low, high) = (text(range.lowerBound), text(range.upperBound))
    return low == high ? low : "\(low) to \(high)"
  }
}

extension PrivacyEvent {
  /// What the accountant knows of the mechanism.
  fileprivate var parameters: String {
    func number(_ value: Double) -> String { Number.significant(value, 5) }
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
