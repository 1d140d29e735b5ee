import Scenarios

/// How much of the spread of scores over a design one key explains by itself: the coefficient of determination of a parabola
/// in the key's place in its range, or of a mean for each value of a list, adjusted for how many numbers that fits.
package struct KeyImportance: Equatable, Sendable {
  package let path: String
  /// In [0, 1].
  package let share: Double

  package init(path: String, share: Double) {
    self.path = path
    self.share = share
  }

  /// Fewer points for each number that is fitted say little.
  private static let pointsPerNumber = 4

  /// By falling share; nil where too few points have a score.
  package static func of(_ search: Search) -> [KeyImportance]? {
    // The scenario as it is written is no point of the design.
    let scored = search.designed.dropFirst().compactMap { candidate in
      search.firstScore(candidate).map { (point: search.candidates[candidate].point, score: $0) }
    }
    let mean = scored.reduce(0) { $0 + $1.score } / Double(max(scored.count, 1))
    let total = scored.reduce(0) { $0 + ($1.score - mean) * ($1.score - mean) }
    guard total > 0 else { return nil }
    var found: [KeyImportance] = []
    for (index, key) in search.space.keys.enumerated() {
      let values = scored.map { (place: $0.point[index], score: $0.score) }
      let (residual, fitted): (Double, Int)
      switch key.range {
      case .choices(let choices): (residual, fitted) = (groups(values, choices.count), choices.count)
      case .linear, .logarithmic: (residual, fitted) = (parabola(values), 3)
      }
      guard scored.count >= pointsPerNumber * fitted else { return nil }
      let adjusted = 1 - residual / Double(scored.count - fitted) / (total / Double(scored.count - 1))
      found.append(KeyImportance(path: key.path, share: max(0, min(adjusted, 1))))
    }
    return found.sorted { ($0.share, $1.path) > ($1.share, $0.path) }
  }

  /// Squares that are left when each group of places has its mean.
  private static func groups(_ values: [(place: Double, score: Double)], _ count: Int) -> Double {
    (0..<count).reduce(0) { left, group in
      let scores = values.filter { min(Int($0.place * Double(count)), count - 1) == group }.map(\.score)
      let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
      return left + scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
  }

  /// Squares that the best parabola leaves: the scores' projections on 1, x and x², made orthogonal one after the other, are
  /// taken off.
  private static func parabola(_ values: [(place: Double, score: Double)]) -> Double {
    var left = values.map(\.score)
    var basis: [[Double]] = []
    for power in 0..<3 {
      var vector = values.map { value in (0..<power).reduce(1.0) { product, _ in product * value.place } }
      for other in basis {
        let product = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
        for i in vector.indices { vector[i] -= product * other[i] }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 1e-9 else { continue }
      vector = vector.map { $0 / length }
      basis.append(vector)
      let product = zip(left, vector).reduce(0) { $0 + $1.0 * $1.1 }
      for i in left.indices { left[i] -= product * vector[i] }
    }
    return left.reduce(0) { $0 + $1 * $1 }
  }
}
