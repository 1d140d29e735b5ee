import NumericalCore

/// The cumulant generating function of the composed privacy loss, by quadrature: good to a few digits, it chooses
/// tilts, windows and grid widths; no guarantee rests on it.
struct LossMoments {
  private struct Part {
    let count: Double
    let logWeights: [Double]
    let losses: [Double]
  }

  private var parts: [Part] = []
  /// What the tilt may give away of ε's Chernoff bound, relatively.
  private static let slack = 0.02

  /// - Parameter reaches: for each event, see `PrivacyLoss.points`.
  init(_ events: [(loss: any PrivacyLoss, count: Int)], _ direction: LossDirection, reaches: [Double]) {
    for ((loss, count), reach) in zip(events, reaches) {
      let points = loss.points(direction, reach: reach)
      var total = LogSum()
      for point in points { total.add(point.logWeight) }
      let logTotal = total.value
      parts.append(
        Part(
          count: Double(count), logWeights: points.map { $0.logWeight - logTotal },
          losses: points.map(\.loss)))
    }
  }

  /// The widest range of losses of a single event.
  var widestEvent: Double {
    parts.reduce(0) { max($0, ($1.losses.max() ?? 0) - ($1.losses.min() ?? 0)) }
  }

  /// The points of event `part` under the tilt λ, with weights that add up to 1.
  func tilted(part: Int, by lambda: Double) -> [(logWeight: Double, loss: Double)] {
    let part = parts[part]
    var total = LogSum()
    for i in part.losses.indices { total.add(part.logWeights[i] + lambda * part.losses[i]) }
    let logTotal = total.value
    return part.losses.indices.map {
      (part.logWeights[$0] + lambda * part.losses[$0] - logTotal, part.losses[$0])
    }
  }

  /// ln E[e^(λ·sum)], and mean and variance of the sum under the tilt λ.
  func at(_ lambda: Double) -> (log: Double, mean: Double, variance: Double) {
    var result = (log: 0.0, mean: 0.0, variance: 0.0)
    for part in parts {
      var largest = -Double.infinity
      for i in part.losses.indices {
        largest = max(largest, part.logWeights[i] + lambda * part.losses[i])
      }
      var (zeroth, first, second) = (0.0, 0.0, 0.0)
      for i in part.losses.indices {
        let weight = deterministicExp(part.logWeights[i] + lambda * part.losses[i] - largest)
        zeroth += weight
        first += weight * part.losses[i]
        second += weight * part.losses[i] * part.losses[i]
      }
      let mean = first / zeroth
      result.log += part.count * (largest + deterministicLog(zeroth))
      result.mean += part.count * mean
      result.variance += part.count * max(second / zeroth - mean * mean, 0)
    }
    return result
  }

  /// The tilt at which the Chernoff bound on ε is about least, and that bound.
  func chernoff(logDelta: Double) -> (tilt: Double, epsilon: Double) {
    func bound(_ logTilt: Double) -> Double {
      let tilt = deterministicExp(logTilt)
      return (at(tilt).log - logDelta) / tilt
    }
    var logTilt = leastLogTilt(bound)
    // A smaller tilt that is about as good needs a narrower window, and where the losses end there is no largest.
    let best = bound(logTilt)
    let lowest = logTilt < Self.logTilts.lowerBound ? Self.smallLogTilts.lowerBound : Self.logTilts.lowerBound
    while logTilt > lowest, bound(logTilt - 0.2) <= best + abs(best) * Self.slack {
      logTilt -= 0.2
    }
    return (deterministicExp(logTilt), bound(logTilt))
  }

  /// The tilt under which sums near `loss` are typical: it makes the tail at `loss` best resolved.
  func saddle(at loss: Double) -> Double {
    deterministicExp(
      leastLogTilt { logTilt in
        let tilt = deterministicExp(logTilt)
        return at(tilt).log - tilt * loss
      })
  }

