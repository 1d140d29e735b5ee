import NumericalCore
import Scenarios

/// The market's impressions as records: the very ones that training learns from, with the stage that each reached.
struct MarketRecords: RecordSource {
  /// What a view that ended in no purchase adds to the purchase's logit to be put into the cart.
  private static let cartOffset = 0.5

  private let market: Market
  private let settings: MarketPopulation
  private let seed: UInt64

  var clients: Int { settings.clients }

  init(settings: MarketPopulation, seed: UInt64) {
    self.settings = settings
    self.seed = seed
    market = Market(settings: settings, features: nil, seed: seed)
  }

  func records(of client: Int) -> [Int32] {
    var stages = RandomStream(seed: seed, purpose: .action, client: client)
    var records: [Int32] = []
    market.forEachImpression(client, heldOut: false) { impression in
      let record = impression.record
      let cart = stages.nextUniform() < sigmoid(impression.logit + Self.cartOffset)
      let action: MarketPopulation.Action = impression.isPositive ? .purchase : cart ? .cart : .view
      let stage = MarketPopulation.Action.allCases.firstIndex(of: action) ?? 0
      // Prices spread evenly on a logarithmic scale, from a twentieth of the highest.
      let price = Double(MarketPopulation.highestPrice) / 20 * deterministicExp(3 * impression.priceRank)
      for value in [
        record.item, record.category, record.price, record.popularity, record.segment, record.budget, record.hour,
        min(Int(price), MarketPopulation.highestPrice), stage,
      ] { records.append(Int32(truncatingIfNeeded: value)) }
    }
    return records
  }
}
