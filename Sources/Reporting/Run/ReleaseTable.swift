import DifferentialPrivacy

/// A ledger's summary as a table of a page.
struct ReleaseTable {
  private let kinds: [LedgerSummary.Kind]

  /// - Returns: nil for a ledger without a release.
  init?(_ ledger: [LedgerEntry]) {
    if ledger.isEmpty { return nil }
    kinds = LedgerSummary(ledger).kinds
  }

  var html: String {
    let rows = kinds.map { kind in
      [
        kind.about, kind.release, Number.count(Double(kind.releases)), range(kind.rounds) { "\($0)" },
        kind.mechanism,
        kind.parameters, range(kind.sensitivity) { Number.significant($0, 3) },
      ]
    }
    return Page.table(
      head: ["about", "released", "times", "rounds", "mechanism", "parameters", "sensitivity"], rows)
  }

  private func range<Bound>(_ range: ClosedRange<Bound>, _ text: (Bound) -> String) -> String {
    let (low, high) = (text(range.lowerBound), text(range.upperBound))
    return low == high ? low : "\(low) to \(high)"
  }
}
