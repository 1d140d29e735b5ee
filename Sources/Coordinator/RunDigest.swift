import DifferentialPrivacy
import NumericalCore
import Recommender

/// The digest that proves a run was repeated to the bit. It covers what a run computes (weights, metrics of every
/// evaluation, ledger) and nothing of how (workers, restarts, time) or of where its data came from.
func runDigest(weights: [Double], rounds: [RunResult.RoundRecord], ledger: [LedgerEntry]) -> String {
  var hash = SHA256()
  hash.update("fedsim digest 1".utf8)
  for weight in weights { hash.update(weight.bitPattern) }
  for record in rounds {
    hash.update(UInt64(record.round))
    hash.update(UInt64(record.cohortSize))
    if let metrics = record.metrics {
      // A metric without a value counts as what an uninformed model has.
      hash.update((metrics.coarseAUC ?? 0.5).bitPattern)
      for value in [metrics.logLoss, metrics.accuracy, metrics.calibrationError, metrics.ndcgAt10] {
        hash.update((value ?? 0).bitPattern)
      }
    }
  }
  for entry in ledger {
    hash.update(UInt64(entry.round))
    if let client = entry.client { hash.update(UInt64(client)) }
    if let tier = entry.tier { hash.update(tier.utf8) }
    hash.update(entry.event.name.utf8)
    hash.update(entry.sensitivity.bitPattern)
    hash.update(entry.noiseStandardDeviation.bitPattern)
  }
  return hash.hexadecimal
}

/// The first 64 bits of the SHA-256 of a model: enough to find the round from which on two runs differ.
func fingerprint(_ weights: [Double]) -> UInt64 {
  var hash = SHA256()
  for weight in weights { hash.update(weight.bitPattern) }
  return UInt64(hash.hexadecimal.prefix(16), radix: 16) ?? 0
}
