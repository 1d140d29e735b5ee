import Scenarios

/// A setting of every key of a space.
package struct Candidate: Equatable, Sendable {
  package let point: [Double]
  /// Empty for the scenario as it is written.
  package let settings: [Sweep.Setting]
}

/// One run of a search.
package struct Trial: Equatable, Sendable {
  package let candidate: Int
  package let seed: Int
}

/// A search for the best settings at one ε, with a fixed number of runs, in stages: a design that fills the space, a look
/// near the best of it (and at what is best at the neighbouring ε, or with fewer keys free), and a choice among ever fewer on one population after
/// another (successive halving: Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016). The scenario as it is written
/// is a candidate to the end, so that a search finds nothing worse by its own measure. What is tried depends on the
/// scores alone, and not on the order in which runs end.
package struct Search: Sendable {
  package let space: SearchSpace
  package private(set) var candidates: [Candidate]
  /// The runs that the next step needs.
  package private(set) var trials: [Trial]
  /// The candidates of the design; the first is the scenario as it is written.
  package let designed: Range<Int>
  private let seeds: [Int]
  private let nearbyRuns: Int
  /// How many are left in each further population.
  private let survivors: [Int]
  private var stage = Stage.design
  /// By candidate, then by seed in their order; nil where a run has no score, which is worse than any.
  private var scores: [[Double?]]

  private enum Stage {
    case design
    case nearby
    /// On the seed with this index.
    case choice(Int)
    case finished
  }

  /// Shares of the runs that go to the design and to the look near its best.
  private static let (designShare, nearbyShare) = (0.45, 0.25)
  /// How many of the best are looked near to.
  private static let mostCentres = 3
  /// How far from one to look, in the cube.
  private static let reach = 0.15
  /// No choice is among fewer.
  private static let fewestSurvivors = 2

  /// - Parameters:
  ///   - written: the values of the scenario itself, nil where it has none.
  ///   - runs: of the whole search, at least 8.
  ///   - seeds: at least two.
  package init(_ space: SearchSpace, written: [JSONValue?], runs: Int, seeds: [Int]) {
    self.space = space
    self.seeds = seeds
    let asWritten = Candidate(point: space.point(of: written), settings: [])
    guard !space.keys.isEmpty else {
      // There is nothing to choose; its scores are wanted all the same.
      (candidates, designed, nearbyRuns) = ([asWritten], 0..<1, 0)
      survivors = seeds.dropFirst().map { _ in 1 }
      scores = [[]]
      trials = [Trial(candidate: 0, seed: seeds[0])]
      return
    }
    let count = max(Self.fewestSurvivors + 1, Int(Double(runs) * Self.designShare))
    nearbyRuns = Int(Double(runs) * Self.nearbyShare)
    let left = runs - count - nearbyRuns
    let weights = seeds.indices.dropFirst().map { 1 / Double(1 << ($0 - 1)) }
    let unit = Double(left) / weights.reduce(0, +)
    survivors = weights.map { max(Self.fewestSurvivors, Int(unit * $0)) }
    let design = SpaceFillingDesign(dimensions: space.keys.count)
    candidates =
      [asWritten]
      + (0..<count - 1).map {
        let point = design.point($0)
        return Candidate(point: point, settings: space.settings(at: point))
      }
    designed = 0..<count
    scores = candidates.map { _ in [] }
    trials = candidates.indices.map { Trial(candidate: $0, seed: seeds[0]) }
  }

  package var isFinished: Bool { if case .finished = stage { true } else { false } }

  /// The mean over all seeds of a search that is finished; nil where a run has no score.
  package func score(_ candidate: Int) -> Double? {
    scores[candidate].count == seeds.count ? mean(candidate) : nil
  }

  /// The score on the first seed.
  package func firstScore(_ candidate: Int) -> Double? { scores[candidate].first ?? nil }

  /// The best of the candidates that got farthest, the earlier one among equal ones.
  package var best: Int {
    let farthest = scores.map(\.count).max() ?? 0
    return ranked(candidates.indices.filter { scores[$0].count == farthest })[0]
  }

  private func mean(_ candidate: Int) -> Double? {
    let values = scores[candidate].compactMap { $0 }
    return values.count == scores[candidate].count && !values.isEmpty
      ? values.reduce(0, +) / Double(values.count) : nil
  }

  /// The best first; those without a score last.
  private func ranked(_ candidates: [Int]) -> [Int] {
    candidates.sorted { a, b in
      let (first, second) = (mean(a) ?? -.infinity, mean(b) ?? -.infinity)
      return first == second ? a < b : first > second
    }
  }

  package var hasScores: Bool { !(scores.first ?? []).isEmpty }

  /// Takes the scores of the trials.
  /// - Parameter found: one a trial, higher is better; nil for a run that cannot be.
  package mutating func take(_ found: [Double?]) {
    for (trial, score) in zip(trials, found) { scores[trial.candidate].append(score) }
  }

  /// Says what is to be tried next, once the scores of all trials are taken.
  /// - Parameter neighbours: points that did well at other ε or with fewer keys, by path; the rest is as it is written.
  package mutating func advance(neighbours: [[String: Double]] = []) {
    switch stage {
    case .design where nearbyRuns > 0:
      stage = .nearby
      let first = candidates.count
      candidates += nearby(neighbours)
      scores += (first..<candidates.count).map { _ in [] }
      trials = (first..<candidates.count).map { Trial(candidate: $0, seed: seeds[0]) }
    case .design, .nearby: choose(on: 1)
    case .choice(let seed): choose(on: seed + 1)
    case .finished: trials = []
    }
  }

  private mutating func choose(on seed: Int) {
    guard seed < seeds.count else {
      stage = .finished
      trials = []
      return
    }
    stage = .choice(seed)
    let left = ranked(candidates.indices.filter { scores[$0].count == seed })
    let kept = left.prefix(survivors[seed - 1])
    trials = (Array(kept) + (kept.contains(0) ? [] : [0])).sorted().map {
      Trial(candidate: $0, seed: seeds[seed])
    }
  }

  /// What did well at other ε, and points around the best so far.
  private func nearby(_ neighbours: [[String: Double]]) -> [Candidate] {
    var points: [[Double]] = neighbours.map { neighbour in
      zip(space.keys, candidates[0].point).map { neighbour[$0.path] ?? $1 }
    }
    let centres = ranked(Array(candidates.indices)).prefix(Self.mostCentres).map { candidates[$0].point } + points
    let offsets = SpaceFillingDesign(dimensions: space.keys.count)
    var number = 1
    while points.count < nearbyRuns {
      let centre = centres[number % centres.count]
      points.append(
        zip(centre, offsets.point(number)).map { max(0, min($0 + Self.reach * (2 * $1 - 1), 1 - 0x1p-20)) })
      number += 1
    }
    return points.prefix(nearbyRuns).map { Candidate(point: $0, settings: space.settings(at: $0)) }
  }

  /// The best so far as a point by path, for the searches at the neighbouring ε.
  package var bestPoint: [String: Double] {
    Dictionary(
      zip(space.keys.map(\.path), candidates[best].point), uniquingKeysWith: { first, _ in first })
  }
}
