import NumericalCore

/// Composes sums of very many losses in stages: some copies of each event on a fine lattice, then copies of these sums
/// on a coarser one, and so on (as evolving discretisation does: Ghazi, Kamath, Kumar and Manurangsi 2022, "Faster
/// privacy accounting via evolving discretization"). A lattice that is fine beside one event is needlessly fine beside
/// their sum, which it makes too long to transform.
struct StagedComposition {
  /// What becomes of a loss between two points of a coarser lattice.
  enum Rule {
    /// It is split between them so that its masses under P and Q stay: a pair that dominates.
    case dominating
    /// An observer is told the nearer one: post-processing.
    case observed
    /// It is rounded down.
    case floored
  }

  private(set) var sequences: [TiltedSequence]
  private(set) var spacing: Double
  private let rule: Rule
  private let allowance: Double
  private let roundingPerEvent: Double

  /// The sum is composed at once when its window is no longer than this.
  private static let shortSum = 1 << 17
  private static let shortTransform = 1 << 15
  private static let longestTransform = 1 << 20
  private static let mostStages = 12
  /// Weights below e^−45 are as good as none: they go with the rounding error.
  private static let leastLogWeight = -45.0

  /// - Parameters:
  ///   - sequences: one or two sequences of the same events; the first chooses the stages.
  ///   - allowance: by how much a stage may raise ε.
  ///   - roundingPerEvent: see `TiltedComposition.Settings`.
  init(
    _ sequences: [TiltedSequence], spacing: Double, rule: Rule, allowance: Double,
    roundingPerEvent: Double
  ) {
    self.sequences = sequences
    self.spacing = spacing
    self.rule = rule
    self.allowance = allowance
    self.roundingPerEvent = roundingPerEvent
    for _ in 0..<Self.mostStages {
      guard let lead = self.sequences.first else { return }
      let edges = lead.tails(spacing: self.spacing).edges(exponent: 32)
      guard (edges.high - edges.low) / self.spacing > Double(Self.shortSum), composeOnce() else {
        return
      }
    }
  }

  /// One stage.
  /// - Returns: false when it would change nothing.
  private mutating func composeOnce() -> Bool {
    let groups = zip(sequences[0].events, sequences[0].counts).map { group(of: $0, count: $1) }
    guard groups.contains(where: { $0 != nil }) else { return false }
    var composed = sequences.indices.map { compose(sequences[$0], groups, knowsTails: $0 == 0) }
    let factor = factor(for: composed[0])
    for index in composed.indices { coarsen(&composed[index], by: factor) }
    sequences = composed
    spacing *= Double(factor)
    return true
  }

  /// Some copies of an event that are composed at once.
  private struct Group {
    /// A power of two.
    let copies: Int
    /// Those of the copies' sum.
    let tails: SumTails

    init(_ event: TiltedSequence.Event, copies: Int) {
      self.copies = copies
      tails = SumTails([event], counts: [copies], spacing: 1)
    }
  }

  /// As many copies of an event as fit a short transform; nil where that is no more than one.
  private func group(of event: TiltedSequence.Event, count: Int) -> Group? {
    guard count > 1 else { return nil }
    let likely = event.points.filter { $0.logWeight > Self.leastLogWeight }
    let range = Double((likely.map(\.index).max() ?? 0) - (likely.map(\.index).min() ?? 0) + 1)
    let deviation = max(TiltedSequence.Event(points: likely).variance(spacing: 1).squareRoot(), 1e-12)
    var length = Self.shortTransform
    while Double(length) < range + max(range, 80 * deviation), length < Self.longestTransform { length *= 2 }
    var copies = 1
    while copies <= count / 2,
      range + 20 * deviation * Double(2 * copies).squareRoot() <= Double(length)
    { copies *= 2 }
    // Sums of rare large losses reach farther than their deviation tells.
    guard copies > 1 else { return nil }
    var group = Group(event, copies: copies)
    while copies > 1, extent(of: group, count: count) > Double(Self.longestTransform) {
      copies /= 2
      group = Group(event, copies: copies)
    }
    return copies > 1 ? group : nil
  }

  /// −ln of the tilted mass that may leave the windows of all groups on one side.
  private static let groupExponent = 34.0

  /// How long a transform holds the sum of a group but for a little of its mass.
  private func extent(of group: Group, count: Int) -> Double {
    let exponent = Self.groupExponent + deterministicLog(Double(count / group.copies))
    let edges = group.tails.edges(exponent: exponent)
    return edges.high - edges.low.rounded(.down) + 12
  }

  /// Every event in groups of some copies, and what is left over as a group of its own.
  /// - Parameter knowsTails: whether the groups were made for this very sequence.
  private func compose(_ sequence: TiltedSequence, _ groups: [Group?], knowsTails: Bool) -> TiltedSequence {
    var result = sequence
    result.events = []
    result.counts = []
    for ((event, count), group) in zip(zip(sequence.events, sequence.counts), groups) {
      guard let group else {
        result.events.append(event)
        result.counts.append(count)
        continue
      }
      let copies = group.copies
      let (times, rest) = count.quotientAndRemainder(dividingBy: copies)
      let exponent = Self.groupExponent + deterministicLog(Double(times))
      let tails = knowsTails ? group.tails : SumTails([event], counts: [copies], spacing: 1)
      let edges = tails.edges(exponent: exponent)
      let first = Int(edges.low.rounded(.down)) - 4
      var length = 1024
      while Double(length) < edges.high - Double(first) + 8 && length < Self.longestTransform {
        length *= 2
      }
      let window = TiltedComposition.Window(spacing: 1, first: first, count: length, offset: 0)
      let transform = FastFourierTransform(count: length)
      var spectrum = ComplexSequence(real: event.folded(length: length))
      transform.forward(&spectrum)
      append(
        spectrum, of: event, copies: copies, times: times, tails: tails, in: window, to: &result)
      if rest > 0 {
        let tails = SumTails([event], counts: [rest], spacing: 1)
        let lowest = Int(tails.edges(exponent: exponent).low.rounded(.down)) - 4
        let window = TiltedComposition.Window(spacing: 1, first: lowest, count: length, offset: 0)
        append(spectrum, of: event, copies: rest, times: 1, tails: tails, in: window, to: &result)
      }
    }
    return result
  }

