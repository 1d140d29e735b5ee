import NumericalCore

extension TiltedSequence.Event {
  /// Events of fewer points than this stay as they are.
  private static let fewPoints = 1 << 14

  /// A variable of few points whose tails are no lighter: what lies between two places is split between them so that its
  /// mean stays. E[e^(tS)] is convex in the place of every point, so that it only grows, for t of either sign, and what is
  /// bounded by it stays bounded.
  func spread() -> Self {
    guard points.count > Self.fewPoints else { return self }
    var (mass, mean, square) = (0.0, 0.0, 0.0)
    let origin = points[0].index
    for point in points {
      let weight = deterministicExp(point.logWeight)
      let place = Double(point.index - origin)
      mass += weight
      mean += weight * place
      square += weight * place * place
    }
    mean /= mass
    let deviation = max(square / mass - mean * mean, 0).squareRoot()
    guard deviation.isFinite, mean.isFinite else { return self }
    let centre = origin + Int(mean.rounded())
    let farthest = points.reduce(0) { max($0, abs($1.index - centre)) }
    let places = SpreadPlaces(deviation: deviation)
    var above = [LogSum](repeating: LogSum(), count: places.slot(of: farthest) + 2)
    var below = above
    for point in points {
      let distance = abs(point.index - centre)
      let slot = places.slot(of: distance)
      let (nearer, farther) = (places.place(of: slot), places.place(of: slot + 1))
      let share = Double(distance - nearer) / Double(farther - nearer)
      func add(_ slot: Int, _ share: Double) {
        guard share > 0 else { return }
        let logWeight = point.logWeight + deterministicLog(share)
        if point.index < centre { below[slot].add(logWeight) } else { above[slot].add(logWeight) }
      }
      add(slot, 1 - share)
      add(slot + 1, share)
    }
    var spread: [(index: Int, logWeight: Double)] = []
    for slot in above.indices {
      let place = places.place(of: slot)
      spread.append((centre + place, above[slot].value))
      spread.append((centre - place, below[slot].value))
    }
    spread.removeAll { $0.logWeight == -.infinity }
    return Self(points: spread)
  }
}

/// Places at growing distances from a centre: near it a small share of a deviation apart, far from it a hundredth of the
/// distance, because where rare large losses decide about a tail it takes few of them.
private struct SpreadPlaces {
  private static let perDeviation = 32.0
  /// Places in an octave are 2 to this power.
  private static let perOctave = 7

  /// ln₂ of the least step.
  private let least: Int

  init(deviation: Double) { least = Int(max(deviation / Self.perDeviation, 1).exponent) }

  /// The number of the last place that is no farther than a distance.
  func slot(of distance: Int) -> Int {
    let octave = Int.bitWidth - 1 - (distance | 1).leadingZeroBitCount
    let shift = max(least, octave - Self.perOctave)
    return ((shift - least) << Self.perOctave) + (distance >> shift)
  }

  func place(of slot: Int) -> Int {
    let count = 1 << Self.perOctave
    if slot < 2 * count { return slot << least }
    return (slot % count + count) << (least + slot / count - 1)
  }
}
