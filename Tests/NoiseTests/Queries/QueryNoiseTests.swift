import Coordinator
import DifferentialPrivacy
import FederationProtocol
import Foundation
import Scenarios
import Testing

/// What the coordinator adds to sums over clients: the answer less what the workers sent. Answers that are made of two
/// noisy numbers are taken apart by asking the same, with the same seed, of a second population.
@Suite("The noise on answers to queries, for every query that is accepted with central trust")
struct QueryNoiseTests {
  struct Sample {
    let combination: QueryCombination
    /// One a release and cell.
    let noises: [[Double]]
    /// One a release and part.
    let entries: [[LedgerEntry]]

    init(_ combination: QueryCombination, seed: Int) throws {
      self.combination = combination
      let answers = try [QueryPopulations.plain, QueryPopulations.shifted].map { population in
        try Laboratory.own().ask(
          combination.asked(of: population, times: times, epsilon: 0.5, seed: seed))
      }
      noises = (0..<times).map { release in
        CellNoise.of(
          combination.query,
          answers.map {
            (bounded: $0.tallies[0][release].bounded.map(Double.init), answer: $0.result.answers[release])
          }
        )
      }
      entries = (1...times).map { release in answers[0].result.ledger.filter { $0.round == release } }
    }

    /// The noise on a cell, release by release.
    func noise(cell: Int) -> [Double] { noises.map { $0[cell] } }

    /// The entry that a cell of a release belongs to.
    func entry(release: Int, cell: Int) -> LedgerEntry? {
      let entries = entries[release]
      return entries.count == noises[release].count ? entries[cell] : entries.count == 1 ? entries[0] : nil
    }

    var cells: Range<Int> { 0..<(noises.first?.count ?? 0) }
  }

  private static let times = 1000

  static let samples = Result {
    try QueryCombination.accepted(.central, .noise).enumerated().map {
      try Sample($0.element, seed: 40 + $0.offset)
    }
  }

  @Test("deviates in every cell as the ledger says")
  func deviation() throws {
    try expectNone("noise of another deviation than the ledger's", of: Self.samples.get(), \.combination) {
      sample in
      sample.cells.isEmpty
        || sample.cells.contains { cell in
          guard let entry = sample.entry(release: 0, cell: cell) else { return true }
          return Measures.excess(
            ofDeviation: sample.noise(cell: cell), from: entry.noiseStandardDeviation, shape: .laplace) > 1
        }
    }
  }

  @Test("is whole, of discrete Laplace shape, and as the ledger's events say")
  func shape() throws {
    try expectNone("noise of another shape", of: Self.samples.get(), \.combination) { sample in
      sample.cells.contains { cell in
        guard let entry = sample.entry(release: 0, cell: cell) else { return true }
        let noise = sample.noise(cell: cell)
        let whole = noise.compactMap { abs($0 - $0.rounded()) <= 1e-3 ? Int(exactly: $0.rounded()) : nil }
        return whole.count < noise.count || DiscreteLaplace(entry).map { $0.excess(of: whole) > 1 } ?? true
      }
    }
  }

  @Test("is new in every release")
  func releases() throws {
    try expectNone("noise that releases share", of: Self.samples.get(), \.combination) { sample in
      sample.cells.contains { Measures.excess(ofCorrelationAlong: sample.noise(cell: $0)) > 1 }
    }
  }

  @Test("is another in every cell")
  func cells() throws {
    try expectNone("noise that cells share", of: Self.samples.get(), \.combination) { sample in
      sample.cells.contains { cell in
        sample.cells[(cell + 1)...].contains {
          Measures.excess(ofCorrelation: sample.noise(cell: cell), sample.noise(cell: $0)) > 1
        }
      }
    }
  }

  @Test("is entered in the ledger once a release")
  func entries() throws {
    try expectNone("releases without their entries", of: Self.samples.get(), \.combination) { sample in
      sample.entries.contains { $0.isEmpty || $0.count != sample.entries[0].count }
    }
  }
}

/// Takes answers apart into the noise on each cell.
private enum CellNoise {
  /// - Parameter asked: the same release on two populations: what the workers sent, and the answer.
  static func of(_ query: Query, _ asked: [(bounded: [Double], answer: QueryAnswer)]) -> [Double] {
    let released = asked.map { $0.answer.lines.map { $0.released ?? .nan } }
    switch query.kind {
    case .count, .sum, .histogram: return zip(released[0], asked[0].bounded).map { $0 - $1 }
    case .mean:
      // The middle of the bounds plus half of (a + X)/(b + Y).
      let middle = Double(query.lower + query.upper) / 2
      return ofTwo(asked.map(\.bounded), released.map { 2 * ($0[0] - middle) })
    case .ratio:
      switch query.denominator {
      case .public: return [released[0][0] * Double(query.publicDenominator) - asked[0].bounded[0]]
      case .noisy: return ofTwo(asked.map(\.bounded), released.map { $0[0] })
      case .complement: return ofTwo(asked.map(\.bounded), released.map { $0[0] / (1 - $0[0]) })
      }
    case .quantile, .top: return []
    }
  }

  /// The X and Y of two quotients q = (a + X)/(b + Y).
  private static func ofTwo(_ cells: [[Double]], _ quotients: [Double]) -> [Double] {
    let (a1, b1, a2, b2) = (cells[0][0], cells[0][1], cells[1][0], cells[1][1])
    let (q1, q2) = (quotients[0], quotients[1])
    let y = (a2 - a1 - q2 * b2 + q1 * b1) / (q2 - q1)
    return [q1 * (b1 + y) - a1, y]
  }
}

/// The distribution P(k) ∝ e^(−|k|/scale).
struct DiscreteLaplace {
  let scale: Double

  /// What an entry's event says that the noise is; nil where it says something else, or where its deviation does not
  /// follow from it.
  init?(_ entry: LedgerEntry) {
    switch entry.event {
    case .discreteLaplace(let scale, let sensitivity):
      self.scale = scale
      guard Double(sensitivity) == entry.sensitivity else { return nil }
    // Noise on several cells, of the scale that their L1 sensitivity asks for.
    case .pure(let epsilon): scale = entry.sensitivity / epsilon
    default: return nil
    }
    guard LedgerAgreement.isClose(deviation, entry.noiseStandardDeviation) else { return nil }
  }

  private var ratio: Double { exp(-1 / scale) }

  /// √(2r)/(1 − r) with r = e^(−1/scale).
  private var deviation: Double { (2 * ratio).squareRoot() / (1 - ratio) }

  /// How far samples are from it, in what right ones may be: fine up to 1. The distance of two discrete distributions is
  /// that of their steps, so the bound for continuous ones holds.
  func excess(of samples: [Int]) -> Double {
    let n = Double(samples.count)
    var counts: [Int: Int] = [:]
    for sample in samples { counts[sample, default: 0] += 1 }
    var (below, largest) = (0, 0.0)
    for value in counts.keys.sorted() {
      largest = max(largest, abs(Double(below) / n - distribution(value - 1)))
      below += counts[value] ?? 0
      largest = max(largest, abs(Double(below) / n - distribution(value)))
    }
    return largest / (log(2e10) / (2 * n)).squareRoot()
  }

  /// P(X ≤ k).
  private func distribution(_ k: Int) -> Double {
    k < 0 ? pow(ratio, Double(-k)) / (1 + ratio) : 1 - pow(ratio, Double(k + 1)) / (1 + ratio)
  }
}
