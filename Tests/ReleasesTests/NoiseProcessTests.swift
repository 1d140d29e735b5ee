import DifferentialPrivacy
import FederationProtocol
import NumericalCore
import Releases
import Testing

@Suite("Noise processes")
struct NoiseProcessTests {
  static let processes: [any NoiseProcess] = [
    IndependentGaussian(multiplier: 1.5, sensitivity: 0x1p24),
    IndependentGaussian(multiplier: 0.01, sensitivity: 0x1p25),
    IndependentGaussian(multiplier: 2, sensitivity: 0x1p24, count: (multiplier: 20, sensitivity: 1)),
    try! IndependentLaplace(multiplier: 2, sensitivity: 0x1p25),
  ]

  @Test("draw what they say they draw", arguments: processes.indices)
  func contract(index: Int) {
    #expect(NoiseContract(process: Self.processes[index]).faults.isEmpty)
  }

  /// A process that says what another one is, and does something else.
  private struct Faulty: NoiseProcess {
    let honest: any NoiseProcess
    let fault: Fault

    var multiplier: Double { honest.multiplier }
    var sensitivity: Double { fault == .sensitivity ? honest.sensitivity / 2 : honest.sensitivity }
    var countMultiplier: Double? { honest.countMultiplier }
    var event: PrivacyEvent { honest.event }
    var reach: Double { honest.reach }
    func standardDeviation(spacing: Double) -> Double { honest.standardDeviation(spacing: spacing) }

    func add(to sums: UnsafeMutableBufferPointer<Double>, round: Int, from draws: NoiseDraws) {
      switch fault {
      case .none: break
      case .half:
        let before = Array(sums)
        honest.add(to: sums, round: round, from: draws)
        for j in sums.indices { sums[j] = before[j] + ((sums[j] - before[j]) / 2).rounded() }
      case .sameRound: honest.add(to: sums, round: 1, from: draws)
      case .withoutCount:
        honest.add(to: UnsafeMutableBufferPointer(rebasing: sums.dropLast()), round: round, from: draws)
      case .everyonesOwn: honest.add(to: sums, round: round, from: .seeded(7, client: nil))
      case .sensitivity: honest.add(to: sums, round: round, from: draws)
      }
    }
  }

  enum Fault: CaseIterable {
    case none, half, sameRound, withoutCount, everyonesOwn, sensitivity
  }

  @Test("that draw no noise, half of it, another round's, or another's are found out", arguments: Fault.allCases)
  func planted(fault: Fault) {
    let honest = IndependentGaussian(multiplier: 2, sensitivity: 0x1p24, count: (multiplier: 20, sensitivity: 1))
    #expect(!NoiseContract(process: Faulty(honest: honest, fault: fault)).faults.isEmpty)
  }

  @Test("are the same on both sides of the wire")
  func overTheWire() throws {
    for kind in [ClientNoise.Kind.gaussian, .laplace] {
      let noise = ClientNoise(kind: kind, multiplier: 3, sensitivity: 0x1p25)
      let train = CoordinatorMessage.train(round: 1, clippingNorm: 1, clients: [], weights: [], noise: noise)
      guard case .train(_, _, _, _, let received?) = try CoordinatorMessage(train.frame) else {
        Issue.record("no noise came over the wire")
        return
      }
      #expect(received == noise)
      let (sent, drawn) = (try noise.process, try received.process)
      #expect(sent.event == drawn.event && sent.sensitivity == drawn.sensitivity)
      #expect(sent.standardDeviation(spacing: 1) == drawn.standardDeviation(spacing: 1))
      #expect(NoiseContract(process: drawn).faults.isEmpty)
    }
    // More than whole steps in doubles can hold is refused, not trapped on.
    #expect(throws: AccountingError.self) {
      try ClientNoise(kind: .gaussian, multiplier: 1e5, sensitivity: 0x1p40).process
    }
    #expect(throws: AccountingError.self) {
      try ClientNoise(kind: .laplace, multiplier: 1e-9, sensitivity: 0x1p25).process
    }
  }
}
