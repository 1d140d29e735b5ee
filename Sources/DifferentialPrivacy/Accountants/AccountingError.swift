/// Why an accountant refuses.
public enum AccountingError: Error, Equatable, CustomStringConvertible {
  /// The accountant has no proof for this event under this adjacency.
  case unproved(event: String, adjacency: Adjacency, accountant: AccountantKind)
  /// δ outside (0, 1).
  case invalidDelta(Double)
  /// ε below 0 or not finite.
  case invalidEpsilon(Double)
  /// A rate, multiplier or count outside its range.
  case invalidEvent(String)
  /// Nothing within the range that was searched meets the target.
  case unreachableTarget(what: String, epsilon: Double, delta: Double)

  /// What was found, and what is allowed.
  public var description: String {
    switch self {
    case .unproved(let event, let adjacency, let accountant):
      "the \(accountant.rawValue) accountant proves nothing about \(event) under \(adjacency.rawValue) adjacency"
    case .invalidDelta(let delta): "δ is \(delta); allowed: above 0 and below 1"
    case .invalidEpsilon(let epsilon): "ε is \(epsilon); allowed: from 0, and finite"
    case .invalidEvent(let reason): reason
    case .unreachableTarget(let what, let epsilon, let delta): "\(what) reaches ε = \(epsilon) at δ = \(delta)"
    }
  }
}

extension PrivacyEvent {
  /// Refuses numbers outside the range in which an event means anything.
  func validate() throws {
    func check(_ holds: Bool, _ what: String) throws {
      if !holds { throw AccountingError.invalidEvent("\(name): \(what)") }
    }
    func checkMultiplier(_ multiplier: Double) throws {
      try check(multiplier > 0 && multiplier.isFinite, "noise multiplier is \(multiplier); allowed: above 0")
    }
    func checkScale(_ scale: Double, _ sensitivity: Int) throws {
      try check(scale > 0 && scale.isFinite, "scale is \(scale); allowed: above 0")
      try check(sensitivity >= 1, "sensitivity is \(sensitivity); allowed: at least 1")
    }
    switch self {
    case .gaussian(let multiplier), .laplace(let multiplier): try checkMultiplier(multiplier)
    case .poissonSampledGaussian(let rate, let multiplier), .poissonSampledLaplace(let rate, let multiplier):
      try checkMultiplier(multiplier)
      try check(rate > 0 && rate <= 1, "sampling rate is \(rate); allowed: above 0, at most 1")
    case .fixedSizeSampledGaussian(let sample, let population, let multiplier):
      try checkMultiplier(multiplier)
      try check(sample > 0 && sample <= population, "sample is \(sample) of \(population)")
    case .discreteGaussian(let scale, let sensitivity), .discreteLaplace(let scale, let sensitivity):
      try checkScale(scale, sensitivity)
    case .randomizedResponse(let epsilon, let categories):
      try check(epsilon > 0 && epsilon.isFinite, "ε is \(epsilon); allowed: above 0")
      try check(categories >= 2, "categories are \(categories); allowed: at least 2")
    case .pure(let epsilon):
      try check(epsilon > 0 && epsilon.isFinite, "ε is \(epsilon); allowed: above 0")
    case .concentrated(let rho):
      try check(rho > 0 && rho.isFinite, "ρ is \(rho); allowed: above 0")
    }
  }
}
