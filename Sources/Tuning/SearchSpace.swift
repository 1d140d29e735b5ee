import Foundation
import NumericalCore
import Scenarios

/// The keys that a search may set, as a cube: one number in [0, 1) a key, so that a range that is linear, one that is
/// logarithmic and a list are searched alike. This module holds how settings are searched for; what runs them does not
/// belong here.
package struct SearchSpace: Sendable {
  package struct Key: Sendable {
    package let path: String
    package let range: Tune.Range
    /// Whether only whole numbers are values.
    package let isWhole: Bool

    package init(path: String, range: Tune.Range, isWhole: Bool) {
      self.path = path
      self.range = range
      self.isWhole = isWhole
    }
  }

  package let keys: [Key]

  package init(_ keys: [Key]) { self.keys = keys }

  /// The settings at a point.
  package func settings(at point: [Double]) -> [Sweep.Setting] {
    zip(keys, point).map { Sweep.Setting(path: $0.path, value: $0.value(at: $1)) }
  }

  /// Where a scenario's own values lie: at the nearest end where one is outside its range, and in the middle where it has none.
  package func point(of values: [JSONValue?]) -> [Double] {
    zip(keys, values).map { key, value in value.flatMap(key.place) ?? 0.5 }
  }
}

extension SearchSpace.Key {
  /// Numbers are rounded to this many digits: what a search finds is not known any better, and people read it.
  private static let digits = 3

  func value(at place: Double) -> JSONValue {
    switch range {
    case .choices(let values): return values[min(Int(place * Double(values.count)), values.count - 1)]
    case .linear(let low, let high):
      return isWhole
        ? .integer(min(Int(low + place * (high - low + 1)), Int(high))) : number(low + place * (high - low))
    case .logarithmic(let low, let high):
      let (from, to) = (deterministicLog(low), deterministicLog(isWhole ? high + 1 : high))
      let value = deterministicExp(from + place * (to - from))
      return isWhole ? .integer(max(Int(low), min(Int(value), Int(high)))) : number(min(max(value, low), high))
    }
  }

  private func number(_ value: Double) -> JSONValue {
    .number(Double(String(format: "%.\(Self.digits - 1)e", value)) ?? value)
  }

  /// Where a value lies; nil for what is no value of this kind.
  func place(of value: JSONValue) -> Double? {
    func within(_ place: Double) -> Double { max(0, min(place, 1 - 0x1p-20)) }
    switch range {
    case .choices(let values):
      return values.firstIndex(of: value).map { (Double($0) + 0.5) / Double(values.count) }
    case .linear(let low, let high):
      return value.asDouble.map {
        within(isWhole ? ($0 - low + 0.5) / (high - low + 1) : ($0 - low) / (high - low))
      }
    case .logarithmic(let low, let high):
      guard let value = value.asDouble, value > 0 else { return nil }
      let from = deterministicLog(low)
      return within(
        (deterministicLog(isWhole ? value + 0.5 : value) - from)
          / (deterministicLog(isWhole ? high + 1 : high) - from))
    }
  }
}

/// Points that fill a cube evenly however many are taken: multiples of the powers of the root of x^(d+1) = x + 1, modulo 1
/// (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences").
package struct SpaceFillingDesign: Sendable {
  private let steps: [Double]

  package init(dimensions: Int) {
    var root = 2.0
    // Newton's method, from above: the function is convex.
    for _ in 0..<64 {
      let power = (0..<dimensions).reduce(1.0) { product, _ in product * root }
      let slope = Double(dimensions + 1) * power - 1
      root -= (power * root - root - 1) / slope
    }
    var steps: [Double] = []
    var step = 1.0
    for _ in 0..<dimensions {
      step /= root
      steps.append(step)
    }
    self.steps = steps
  }

  /// The point with a number from 0; the first is the middle of the cube.
  package func point(_ number: Int) -> [Double] {
    steps.map { step in
      let place = 0.5 + Double(number) * step
      return place - place.rounded(.down)
    }
  }
}
