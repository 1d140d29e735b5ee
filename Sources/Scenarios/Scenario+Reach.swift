extension Scenario {
  /// What the contribution of no unit is longer than before it is clipped, whatever the unit holds; nil where features can
  /// be of any size, so that there is no such bound.
  ///
  /// The features of a market's example are ones: the bias, and one a group, which can all fall into one coordinate. The
  /// residual of the logistic loss is below 1, so no step is longer than the feature vector times its rate.
  package var longestContribution: Double? {
    guard case .market(let market) = population, let features else { return nil }
    let groups = Double(features.groups.count { minimisation?.allows($0) ?? true })
    // Single precision rounds.
    let longestGradient = (1 + groups * groups).squareRoot() * 1.001
    let client = training.client
    if client.algorithm == .fedsgd { return longestGradient }
    // A proximal step this long carries the model away from the one that was broadcast.
    if client.learningRate * client.proximal > 2 { return nil }
    let examples = min(market.examplesPerClient.maximum, minimisation?.maximumExamples ?? .max)
    let steps = client.epochs * ((examples - 1) / client.batchSize + 1)
    return Double(steps) * client.learningRate * longestGradient
  }
}
