import FederationProtocol
import Recommender

/// How a model scores held-out clients.
struct ScoreProbe: Probe {
  let scorer: CoordinatorMessage.Scorer
  let slice: CoordinatorMessage.Slice
  let weights: [Float]

  var request: CoordinatorMessage { .evaluate(scorer: scorer, slice: slice, weights: weights) }
  func finding(_ total: EvaluationCounts) -> EvaluationCounts { total }
}

/// The same scores, told apart in a few cells.
struct CellProbe: Probe {
  let cells: [ScoreCell]
  let scores: ScoreProbe

  var request: CoordinatorMessage {
    .evaluateCells(
      cells: cells.map { CoordinatorMessage.Cell(first: $0.first, bits: $0.bits) }, scorer: scores.scorer,
      slice: scores.slice, weights: scores.weights)
  }
  func accepts(_ counts: CellCounts) -> Bool { counts.values.count == CellCounts(cells).values.count }
  func finding(_ total: CellCounts) -> [Int64] { total.values }
}
