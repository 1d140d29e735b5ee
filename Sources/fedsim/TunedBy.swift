import DifferentialPrivacy
import Scenarios

/// The distribution that `--tuned-by` names.
/// - Throws: `UsageError` for one that is not known or out of range.
func trialDistribution(_ text: String) throws -> TrialDistribution {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
  let names = ["geometric", "logarithmic", "poisson", "negative-binomial"]
  func wrong(_ allowed: String) -> UsageError {
    UsageError(description: "--tuned-by: found \"\(text)\"; allowed: \(allowed)")
  }
  let numbers = parts.dropFirst().map { Double($0) ?? .nan }
  let count = parts[0] == "negative-binomial" ? 2 : 1
  guard names.contains(parts[0]) else {
    let hint = nearestName(to: parts[0], among: names).map { "; did you mean \($0)?" } ?? ""
    throw wrong("one of \(names.joined(separator: ", ")), with its mean, for example geometric:20\(hint)")
  }
  guard numbers.count == count, let mean = numbers.last, let shape = numbers.first else {
    throw wrong(
      count == 2 ? "negative-binomial:SHAPE:MEAN, for example negative-binomial:0.5:20" : "\(parts[0]):MEAN")
  }
  let means = TrialDistribution.means
  guard means.contains(mean) else {
    throw wrong("a mean from \(means.lowerBound) to \(means.upperBound)")
  }
  switch parts[0] {
  case "geometric": return .negativeBinomial(shape: 1, mean: mean)
  case "logarithmic": return .negativeBinomial(shape: 0, mean: mean)
  case "poisson": return .poisson(mean: mean)
  default:
    let shapes = TrialDistribution.shapes
    guard shapes.contains(shape) else {
      throw wrong("a shape from \(shapes.lowerBound) to \(shapes.upperBound)")
    }
    return .negativeBinomial(shape: shape, mean: mean)
  }
}

extension TrialDistribution {
  /// For people.
  var inWords: String {
    switch self {
    case .negativeBinomial(1, let mean): "geometric with mean \(mean)"
    case .negativeBinomial(0, let mean): "logarithmic with mean \(mean)"
    case .negativeBinomial(let shape, let mean): "negative binomial of shape \(shape) with mean \(mean)"
    case .poisson(let mean): "Poisson with mean \(mean)"
    }
  }
}
