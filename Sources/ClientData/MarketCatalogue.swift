import NumericalCore
import Scenarios

/// The public side of the market: items with categories, prices and popularity. The same for every worker.
struct MarketCatalogue: Sendable {
  struct Item: Sendable {
    let category: Int
    let priceBand: Int
    /// Price as a rank in [0, 1].
    let priceRank: Double
    /// ln of the weight with which the item is shown.
    let logPopularity: Double
    let popularityBand: Int
    /// What the item adds to the true logit, standard deviation about 1 over impressions.
    let appeal: Double
  }

  /// Share of an item's appeal (by variance) that its popularity explains: popular items are popular for a reason.
  static let appealFromPopularity = 0.3

  let items: [Item]
  let impressions: AliasTable

  init(settings: MarketPopulation, seed: UInt64) {
    let count = settings.items
    let logWeights = (0..<count).map { -settings.popularityExponent * deterministicLog(Double($0 + 1)) }
    let weights = logWeights.map { deterministicExp($0) }
    impressions = AliasTable(weights: weights)

    // Standardise ln popularity over impressions, so that its effect does not depend on the catalogue's size.
    var (total, first, second) = (0.0, 0.0, 0.0)
    for (weight, logWeight) in zip(weights, logWeights) {
      total += weight
      first += weight * logWeight
      second += weight * logWeight * logWeight
    }
    let mean = first / total
    let deviation = max(second / total - mean * mean, 0).squareRoot()

    var categories: [Int] = []
    var prices: [Double] = []
    var ownAppeal: [Double] = []
    for item in 0..<count {
      var stream = RandomStream(seed: seed, purpose: .catalogue, client: item)
      categories.append(stream.nextInteger(below: settings.categories))
      prices.append(stream.nextNormal())
      ownAppeal.append(stream.nextNormal())
    }
    var rank = [Int](repeating: 0, count: count)
    for (position, item) in (0..<count).sorted(by: { (prices[$0], $0) < (prices[$1], $1) }).enumerated() {
      rank[item] = position
    }
    let shared = Self.appealFromPopularity.squareRoot()
    let own = (1 - Self.appealFromPopularity).squareRoot()
    items = (0..<count).map { item in
      let standardised = deviation > 0 ? (logWeights[item] - mean) / deviation : 0
      return Item(
        category: categories[item], priceBand: rank[item] * settings.priceBands / count,
        priceRank: (Double(rank[item]) + 0.5) / Double(count), logPopularity: logWeights[item],
        popularityBand: item * 10 / count,
        appeal: shared * standardised + own * ownAppeal[item])
    }
  }
}
