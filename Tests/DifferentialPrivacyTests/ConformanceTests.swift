import DifferentialPrivacy
import TestSupport
import Testing

/// Figures of Google's dp-accounting 0.6.0 for the Poisson-sampled Gaussian under add-or-remove.
@Suite("Against dp-accounting", .tags(.conformance))
struct ConformanceTests {
  static let accounting = ReferenceTable("accounting_reference", in: .module).rows
  static let calibration = ReferenceTable("calibration_reference", in: .module).rows

  private func events(_ row: ReferenceTable.Row, multiplier: Double) -> [RepeatedEvent] {
    let event = PrivacyEvent.poissonSampledGaussian(
      samplingRate: row.number("sampling_rate"), noiseMultiplier: multiplier)
    return [RepeatedEvent(event, count: row.integer("rounds"))]
  }

  @Test(
    "the PLD bracket is narrow, and the reference lies in it or so near that its own error explains it",
    arguments: accounting)
  func pld(row: ReferenceTable.Row) throws {
    let bracket = try PrivacyLossAccountant().epsilon(
      of: events(row, multiplier: row.number("noise_multiplier")), adjacency: .addOrRemove,
      delta: row.number("delta"))
    let reference = row.number("epsilon_pld")
    let lower = try #require(bracket.lower)
    #expect(bracket.upper <= reference * 1.002)
    #expect(lower <= reference)
    #expect((bracket.upper - lower) / bracket.upper <= 0.005)
  }

  static let more = ReferenceTable("more_accounting_reference", in: .module).rows

  /// The reference rounds losses up on a grid of 2·10⁻⁵, so it is an upper bound too, and for small ε not a sharp one.
  @Test("other settings, heavy tails among them, are bracketed as well", arguments: more)
  func otherSettings(row: ReferenceTable.Row) throws {
    let bracket = try PrivacyLossAccountant().epsilon(
      of: events(row, multiplier: row.number("noise_multiplier")), adjacency: .addOrRemove,
      delta: row.number("delta"))
    let reference = row.number("epsilon_pld")
    let lower = try #require(bracket.lower)
    #expect(bracket.upper <= reference * 1.002)
    #expect(lower <= reference)
    #expect(bracket.upper - lower <= 0.005 * bracket.upper)
    #expect(bracket.upper >= reference * 0.99 || reference < 0.02)
  }

  @Test(
    "the Rényi ε is no larger than the reference's, and no smaller than what the PLD proves",
    arguments: accounting)
  func rdp(row: ReferenceTable.Row) throws {
    let events = events(row, multiplier: row.number("noise_multiplier"))
    let delta = row.number("delta")
    let found = try RenyiAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: delta).upper
    let least = try PrivacyLossAccountant().epsilon(of: events, adjacency: .addOrRemove, delta: delta).lower
    #expect(found <= row.number("epsilon_rdp"))
    #expect(found >= (try #require(least)))
  }

  @Test("calibration finds the reference's noise multiplier within 0.2 %", arguments: calibration)
  func calibrated(row: ReferenceTable.Row) throws {
    for (kind, column) in [(AccountantKind.pld, "noise_multiplier_pld"), (.rdp, "noise_multiplier_rdp")] {
      let found = try Calibration.noiseMultiplier(
        epsilon: row.number("target_epsilon"), delta: row.number("delta"), adjacency: .addOrRemove,
        accountant: kind.accountant
      ) { events(row, multiplier: $0) }
      // Rényi accounting may do better than the reference's.
      #expect(found <= row.number(column) * 1.002)
      if kind == .pld { #expect(found >= row.number(column) * 0.998) }
    }
  }
}
