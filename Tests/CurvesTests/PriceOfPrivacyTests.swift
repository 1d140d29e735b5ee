import Curves
import Foundation
import Recommender
import Testing

@Suite("The price of privacy")
struct PriceOfPrivacyTests {
  private let epsilons: [Double] = [0.5, 1, 2, 4, 8, .infinity]

  /// Rises in a straight line over ln ε from 0.6 at 0.5 to 0.8 at 8, and is 0.8 at infinity; seeds are apart by 0.01.
  private func line(_ epsilon: Double, _ seed: UInt64) -> Double {
    (epsilon.isFinite ? 0.6 + 0.2 * log(epsilon / 0.5) / log(16) : 0.8) + 0.01 * Double(seed)
  }

  @Test("is where the curve crosses the wanted share of the gain, in straight lines over ln ε")
  func crossing() throws {
    // Popularity moves with the seeds as the curve does.
    var curve = Sample.curve(epsilons: epsilons, auc: line)
    curve = Curve(
      name: "c", settings: [:], scenario: .null, points: curve.points,
      references: [
        CurveReference(
          kind: .popularity,
          values: [1, 2, 3].map { SeedValues(seed: $0, values: MetricValues([.auc: 0.5 + 0.01 * Double($0)])) })
      ])
    let price = try #require(PriceOfPrivacy(curve, metric: .auc))
    // 95 % of the way from 0.5 to 0.8 is 0.785: at ln(ε/0.5) = 0.925·ln 16.
    guard case .about(let epsilon, let low?, let high?)? = price.cost else {
      Issue.record("\(String(describing: price.cost))")
      return
    }
    let expected = 0.5 * exp(0.925 * log(16))
    #expect(abs(epsilon - expected) < 1e-9 * expected)
    // Within a seed there is no spread at all, so the interval has no width.
    #expect(abs(low - expected) < 1e-6 && abs(high - expected) < 1e-6)
    let share = try #require(price.shareAtLargest)
    #expect(price.base == .popularity && abs(share - 1) < 1e-9)
    #expect(price.standings.count == 1 && price.standings[0].standing == .alwaysBetter)
  }

  @Test("is bounded by the curve's ends")
  func ends() throws {
    let flat = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.5]) { _, _ in 0.8 }
    #expect(PriceOfPrivacy(flat, metric: .auc)?.cost == .atMost(0.5))
    let late = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.5]) { epsilon, _ in
      epsilon.isFinite ? 0.6 : 0.8
    }
    let price = try #require(PriceOfPrivacy(late, metric: .auc))
    #expect(price.cost == .moreThan(8))
    let share = try #require(price.shareAtLargest)
    #expect(abs(share - 1.0 / 3) < 1e-12)
  }

  @Test("is nothing where the run without privacy gains nothing, or was not run")
  func noGain() {
    let useless = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.9]) { _, _ in 0.8 }
    #expect(PriceOfPrivacy(useless, metric: .auc)?.cost == nil)
    let closed = Sample.curve(epsilons: [1, 2], lines: [.popularity: 0.5]) { _, _ in 0.8 }
    #expect(PriceOfPrivacy(closed, metric: .auc)?.cost == nil)
    #expect(PriceOfPrivacy(Sample.curve(epsilons: [.infinity]) { _, _ in 0.8 }, metric: .auc) == nil)
  }

  @Test("turns around for metrics of which less is better")
  func losses() throws {
    let curve = Sample.curve(epsilons: epsilons, lines: [.untrained: 0.5], auc: line)
    // Log loss is one less AUC here, and popularity has none, so the gain is over the untrained model.
    let price = try #require(PriceOfPrivacy(curve, metric: .logLoss))
    #expect(price.base == .untrained)
    guard case .about(let epsilon, _, _)? = price.cost,
      case .about(let same, _, _)? = PriceOfPrivacy(curve, metric: .auc)?.cost
    else {
      Issue.record("no cost")
      return
    }
    #expect(abs(epsilon - same) < 1e-9)
  }

  @Test("says from which ε on the model is worth having")
  func standings() throws {
    func standing(_ popularity: Double, noise: Double = 0) throws -> PriceOfPrivacy.Standing {
      let curve = Sample.curve(epsilons: epsilons, lines: [.popularity: popularity]) { epsilon, seed in
        line(epsilon, 0) + noise * (Double(seed) - 2)
      }
      return try #require(PriceOfPrivacy(curve, metric: .auc)?.standings.first?.standing)
    }
    #expect(try standing(0.5) == .alwaysBetter)
    #expect(try standing(0.9) == .neverBetter)
    // 0.7 is half way up: ε = 2 is not better, ε = 4 is.
    guard case .unclearUpTo(2) = try standing(0.7) else {
      Issue.record("\(try standing(0.7))")
      return
    }
    guard case .worseBelow(let epsilon) = try standing(0.72) else {
      Issue.record("\(try standing(0.72))")
      return
    }
    #expect(abs(epsilon - 0.5 * exp(0.6 * log(16))) < 1e-9)
    // Seeds far apart: the same means, and nothing is clear until much later.
    #expect(try standing(0.72, noise: 0.2) == .neverBetter)
  }
}
