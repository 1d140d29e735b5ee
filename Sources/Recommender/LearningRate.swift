import NumericalCore
import Scenarios

extension LearningRateSchedule {
  /// The factor on the learning rate in round `round` (from 1) of `rounds`.
  package func factor(round: Int, of rounds: Int) -> Double {
    let t = Double(round - 1)
    switch self {
    case .constant: return 1
    case .inverseSquareRoot: return 1 / (1 + t).squareRoot()
    case .cosine:
      // cos(πt/T) is the cosine of t/2T turns, which stays below one half.
      return (1 + deterministicSineCosine(turns: t / (2 * Double(rounds))).cosine) / 2
    }
  }
}
