import NumericalCore
import Scenarios

/// The e-commerce market: users see items in proportion to their popularity and respond by a true logit of the
/// item's appeal, the user's taste for its category, how its price fits the user's budget, and the hour.
///
/// Everything is drawn from (seed, client, index): a client costs nothing until it is asked for.
package struct Market: ClientSource {
  /// Weights of the parts of the true logit, all standardised; their squares sum to 1.
  private enum Weight {
    static let appeal = 0.55
    static let taste = 0.62
    static let priceFit = 0.52
    static let hour = 0.2
  }

  private let settings: MarketPopulation
  /// nil where nobody asks for features.
  private let hasher: FeatureHasher?
  let seed: UInt64
  private let catalogue: MarketCatalogue
  private let segmentTaste: [RandomStream]
  /// The intercept that makes the positive rate what the scenario asks for.
  private var intercept: Double
  /// nil where quasi-identifiers are left as they are.
  package private(set) var anonymiser: Anonymiser?

  package var trainingClients: Int { settings.clients }
  package var heldOutClients: Int { settings.heldOutClients }
  /// Clients that anonymisation leaves out.
  package var skippedClients: Int { anonymiser?.suppressed ?? 0 }
  package var knowsTruth: Bool { true }
  package var knowsPopularity: Bool { true }

  /// - Parameter features: nil where only records are asked for; shards are then without features.
  package init(
    settings: MarketPopulation, features: Features?, minimisation: Minimisation? = nil,
    anonymisation: Anonymisation? = nil, seed: UInt64
  ) {
    self.settings = settings
    self.seed = seed
    hasher = features.map {
      FeatureHasher($0, minimisation: minimisation, priceBands: settings.priceBands)
    }
    catalogue = MarketCatalogue(settings: settings, seed: seed)
    segmentTaste = (0..<settings.segments).map {
      RandomStream(seed: seed, purpose: .segmentTaste, client: $0)
    }
    intercept = 0
    intercept = findIntercept()
    anonymiser = anonymisation.map { anonymisation in
      Anonymiser(
        anonymisation, profiles: (0..<settings.clients).map { quasiIdentifiers(of: $0, heldOut: false) })
    }
  }

  package func trainingShard(_ client: Int) -> ClientShard? { shard(client, heldOut: false) }
  package func heldOutShard(_ client: Int) -> ClientShard? { shard(client, heldOut: true) }

  // MARK: Clients

  private struct Profile {
    let segment: Int
    let budgetBand: Int
    let budgetRank: Double
    /// How strongly price fit acts on this client; 1 without concept shift.
    let priceEffect: Double
    /// What label skew adds to the logit.
    let offset: Double
    let ownTaste: RandomStream
  }

  private func profile(_ index: Int, _ stream: inout RandomStream) -> Profile {
    let segment = stream.nextInteger(below: settings.segments)
    let budgetRank = stream.nextUniform()
    let priceEffect = 1 + settings.heterogeneity.conceptShift * stream.nextNormal()
    var offset = 0.0
    let skew = settings.heterogeneity.labelSkew
    if skew > 0 {
      // Hsu, Qi and Brown 2019: class shares from a Dirichlet around the population's, concentration (1 − s)/s.
      let concentration = (1 - skew) / skew
      let share = stream.nextBeta(
        settings.positiveRate * concentration, (1 - settings.positiveRate) * concentration)
      let held = max(1e-6, min(share, 1 - 1e-6))
      offset = logit(held) - logit(settings.positiveRate)
    }
    return Profile(
      segment: segment, budgetBand: Int(budgetRank * Double(settings.budgetBands)), budgetRank: budgetRank,
      priceEffect: priceEffect, offset: offset,
      ownTaste: RandomStream(seed: seed, purpose: .clientTaste, client: index))
  }

  /// What others know about a client too.
  package func quasiIdentifiers(of client: Int, heldOut: Bool) -> Anonymiser.Profile {
    let index = streamIndex(client: client, heldOut: heldOut, trainingClients: settings.clients)
    var stream = RandomStream(seed: seed, purpose: .clientProfile, client: index)
    _ = settings.examplesPerClient.draw(&stream)
    let profile = profile(index, &stream)
    return Anonymiser.Profile(segment: profile.segment, budget: profile.budgetBand)
  }

  private func logit(_ p: Double) -> Double { deterministicLog(p) - deterministicLog(1 - p) }

  /// The true logit less the intercept.
  private func response(_ profile: Profile, _ item: MarketCatalogue.Item, hour: Int) -> Double {
    let own = settings.heterogeneity.taste
    var taste = (1 - own).squareRoot() * segmentTaste[profile.segment].normal(at: item.category)
    if own > 0 { taste += own.squareRoot() * profile.ownTaste.normal(at: item.category) }
    // 1 − 2|p − b| over uniform p and b has mean 1/3 and standard deviation √2/3.
    let fit = (1 - 2 * abs(item.priceRank - profile.budgetRank) - 1.0 / 3) / (2.0.squareRoot() / 3)
    // Evenings convert best.
    let daily = 2.0.squareRoot() * deterministicSineCosine(turns: Double((hour + 10) % 24) / 24).sine
    let parts =
      Weight.appeal * item.appeal + Weight.taste * taste + Weight.priceFit * profile.priceEffect * fit
      + Weight.hour * daily
    return settings.signal * parts + profile.offset
  }

  /// One item that a client was shown, and what came of it.
  struct Impression {
    let record: FeatureHasher.Record
    /// The item's price as a rank in [0, 1].
    let priceRank: Double
    let logPopularity: Double
    /// The true logit.
    let logit: Double
    let isPositive: Bool
  }

  /// Calls `start` with how much a client was shown, then `body` with each of it, in order.
  @inline(__always)
  func forEachImpression(
    _ client: Int, heldOut: Bool, start: (Int) -> Void = { _ in }, body: (Impression) -> Void
  ) {
    let index = streamIndex(client: client, heldOut: heldOut, trainingClients: settings.clients)
    var profileStream = RandomStream(seed: seed, purpose: .clientProfile, client: index)
    let count = settings.examplesPerClient.draw(&profileStream)
    let profile = profile(index, &profileStream)
    var stream = RandomStream(seed: seed, purpose: .examples, client: index)
    start(count)
    for _ in 0..<count {
      let itemIndex = catalogue.impressions.draw(&stream)
      let item = catalogue.items[itemIndex]
      let hour = stream.nextInteger(below: 24)
      let logit = intercept + response(profile, item, hour: hour)
      body(
        Impression(
          record: FeatureHasher.Record(
            item: itemIndex, category: item.category, price: item.priceBand, popularity: item.popularityBand,
            segment: profile.segment, budget: profile.budgetBand, hour: hour),
          priceRank: item.priceRank, logPopularity: item.logPopularity, logit: logit,
          isPositive: stream.nextUniform() < sigmoid(logit)))
    }
  }

  private func shard(_ client: Int, heldOut: Bool) -> ClientShard {
    var labels: [Float] = []
    var logits: [Float] = []
    var popularity: [Float] = []
    var coordinates: [UInt32] = []
    var rowStarts = [0]
    if !heldOut, let anonymiser, !anonymiser.keeps(quasiIdentifiers(of: client, heldOut: false)) {
      return ClientShard(labels: [], features: .sparse(SparseRows(coordinates: [], values: [], rowStarts: [0])))
    }
    forEachImpression(client, heldOut: heldOut) { count in
      labels.reserveCapacity(count)
      coordinates.reserveCapacity(count * (hasher?.featuresPerExample ?? 0))
    } body: { impression in
      labels.append(impression.isPositive ? 1 : 0)
      hasher?.append(anonymiser?.generalised(impression.record) ?? impression.record, to: &coordinates)
      rowStarts.append(coordinates.count)
      if heldOut {
        logits.append(Float(impression.logit))
        popularity.append(Float(impression.logPopularity))
      }
    }
    let values = [Float](repeating: 1, count: coordinates.count)
    return ClientShard(
      labels: labels,
      features: .sparse(SparseRows(coordinates: coordinates, values: values, rowStarts: rowStarts)),
      trueLogits: heldOut ? logits : nil, popularity: heldOut ? popularity : nil)
  }

  // MARK: Positive rate

  /// Solves mean sigmoid(intercept + response) = positive rate by bisection, over a fixed sample of impressions.
  private func findIntercept() -> Double {
    let responses = (0..<4096).map { sample in
      var stream = RandomStream(seed: seed, purpose: .calibrationSample, client: sample)
      let profile = profile(sample, &stream)
      let item = catalogue.items[catalogue.impressions.draw(&stream)]
      return response(profile, item, hour: stream.nextInteger(below: 24))
    }
    var (low, high) = (-60.0, 60.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      let mean = responses.reduce(0) { $0 + sigmoid(middle + $1) } / Double(responses.count)
      if mean < settings.positiveRate { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
