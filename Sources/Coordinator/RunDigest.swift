import DifferentialPrivacy
import Foundation
import NumericalCore
import Recommender
import Releases

/// The digest that proves a run was repeated to the bit. It covers everything that a run computes, whatever was asked for
/// besides: the weights, every metric of every evaluation, who took part and how updates were clipped, and by its hash the
/// whole ledger. It covers nothing of how that was done (workers, restarts, time), of where data came from, of what only a
/// single run's report shows, or of references that the population knows and the run does not (shards that were written of a
/// population give its digest).
package struct RunDigest {
  private var hash = SHA256()
  private let encoder = JSONEncoder()

  package init(weights: [Double]) {
    hash.update("fedsim digest 2".utf8)
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "undefined")
    hash.update(UInt64(weights.count))
    for weight in weights { hash.update(weight.bitPattern) }
  }

  package mutating func add(_ record: RunResult.RoundRecord) throws {
    hash.update(UInt64(record.round))
    hash.update(UInt64(record.cohortSize))
    hash.update(UInt64(record.lostClients))
    hash.update((record.clippingNorm ?? 0).bitPattern)
    try add(record.metrics)
  }

  /// Everything that the metrics hold, by their coded form: a metric that is added is in it by itself. A number's shortest
  /// decimal form names its bits.
  package mutating func add(_ metrics: EvaluationMetrics?) throws {
    guard let metrics else { return hash.update(UInt64(0)) }
    let coded = try encoder.encode(metrics)
    hash.update(UInt64(coded.count))
    hash.update(coded)
  }

  package mutating func add(_ linkage: LinkageRates?) {
    guard let linkage else { return hash.update(UInt64(0)) }
    hash.update(UInt64(linkage.candidates))
    for rate in [linkage.linked, linkage.singledOut, linkage.told] { hash.update((rate ?? -1).bitPattern) }
  }

  /// - Parameter head: of the ledger.
  /// - Returns: 64 hexadecimal digits.
  package mutating func finish(ledger head: String) -> String {
    hash.update(head.utf8)
    return hash.hexadecimal
  }

  /// The digest of a run.
  static func of(
    weights: [Double], rounds: [RunResult.RoundRecord], metrics: RunResult.Metrics, findings: RunResult.Findings,
    ledger: ClosedLedger
  ) throws -> String {
    var digest = RunDigest(weights: weights)
    for record in rounds { try digest.add(record) }
    for metrics in [metrics.untrained, metrics.sharedPart] { try digest.add(metrics) }
    for tier in findings.tiers { try digest.add(tier.metrics) }
    digest.add(findings.linkage)
    return digest.finish(ledger: ledger.head)
  }
}

/// The first 64 bits of the SHA-256 of a model: enough to find the round from which on two runs differ.
func fingerprint(_ weights: [Double]) -> UInt64 {
  var hash = SHA256()
  for weight in weights { hash.update(weight.bitPattern) }
  return UInt64(hash.hexadecimal.prefix(16), radix: 16) ?? 0
}
