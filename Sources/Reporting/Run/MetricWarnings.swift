import Coordinator
import Recommender

/// Why some figures of a run have no value, or mean little.
struct MetricWarnings {
  private let result: RunResult

  init(_ result: RunResult) { self.result = result }

  var sentences: [String] { undefined + saturated + outweighed }

  private var undefined: [String] {
    let metrics = result.metrics.final
    if metrics.examples == 0 { return ["no held-out example was scored, so no metric has a value"] }
    if metrics.notFiniteExamples > 0 {
      return [
        "\(count(metrics.notFiniteExamples)) of \(count(metrics.examples)) held-out examples have a logit that is infinite or no number, so no metric has a value: features or learning rates are too large"
      ]
    }
    var sentences: [String] = []
    if metrics.positives == 0 || metrics.positives == metrics.examples {
      let (label, missing) =
        metrics.positives == 0
        ? ("0", "AUC, average precision and the ranking metrics") : ("1", "AUC and the ranking metrics")
      sentences.append(
        "all \(count(metrics.examples)) held-out examples have label \(label): \(missing) have no value")
    } else if metrics.rankedClients == 0 {
      sentences.append(
        "no held-out client has a positive and \(EvaluationCounts.rankingCutoff) negatives: hit rate and NDCG have no value"
      )
    }
    return sentences
  }

  private var saturated: [String] {
    let metrics = result.metrics.final
    guard metrics.notFiniteExamples == 0, 2 * metrics.saturatedExamples > metrics.examples else { return [] }
    return [
      "\(count(metrics.saturatedExamples)) of \(count(metrics.examples)) held-out examples have a logit beyond ±32, where the sigmoid is 0 or 1 and gradients vanish: the features' scale, or the learning rate, is too large"
    ]
  }

  private var outweighed: [String] {
    guard let feature = result.findings.outweighingFeature else { return [] }
    return [
      "feature \(feature) (from 0) is more than a hundred times as large as all others together in most held-out examples: updates are about it alone, and clipping leaves nothing of the others; bring the features to one scale"
    ]
  }

  private func count(_ number: Int) -> String { Number.count(Double(number)) }
}
