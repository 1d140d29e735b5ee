import Curves
import Foundation
import NumericalCore
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
    let cost = try cost(price)
    let expected = 0.5 * exp(0.925 * log(16))
    guard case .about(let epsilon) = cost.estimate, case .about(let low)? = cost.interval?.low,
      case .about(let high)? = cost.interval?.high
    else {
      Issue.record("\(cost)")
      return
    }
    #expect(abs(epsilon - expected) < 1e-9 * expected)
    // Within a seed there is no spread at all, so the interval has no width.
    #expect(abs(low - expected) < 1e-6 && abs(high - expected) < 1e-6)
    #expect(price.base == .popularity && abs(cost.shareAtLargest - 1) < 1e-9 && !cost.isClear)
  }

  private func cost(_ price: PriceOfPrivacy?) throws -> PriceOfPrivacy.Cost {
    guard case .cost(let cost)? = price?.finding else { throw NoCost() }
    return cost
  }

  private struct NoCost: Error {}

  @Test("is bounded by the curve's ends, clearly so only where the interval is")
  func ends() throws {
    func far(noise: Double) throws -> (flat: PriceOfPrivacy.Cost, late: PriceOfPrivacy.Cost) {
      func luck(_ epsilon: Double, _ seed: UInt64) -> Double {
        epsilon.isFinite ? noise * (Double(seed) - 2) : 0
      }
      let flat = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.5]) { 0.8 + luck($0, $1) }
      let late = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.5]) { epsilon, seed in
        (epsilon.isFinite ? 0.6 : 0.8) + luck(epsilon, seed)
      }
      return (try cost(PriceOfPrivacy(flat, metric: .auc)), try cost(PriceOfPrivacy(late, metric: .auc)))
    }
    let sharp = try far(noise: 0)
    #expect(sharp.flat.estimate == .atMost(0.5) && sharp.flat.isClear)
    #expect(sharp.late.estimate == .moreThan(8) && sharp.late.isClear)
    #expect(abs(sharp.late.shareAtLargest - 1.0 / 3) < 1e-12)
    // The same means from seeds far apart: neither can be told.
    let loose = try far(noise: 0.2)
    #expect(loose.flat.estimate == .atMost(0.5) && loose.flat.interval?.high == .moreThan(8) && !loose.flat.isClear)
    #expect(loose.late.estimate == .moreThan(8) && loose.late.interval?.low == .atMost(0.5) && !loose.late.isClear)
  }

  @Test("is nothing where the run without privacy gains nothing clearly, or was not run")
  func noGain() {
    let useless = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.9]) { _, _ in 0.8 }
    #expect(PriceOfPrivacy(useless, metric: .auc)?.finding == .noClearGain)
    let lucky = Sample.curve(epsilons: epsilons, lines: [.popularity: 0.79]) { _, seed in
      0.8 + 0.1 * (Double(seed) - 2)
    }
    #expect(PriceOfPrivacy(lucky, metric: .auc)?.finding == .noClearGain)
    let closed = Sample.curve(epsilons: [1, 2], lines: [.popularity: 0.5]) { _, _ in 0.8 }
    #expect(PriceOfPrivacy(closed, metric: .auc) == nil)
    #expect(PriceOfPrivacy(Sample.curve(epsilons: [.infinity]) { _, _ in 0.8 }, metric: .auc) == nil)
  }

  @Test("has no interval from one seed, and is not told without a seed in common")
  func fewSeeds() throws {
    let one = Sample.curve(epsilons: epsilons, seeds: [4], lines: [.popularity: 0.5], auc: line)
    #expect(try cost(PriceOfPrivacy(one, metric: .auc)).interval == nil)
    let foreign = CurveReference(
      kind: .popularity, values: [7, 8].map { SeedValues(seed: $0, values: MetricValues([.auc: 0.5])) })
    let apart = Curve(name: "c", settings: [:], scenario: .null, points: one.points, references: [foreign])
    #expect(PriceOfPrivacy(apart, metric: .auc)?.finding == .unpaired)
  }

  @Test("turns around for metrics of which less is better")
  func losses() throws {
    let curve = Sample.curve(epsilons: epsilons, lines: [.untrained: 0.5], auc: line)
    // Log loss is one less AUC here, and popularity has none, so the gain is over the untrained model.
    let price = try #require(PriceOfPrivacy(curve, metric: .logLoss))
    #expect(price.base == .untrained)
    guard case .about(let epsilon) = try cost(price).estimate,
      case .about(let same) = try cost(PriceOfPrivacy(curve, metric: .auc)).estimate
    else {
      Issue.record("no cost")
      return
    }
    #expect(abs(epsilon - same) < 1e-9)
  }

  @Test("has an interval that holds the true price in 95 of 100 cases", .tags(.statistical))
  func coverage() throws {
    // Half way between 1 and 2 on the logarithmic axis the mean reaches 95 % of the gain from 0.5 to 0.8.
    let (trials, price) = (1000, 2.0.squareRoot())
    var held = 0
    for trial in 0..<trials {
      var stream = RandomStream(seed: 21, purpose: .examples, client: trial)
      let curve = Sample.curve(epsilons: epsilons, seeds: [1, 2, 3, 4, 5], lines: [.popularity: 0.5]) {
        epsilon, _ in
        let mean = epsilon.isFinite ? 0.785 + 0.05 * log(epsilon / price) : 0.8
        return mean + (epsilon.isFinite ? 0.005 * stream.nextNormal() : 0)
      }
      let interval = try #require(try cost(PriceOfPrivacy(curve, metric: .auc)).interval)
      let low =
        switch interval.low {
        case .atMost: 0.0;
        case .about(let at), .moreThan(let at): at
        }
      let high =
        switch interval.high {
        case .moreThan: Double.infinity;
        case .about(let at), .atMost(let at): at
        }
      held += low <= price && price <= high ? 1 : 0
    }
    // The seed is fixed. Over other seeds this fails once in 10⁴, also where an interval holds in 93 of 100 cases, as
    // interpolation between noisy points may make it.
    #expect(Double(held) / Double(trials) > 0.93 - 3.7 * (0.93 * 0.07 / Double(trials)).squareRoot())
  }
}
