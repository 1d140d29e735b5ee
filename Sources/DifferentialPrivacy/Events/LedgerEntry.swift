import Foundation

/// One line of `ledger.jsonl`: a noisy release, recorded where the noise is added.
///
/// The accountant reads these and nothing else, so ε is that of what the code did (design law 3).
public struct LedgerEntry: Equatable, Sendable {
  /// The round, from 1.
  public let round: Int
  /// The one client that the release concerns, where each adds its own noise; nil where it concerns everyone.
  public let client: Int?
  /// The one tier of clients that the entry is about, where tiers are sampled at rates of their own; nil where it is
  /// about everyone.
  public let tier: String?
  /// What was released, with the noise multiplier of the noise that was really added.
  public let event: PrivacyEvent
  /// Which populations `sensitivity` is measured between.
  public let adjacency: Adjacency
  /// Whose presence is protected, for example "client".
  public let unit: String
  /// L2 sensitivity of the released sum under `adjacency`.
  public let sensitivity: Double
  /// Standard deviation of the noise on each coordinate, in the unit of `sensitivity`.
  public let noiseStandardDeviation: Double
  /// With adaptive clipping, the noise multiplier of the count that was released together with the sum; the event's
  /// multiplier is that of both together.
  public let countNoiseMultiplier: Double?
  /// What was released, in words, for an auditor.
  public let release: String?
  /// Clients whose data is in the release. It is exact, and not covered by the guarantee: it is for the auditor, not for
  /// publication.
  public let clients: Int?
  /// Whether two neighbouring populations exist between which the release told as much as `event` says it can. Then what
  /// no analysis of the event can go below, no analysis of the release can; otherwise the event is an upper bound alone.
  /// Ledgers that do not say so are read as upper bounds.
  public let isAttained: Bool

  /// Records a release.
  public init(
    round: Int, client: Int? = nil, tier: String? = nil, event: PrivacyEvent, adjacency: Adjacency, unit: String,
    sensitivity: Double, noiseStandardDeviation: Double, countNoiseMultiplier: Double? = nil,
    release: String? = nil, clients: Int? = nil, isAttained: Bool = false
  ) {
    self.round = round
    self.client = client
    self.tier = tier
    self.event = event
    self.adjacency = adjacency
    self.unit = unit
    self.sensitivity = sensitivity
    self.noiseStandardDeviation = noiseStandardDeviation
    self.countNoiseMultiplier = countNoiseMultiplier
    self.release = release
    self.clients = clients
    self.isAttained = isAttained
  }

  /// The entry as one line of JSON with sorted keys, without the line's end.
  public func line() throws -> String { try LedgerEncoder().object(self) }

  /// Reads a line back.
  /// - Throws: `LedgerError` naming the line when it is not an entry, or contradicts itself.
  public init(line text: some StringProtocol, number: Int) throws(LedgerError) {
    let decoded: Line
    do {
      decoded = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
    } catch {
      throw LedgerError(line: number, message: "is not a ledger entry")
    }
    guard let entry = decoded.entry else {
      throw LedgerError(
        line: number, message: "mechanism \"\(decoded.mechanism)\" is unknown or lacks a field it needs")
    }
    if let contradiction = entry.contradiction {
      throw LedgerError(line: number, message: "contradicts itself: \(contradiction)")
    }
    self = entry
  }

  /// The flat form on disk.
  private struct Line: Codable, Equatable {
    var round: Int
    var client: Int?
    var tier: String?
    var mechanism: String
    var adjacency: Adjacency
    var unit: String
    var sensitivity: Double
    var noiseStandardDeviation: Double
    var noiseMultiplier: Double?
    var countNoiseMultiplier: Double?
    var release: String?
    var clients: Int?
    /// Present where it is true.
    var attained: Bool?
    var samplingRate: Double?
    var sample: Int?
    var population: Int?
    var scale: Double?
    var steps: Int?
    var epsilon: Double?
    var categories: Int?
    var rho: Double?