  /// ln of the tilts that are considered, and of those for losses in the millions.
  private static let logTilts = -9.0...23.0
  private static let smallLogTilts = -45.0...(-8.0)

  /// The minimum over many orders of magnitude; the functions here are unimodal in ln λ.
  private func leastLogTilt(_ function: (Double) -> Double) -> Double {
    let found = least(function, in: Self.logTilts)
    return found < Self.logTilts.lowerBound + 0.5 ? least(function, in: Self.smallLogTilts) : found
  }

  /// Golden-section search.
  private func least(_ function: (Double) -> Double, in range: ClosedRange<Double>) -> Double {
    let golden = 0.618_033_988_749_895
    var (low, high) = (range.lowerBound, range.upperBound)
    var x1 = high - golden * (high - low)
    var x2 = low + golden * (high - low)
    var (f1, f2) = (function(x1), function(x2))
    for _ in 0..<24 {
      if f1 <= f2 {
        (high, x2, f2) = (x2, x1, f1)
        x1 = high - golden * (high - low)
        f1 = function(x1)
      } else {
        (low, x1, f1) = (x1, x2, f2)
        x2 = low + golden * (high - low)
        f2 = function(x2)
      }
    }
    return (low + high) / 2
  }

  /// By how much the pessimistic rule raises ε where all losses are cut at multiples of a spacing, about.
  ///
  /// A loss l + x in a cell [l, l + h] is split between the cell's ends so that the mean of e^−x stays; that of
  /// e^(λx) grows.
  func error(spacing: Double, tilt: Double) -> Double {
    let divisor = deterministicExpMinusOne(-spacing)
    var total = 0.0
    for (part, count) in zip(parts.indices, parts.map(\.count)) {
      for (logWeight, loss) in tilted(part: part, by: tilt) where logWeight > -80 {
        let within = loss - (loss / spacing).rounded(.down) * spacing
        let share = deterministicExpMinusOne(-within) / divisor
        let growth =
          (1 - share) * deterministicExpMinusOne(-tilt * within)
          + share * deterministicExpMinusOne(min(tilt * (spacing - within), 700))
        total += count * deterministicExp(logWeight) * growth
      }
    }
    return total / tilt
  }

  /// The widest spacing, to within a factor of √2, that raises ε by no more than `allowance`.
  func spacing(tilt: Double, allowance: Double, from widest: Double, downTo narrowest: Double)
    -> Double
  {
    var spacing = widest
    while spacing > narrowest, error(spacing: spacing, tilt: tilt) > allowance {
      spacing *= 0.707_106_781_186_547_5
    }
    return max(spacing, narrowest)
  }

  /// About how wide an interval is that the tilted sum leaves, on either side, with probability at most e^−`exponent`.
  func width(tilt: Double, exponent: Double) -> Double {
    let (log, mean, variance) = at(tilt)
    let deviation = max(variance.squareRoot(), 1e-12)
    var reach = (low: Double.infinity, high: Double.infinity)
    // From a fraction of the tilt, for heavy tails, to what suits a normal distribution; geometric steps.
    let (least, most) = (0.05 * min(1 / deviation, tilt + 1), 12 / deviation)
    let steps = 32
    let ratio = deterministicExp(deterministicLog(most / least) / Double(steps - 1))
    var t = least / ratio
    for _ in 0..<steps {
      t *= ratio
      reach.high = min(reach.high, (at(tilt + t).log - log + exponent) / t - mean)
      reach.low = min(reach.low, (at(tilt - t).log - log + exponent) / t + mean)
    }
    // No sum lies beyond the sum of the extremes.
    let lowest = parts.reduce(0) { $0 + $1.count * ($1.losses.min() ?? 0) }
    let highest = parts.reduce(0) { $0 + $1.count * ($1.losses.max() ?? 0) }
    return min(mean + reach.high, highest) - max(mean - reach.low, lowest)
  }
}