  /// Adds the sum of some copies of an event as an event.
  private func append(
    _ spectrum: ComplexSequence, of event: TiltedSequence.Event, copies: Int, times: Int,
    tails: SumTails,
    in window: TiltedComposition.Window, to result: inout TiltedSequence
  ) {
    var sum = spectrum.raised(to: copies)
    FastFourierTransform(count: window.count).inverse(&sum)
    // A power has a relative error, which is that many times a number's: of the sum's own norm.
    let norm = sum.real.reduce(0) { $0 + $1 * $1 }.squareRoot()
    result.events.append(points(of: sum.real, in: window))
    result.counts.append(times)
    result.misplaced += Double(times) * tails.escapedMass(from: window)
    // The transform, and the weights that are too small to keep, cost a little each time.
    result.rounding += Double(times) * roundingPerEvent * (Double(copies) * norm + 1)
  }

  /// The entries of a window, unfolded, without those that are rounding errors.
  private func points(of values: [Double], in window: TiltedComposition.Window)
    -> TiltedSequence.Event
  {
    var event = TiltedSequence.Event(points: [])
    for entry in 0..<window.count {
      let value = values[(window.first + entry) & (window.count - 1)]
      if value > 1e-19 { event.points.append((window.first + entry, deterministicLog(value))) }
    }
    return event
  }

  /// The coarsest lattice, by a power of two, that raises ε by no more than what is allowed.
  private func factor(for sequence: TiltedSequence) -> Int {
    let tilt = sequence.tilt
    var factor = 1
    while factor < 1 << 20 {
      let wide = 2 * factor
      let width = Double(wide) * spacing
      let divisor = deterministicExpMinusOne(-width)
      var error = 0.0
      for (event, count) in zip(sequence.events, sequence.counts) {
        for point in event.points where point.logWeight > Self.leastLogWeight {
          let within = Double(point.index & (wide - 1)) * spacing
          let share = deterministicExpMinusOne(-within) / divisor
          let growth =
            (1 - share) * deterministicExpMinusOne(-tilt * within)
            + share * deterministicExpMinusOne(min(tilt * (width - within), 700))
          error += Double(count) * deterministicExp(point.logWeight) * growth
        }
      }
      if error > allowance * tilt { return factor }
      factor = wide
    }
    return factor
  }

  /// Moves every event to a lattice that is coarser by a power of two.
  private func coarsen(_ sequence: inout TiltedSequence, by factor: Int) {
    guard factor > 1 else { return }
    let tilt = sequence.tilt
    let shift = factor.trailingZeroBitCount
    let width = Double(factor) * spacing
    for index in sequence.events.indices {
      let indices = sequence.events[index].points.map(\.index)
      let lowest = (indices.min() ?? 0) >> shift
      var weights = [LogSum](
        repeating: LogSum(), count: ((indices.max() ?? 0) >> shift) - lowest + 2)
      func add(_ target: Int, _ logWeight: Double) { weights[target - lowest].add(logWeight) }
      for point in sequence.events[index].points {
        switch rule {
        case .observed:
          let target = (point.index + factor / 2) >> shift
          let moved = Double(target * factor - point.index) * spacing
          add(target, point.logWeight + tilt * moved)
        case .floored:
          let target = point.index >> shift
          add(target, point.logWeight + tilt * Double(target * factor - point.index) * spacing)
        case .dominating:
          let target = point.index >> shift
          let within = Double(point.index & (factor - 1)) * spacing
          if within == 0 {
            add(target, point.logWeight)
            continue
          }
          let share = deterministicExpMinusOne(-within) / deterministicExpMinusOne(-width)
          // 1 − share, without cancellation.
          let rest =
            deterministicExp(-within) * deterministicExpMinusOne(within - width)
            / deterministicExpMinusOne(-width)
          if rest > 0 {
            add(target, point.logWeight + deterministicLog(max(rest, 0x1p-1022)) - tilt * within)
          }
          add(target + 1, point.logWeight + deterministicLog(share) + tilt * (width - within))
        }
      }
      let points = weights.indices.map { (index: lowest + $0, logWeight: weights[$0].value) }
        .filter { $0.logWeight > -.infinity }
      var total = LogSum()
      for point in points { total.add(point.logWeight) }
      let logTotal = total.value
      sequence.events[index].points = points.map { ($0.index, $0.logWeight - logTotal) }
      sequence.logScale += Double(sequence.counts[index]) * logTotal
    }
    // What stood at wrong places before is moved along; entries that fall together add up.
    let gain = deterministicExp(min(tilt * width, 700))
    sequence.misplaced *= gain
    sequence.rounding *= gain * Double(factor).squareRoot()
  }
}