    init(_ entry: LedgerEntry) {
      round = entry.round
      client = entry.client
      tier = entry.tier
      mechanism = entry.event.name
      adjacency = entry.adjacency
      unit = entry.unit
      sensitivity = entry.sensitivity
      noiseStandardDeviation = entry.noiseStandardDeviation
      countNoiseMultiplier = entry.countNoiseMultiplier
      release = entry.release
      clients = entry.clients
      attained = entry.isAttained ? true : nil
      switch entry.event {
      case .gaussian(let multiplier), .laplace(let multiplier): noiseMultiplier = multiplier
      case .poissonSampledGaussian(let rate, let multiplier), .poissonSampledLaplace(let rate, let multiplier):
        noiseMultiplier = multiplier
        samplingRate = rate
      case .fixedSizeSampledGaussian(let size, let total, let multiplier):
        noiseMultiplier = multiplier
        sample = size
        population = total
      case .discreteGaussian(let deviation, let sensitivity):
        scale = deviation
        steps = sensitivity
      case .discreteLaplace(let laplaceScale, let sensitivity):
        scale = laplaceScale
        steps = sensitivity
      case .randomizedResponse(let response, let count):
        epsilon = response
        categories = count
      case .pure(let pure): epsilon = pure
      case .concentrated(let concentrated): rho = concentrated
      }
    }

    var entry: LedgerEntry? {
      guard round >= 0, client ?? 0 >= 0, clients ?? 0 >= 0, sensitivity > 0, noiseStandardDeviation >= 0,
        let event,
        (try? event.validate()) != nil
      else { return nil }
      let entry = LedgerEntry(
        round: round, client: client, tier: tier, event: event, adjacency: adjacency, unit: unit,
        sensitivity: sensitivity, noiseStandardDeviation: noiseStandardDeviation,
        countNoiseMultiplier: countNoiseMultiplier, release: release, clients: clients,
        isAttained: attained ?? false)
      // A field that the mechanism has no use for is a sign of damage.
      return Line(entry) == self ? entry : nil
    }

    private var event: PrivacyEvent? {
      switch mechanism {
      case "gaussian": noiseMultiplier.map { .gaussian(noiseMultiplier: $0) }
      case "laplace": noiseMultiplier.map { .laplace(noiseMultiplier: $0) }
      case "poisson-sampled-gaussian":
        samplingRate.flatMap { rate in
          noiseMultiplier.map { .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: $0) }
        }
      case "poisson-sampled-laplace":
        samplingRate.flatMap { rate in
          noiseMultiplier.map { .poissonSampledLaplace(samplingRate: rate, noiseMultiplier: $0) }
        }
      case "fixed-size-sampled-gaussian":
        if let sample, let population, let noiseMultiplier {
          .fixedSizeSampledGaussian(sample: sample, population: population, noiseMultiplier: noiseMultiplier)
        } else {
          nil
        }
      case "discrete-gaussian":
        scale.flatMap { scale in steps.map { .discreteGaussian(standardDeviation: scale, sensitivity: $0) } }
      case "discrete-laplace":
        scale.flatMap { scale in steps.map { .discreteLaplace(scale: scale, sensitivity: $0) } }
      case "randomized-response":
        epsilon.flatMap { epsilon in categories.map { .randomizedResponse(epsilon: epsilon, categories: $0) } }
      case "pure": epsilon.map { .pure(epsilon: $0) }
      case "zcdp": rho.map { .concentrated(rho: $0) }
      default: nil
      }
    }
  }
}

/// The same form as on a line of a ledger.
extension LedgerEntry: Codable {
  /// Reads an entry.
  /// - Throws: `DecodingError` when it is not one.
  public init(from decoder: any Decoder) throws {
    guard let entry = try Line(from: decoder).entry, entry.contradiction == nil else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "is not a ledger entry"))
    }
    self = entry
  }

  /// Writes an entry.
  public func encode(to encoder: any Encoder) throws { try Line(self).encode(to: encoder) }
}
