import DifferentialPrivacy
import NumericalCore
import Testing

/// What a search promises is an upper bound: the number that is printed afterwards is never above the target.
@Suite("Calibrated plans never exceed their target")
struct CalibrationTests {
  /// A plan drawn from a seed, and the accountant it is for.
  struct Plan: Sendable, CustomStringConvertible {
    let accountant: AccountantKind
    let adjacency: Adjacency
    let fixedSize: Bool
    let epsilon: Double
    let delta: Double
    let rate: Double
    let multiplier: Double
    let rounds: Int

    var description: String {
      "\(accountant) \(adjacency) \(fixedSize ? "fixed " : "")ε \(epsilon) δ \(delta) q \(rate) σ \(multiplier) T \(rounds)"
    }

    func events(rate: Double? = nil, multiplier: Double? = nil, rounds: Int? = nil) -> [RepeatedEvent] {
      let (rate, multiplier) = (rate ?? self.rate, multiplier ?? self.multiplier)
      return [RepeatedEvent(event(rate: rate, multiplier: multiplier), count: rounds ?? self.rounds)]
    }

    private func event(rate: Double, multiplier: Double) -> PrivacyEvent {
      if fixedSize {
        return .fixedSizeSampledGaussian(
          sample: Int(rate * 10_000), population: 10_000, noiseMultiplier: multiplier)
      }
      switch accountant {
      case .pure: return .poissonSampledLaplace(samplingRate: rate, noiseMultiplier: multiplier)
      case .zcdp: return .gaussian(noiseMultiplier: multiplier)
      case .pld, .rdp: return .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
      }
    }

    func printed(_ events: [RepeatedEvent]) throws -> Double {
      try accountant.accountant.epsilon(of: events, adjacency: adjacency, delta: delta).upper
    }
  }

  static let plans: [Plan] = (0..<24).map { index in
    var stream = RandomStream(seed: 17, purpose: .calibrationSample, client: index)
    func pick<Value>(_ values: [Value]) -> Value { values[Int(stream.nextWord() % UInt32(values.count))] }
    let kind = index % 2 == 0 ? AccountantKind.pld : pick(AccountantKind.allCases)
    let adjacency = pick(Adjacency.allCases)
    return Plan(
      accountant: kind, adjacency: adjacency,
      fixedSize: adjacency == .replaceOne && (kind == .pld || kind == .rdp) && index % 3 == 0,
      epsilon: pick([0.3, 1, 2, 4, 8]), delta: pick([1e-8, 1e-6, 1e-5, 1e-3]),
      rate: pick([0.001, 0.01, 0.03, 0.2]),
      multiplier: pick([0.5, 0.7, 1, 2, 6]), rounds: pick([1, 10, 100, 1000, 4000]))
  }

  @Test("by noise multiplier", arguments: plans)
  func noiseMultiplier(plan: Plan) throws {
    let found = try Calibration.noiseMultiplier(
      epsilon: plan.epsilon, delta: plan.delta, adjacency: plan.adjacency, accountant: plan.accountant.accountant
    ) { plan.events(multiplier: $0) }
    #expect(try plan.printed(plan.events(multiplier: found)) <= plan.epsilon)
  }

  @Test("by number of rounds", arguments: plans)
  func rounds(plan: Plan) throws {
    do {
      let found = try Calibration.rounds(
        epsilon: plan.epsilon, delta: plan.delta, adjacency: plan.adjacency, accountant: plan.accountant.accountant
      ) { plan.events(rounds: $0) }
      #expect(try plan.printed(plan.events(rounds: found)) <= plan.epsilon)
    } catch AccountingError.unreachableTarget {
      #expect(try plan.printed(plan.events(rounds: 1)) > plan.epsilon * 0.999)
    }
  }

  @Test("by sampling rate", arguments: plans.filter { !$0.fixedSize && $0.accountant != .zcdp })
  func samplingRate(plan: Plan) throws {
    do {
      let found = try Calibration.samplingRate(
        epsilon: plan.epsilon, delta: plan.delta, adjacency: plan.adjacency, accountant: plan.accountant.accountant
      ) { plan.events(rate: $0) }
      #expect(try plan.printed(plan.events(rate: found)) <= plan.epsilon)
    } catch AccountingError.unreachableTarget {
      #expect(try plan.printed(plan.events(rate: 1e-9)) > plan.epsilon * 0.999)
    }
  }

  @Test(
    "by the rates of groups",
    arguments: [
      ([0.5, 0.5], 1.0, 8.0, 0.025, 100), ([0.3, 0.5], 2.0, 8.0, 0.07, 12), ([0.9, 0.1], 0.5, 3, 0.01, 400),
    ])
  func groups(shares: [Double], strict: Double, relaxed: Double, rate: Double, rounds: Int) throws {
    for kind in [AccountantKind.pld, .rdp] {
      let targets = [strict, relaxed]
      let found = try Calibration.individualisedRates(
        Array(zip(shares, targets)).map { (share: $0, epsilon: $1) }, averageRate: rate, rounds: rounds,
        delta: 1e-5,
        adjacency: .addOrRemove, accountant: kind.accountant
      ) { .poissonSampledGaussian(samplingRate: $0, noiseMultiplier: $1) }
      for (target, rate) in zip(targets, found.rates) {
        let event = PrivacyEvent.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: found.noiseMultiplier)
        let printed = try kind.accountant.epsilon(
          of: [RepeatedEvent(event, count: rounds)], adjacency: .addOrRemove, delta: 1e-5)
        #expect(printed.upper <= target && printed.upper > 0.98 * target)
      }
    }
  }

  @Test("the plan whose ε was printed as 2.00106 for a target of 2")
  func rateOfThousandRounds() throws {
    let accountant = PrivacyLossAccountant()
    func events(_ rate: Double) -> [RepeatedEvent] {
      [RepeatedEvent(.poissonSampledGaussian(samplingRate: rate, noiseMultiplier: 0.5), count: 1000)]
    }
    let rate = try Calibration.samplingRate(
      epsilon: 2, delta: 1e-6, adjacency: .addOrRemove, accountant: accountant, events: events)
    let printed = try accountant.epsilon(of: events(rate), adjacency: .addOrRemove, delta: 1e-6)
    #expect(printed.upper <= 2 && printed.upper > 1.98)
  }
}
