import Curves
import Foundation
import Recommender
import Scenarios

/// A run held against its baseline.
package struct Comparison: Equatable, Sendable {
  /// What a check is about.
  package enum Kind: String, Sendable {
    case exact, metrics, privacy
  }

  /// One thing that moved and should not have.
  package struct Finding: Equatable, Sendable {
    package let kind: Kind
    /// What moved, from what to what, and how unlikely that is by chance where that can be said.
    package let message: String
  }

  /// The kinds that were checked.
  package let kinds: [Kind]
  package let findings: [Finding]
  /// Why, as far as the files show it; empty where nothing moved.
  package let causes: [String]

  package var passed: Bool { findings.isEmpty }

  /// - Parameters:
  ///   - now: what the run came to today.
  ///   - check: what the scenario demands.
  package init(_ now: Baseline, against baseline: Baseline, check: Check) {
    var findings: [Finding] = []
    var kinds: [Kind] = []
    if check.exact {
      kinds.append(.exact)
      if now.digest != baseline.digest {
        findings.append(
          Finding(
            kind: .exact,
            message: "the digest was \(baseline.digest.prefix(16))…, now it is \(now.digest.prefix(16))…"))
      }
    }
    if let metrics = check.metrics {
      kinds.append(.metrics)
      findings += Self.moved(now, baseline, metrics).map { Finding(kind: .metrics, message: $0) }
    }
    if check.privacy {
      kinds.append(.privacy)
      findings += Self.privacy(now.privacy, baseline.privacy).map { Finding(kind: .privacy, message: $0) }
    }
    self.kinds = kinds
    self.findings = findings
    causes = findings.isEmpty ? [] : Self.causes(now, baseline)
  }

  // MARK: Metrics

  /// The interval that a metric has to be in; nil where the baseline knows none.
  /// - Parameter metrics: how many share the false-alarm rate (Bonferroni).
  package static func allowed(
    _ figure: Baseline.Figure, _ check: Check.Metrics, metrics: Int
  ) -> ClosedRange<Double>? {
    switch check {
    case .tolerance(let tolerance): figure.value.map { $0 - tolerance...$0 + tolerance }
    case .learned(_, let rate): figure.learned?.bounds(falseAlarmRate: rate / Double(metrics))
    }
  }

  private static func moved(_ now: Baseline, _ baseline: Baseline, _ check: Check.Metrics) -> [String] {
    baseline.figures.compactMap { figure in
      guard let figureNow = now.figures.first(where: { $0.metric == figure.metric }) else { return nil }
      let found: Double
      switch (figure.value, figureNow.value) {
      case (nil, nil): return nil
      case (let before?, nil):
        return "\(figure.metric.title) was \(number(before)), now it has no value on the held-out clients"
      case (nil, let value?):
        return
          "\(figure.metric.title) had no value, now it is \(number(value)); write the baseline anew with --update"
      case (_?, let value?): found = value
      }
      guard let allowed = allowed(figure, check, metrics: baseline.figures.count) else {
        return
          "\(figure.metric.title) has no interval in the baseline: it was written for another kind of check, or fewer than two of its seeds have a value; write it anew with --update, or check by a tolerance"
      }
      if allowed.contains(found) { return nil }
      var text =
        "\(figure.metric.title) was \(figure.value.map(number) ?? "–"), now it is \(number(found)); allowed: \(number(allowed.lowerBound)) to \(number(allowed.upperBound))"
      if case .learned = check, let learned = figure.learned {
        text += ", learned from \(learned.count) seeds; by chance in \(odds(learned.chance(of: found)))"
      }
      return text
    }
  }

  private static func number(_ value: Double) -> String { String(format: "%.4f", value) }

  private static func odds(_ chance: Double) -> String {
    chance < 1e-6 ? "less than 1 of 1 000 000 runs" : "about 1 of \(Int((1 / chance).rounded())) runs"
  }

  // MARK: Privacy

  private static func privacy(_ now: Baseline.Privacy?, _ baseline: Baseline.Privacy?) -> [String] {
    switch (now, baseline) {
    case (nil, nil): return []
    case (nil, _?): return ["there was a guarantee, and now there is none"]
    case (_?, nil): return ["there was no guarantee, and now there is one; write the baseline anew with --update"]
    case (let now?, let baseline?):
      var messages: [String] = []
      if now.delta > baseline.delta { messages.append("δ rose from \(baseline.delta) to \(now.delta)") }
      if now.epsilon > baseline.epsilon {
        messages.append("ε rose from \(baseline.epsilon) to \(now.epsilon)")
      }
      let (gone, new) = (
        baseline.events.filter { !now.events.contains($0) }, now.events.filter { !baseline.events.contains($0) }
      )
      if !gone.isEmpty || !new.isEmpty {
        let list = gone.map { "was: \($0)" } + new.map { "is: \($0)" }
        messages.append("the ledger's events changed; " + list.joined(separator: "; "))
      }
      return messages
    }
  }

  // MARK: Causes

  private static func causes(_ now: Baseline, _ baseline: Baseline) -> [String] {
    var causes: [String] = []
    let edits = baseline.scenario.changes(to: now.scenario)
    for edit in edits.prefix(5) {
      causes.append((edit.path == "seed" ? "the seed changed: " : "the scenario was edited: ") + edit.text)
    }
    if edits.count > 5 { causes.append("and \(edits.count - 5) other keys of the scenario") }
    if now.dataDigest != baseline.dataDigest { causes.append("the data changed: the shards hold something else") }
    if now.version != baseline.version {
      causes.append("fedsim \(baseline.version) made the baseline, this is \(now.version)")
    }
    if causes.isEmpty { causes.append("the code changed: scenario, seed and data are those of the baseline") }
    let different = zip(now.rounds, baseline.rounds).enumerated().first { $0.element.0 != $0.element.1 }
    if let different {
      causes.append(
        "round \(different.offset + 1) of \(now.rounds.count) is the first after which the model differs")
    } else if now.rounds.count != baseline.rounds.count {
      causes.append(
        "there were \(baseline.rounds.count) rounds, now there are \(now.rounds.count); as far as both go they are the same"
      )
    } else {
      causes.append("the model is the same after every round: evaluation or accounting differ, not training")
    }
    return causes
  }
}
