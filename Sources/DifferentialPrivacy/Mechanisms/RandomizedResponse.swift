import NumericalCore

/// Randomised response among k categories (Warner 1965): the truth with probability e^ε/(e^ε + k − 1), every other
/// category with probability 1/(e^ε + k − 1). Each unit answers for itself; replace-one adjacency.
public struct RandomizedResponse: Sendable {
  /// Categories, numbered from 0.
  public let categories: Int
  /// ε of one answer.
  public let epsilon: DyadicEpsilon

  /// - Throws: `AccountingError` when ε is out of range or there are fewer than two categories.
  public init(categories: Int, epsilon: Double) throws {
    guard categories >= 2 else {
      throw AccountingError.invalidEvent("categories are \(categories); allowed: at least 2")
    }
    self.categories = categories
    self.epsilon = try DyadicEpsilon(epsilon)
  }

  /// What one answer is in a ledger.
  public var event: PrivacyEvent { .randomizedResponse(epsilon: epsilon.value, categories: categories) }

  /// Probability of the truth.
  public var truthProbability: Double {
    1 / (1 + Double(categories - 1) * deterministicExp(-epsilon.value))
  }

  /// An answer. Uniform proposals, the untrue ones accepted with probability e^−ε: exactly the stated distribution.
  /// - Parameter truth: in 0..<categories.
  public func answer(_ truth: Int, from source: inout some RandomSource) -> Int {
    precondition((0..<categories).contains(truth))
    while true {
      let candidate = Int(source.uniform(below: UInt128(categories)))
      if candidate == truth { return truth }
      if source.bernoulliExp(UInt128(epsilon.numerator), UInt128(1) << UInt128(DyadicEpsilon.bits)) {
        return candidate
      }
    }
  }

  /// An unbiased estimate of how many units are in a category.
  /// - Parameters:
  ///   - answers: how many answered so.
  ///   - units: how many answered at all.
  public func estimate(answers: Int, of units: Int) -> Double {
    let lie = (1 - truthProbability) / Double(categories - 1)
    return (Double(answers) - Double(units) * lie) / (truthProbability - lie)
  }

  /// The variance of that estimate when `count` of `units` are in the category.
  public func variance(count: Int, of units: Int) -> Double {
    let lie = (1 - truthProbability) / Double(categories - 1)
    let noise =
      Double(count) * truthProbability * (1 - truthProbability) + Double(units - count) * lie * (1 - lie)
    return noise / ((truthProbability - lie) * (truthProbability - lie))
  }

  /// The counts that so many answers speak for: those of which the normal approximation puts the answers, with half of one
  /// to either side, within so many of its deviations (Wilson 1927, "Probable inference, the law of succession, and
  /// statistical inference", for the sum of two binomial numbers).
  /// - Parameters:
  ///   - answers: how many answered so.
  ///   - units: how many answered at all.
  ///   - deviations: above 0; 1.96 for a confidence of 95 %.
  /// - Returns: within 0...units.
  public func counts(answers: Int, of units: Int, within deviations: Double) -> ClosedRange<Double> {
    let (truth, n) = (truthProbability, Double(units))
    let lie = (1 - truth) / Double(categories - 1)
    let slope = truth - lie
    // (a − n·lie − c·slope)² = z²·(c·truth(1 − truth) + (n − c)·lie(1 − lie)), a quadratic in c.
    let spread = truth * (1 - truth) - lie * (1 - lie)
    let square = deviations * deviations
    func end(_ answers: Double, _ sign: Double) -> Double {
      let distance = answers - n * lie
      let middle = 2 * distance * slope + square * spread
      let discriminant = middle * middle - 4 * slope * slope * (distance * distance - square * n * lie * (1 - lie))
      return (middle + sign * max(0, discriminant).squareRoot()) / (2 * slope * slope)
    }
    let low = max(0, min(end(Double(answers) - 0.5, -1), n))
    return low...max(low, min(end(Double(answers) + 0.5, 1), n))
  }
}
