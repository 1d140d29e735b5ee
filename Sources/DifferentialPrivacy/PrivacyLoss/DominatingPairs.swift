/// The pairs of distributions that the PLD accountant composes in place of events.
struct DominatingPairs {
  /// A pair, and how often it is composed.
  typealias Part = (loss: any PrivacyLoss, count: Int)

  /// Every mechanism with these events is dominated by these pairs; empty where nothing but Gaussians on everyone's
  /// data was done.
  let dominating: [Part]
  /// Pairs that mechanisms with these events really have; nil where some event is only known to be dominated.
  let attained: [Part]?
  /// Whether the attained pairs are the dominating ones.
  let isTight: Bool
  /// Σ 1/σ² of the Gaussians on everyone's data.
  let squares: Double

  /// - Throws: `AccountingError` when an event is not valid or nothing is proved about it.
  init(_ events: [RepeatedEvent], adjacency: Adjacency) throws {
    var parts: [Part] = []
    var squares = 0.0
    for repeated in RepeatedEvent.merging(events) {
      try repeated.event.validate()
      if let multiplier = repeated.event.multiplierOnEveryone {
        squares += Double(repeated.count) / (multiplier * multiplier)
      } else {
        parts.append((try Self.loss(of: repeated.event, adjacency: adjacency), repeated.count))
      }
    }
    self.squares = squares
    // Several Gaussians on everyone's data are one, which is a sampled one with rate 1.
    if squares > 0 && !parts.isEmpty {
      parts.append((SampledGaussianLoss(rate: 1, multiplier: 1 / squares.squareRoot()), 1))
    }
    dominating = parts
    var own: [Part]? = []
    var isTight = true
    for part in parts {
      switch part.loss.attainment {
      case .itself: own?.append(part)
      case .other(let loss):
        isTight = false
        own?.append((loss, part.count))
      case .unknown:
        isTight = false
        own = nil
      }
    }
    attained = own
    self.isTight = isTight
  }

  /// The dominating pair of an event.
  private static func loss(of event: PrivacyEvent, adjacency: Adjacency) throws -> any PrivacyLoss {
    switch (event, adjacency) {
    case (.poissonSampledGaussian(let rate, let multiplier), .addOrRemove):
      return SampledGaussianLoss(rate: rate, multiplier: multiplier)
    case (.poissonSampledGaussian(let rate, let multiplier), .replaceOne):
      return MixtureLoss.replaced(rate: rate, noise: .gaussian(multiplier))
    case (.fixedSizeSampledGaussian(let sample, let population, let multiplier), .replaceOne):
      return FixedSizeSampledGaussianLoss(
        sampled: SampledGaussianLoss(rate: Double(sample) / Double(population), multiplier: multiplier))
    case (.laplace(let multiplier), _), (.poissonSampledLaplace(1, let multiplier), _):
      return LaplaceLoss(multiplier: multiplier)
    case (.poissonSampledLaplace(let rate, let multiplier), .addOrRemove):
      return MixtureLoss.added(rate: rate, noise: .laplace(multiplier))
    case (.poissonSampledLaplace(let rate, let multiplier), .replaceOne):
      return MixtureLoss.replaced(rate: rate, noise: .laplace(multiplier))
    case (.discreteLaplace(let scale, let sensitivity), _) where sensitivity <= mostAtoms:
      return AtomicLoss.discreteLaplace(scale: scale, sensitivity: sensitivity)
    case (.discreteGaussian(let deviation, let sensitivity), _) where deviation * 80 <= Double(mostAtoms):
      return AtomicLoss.discreteGaussian(standardDeviation: deviation, sensitivity: sensitivity)
    case (.randomizedResponse(let epsilon, let categories), .replaceOne):
      return AtomicLoss.randomizedResponse(epsilon: epsilon, categories: categories)
    case (.randomizedResponse(let epsilon, let categories), .addOrRemove):
      return AtomicLoss.randomizedResponseOrNone(epsilon: epsilon, categories: categories)
    case (.pure(let epsilon), _):
      return AtomicLoss.pure(epsilon: epsilon)
    default:
      throw AccountingError.unproved(event: event.name, adjacency: adjacency, accountant: .pld)
    }
  }

  private static let mostAtoms = 1 << 20
}
