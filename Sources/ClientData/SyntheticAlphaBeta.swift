import KernelSelection
import NumericalCore
import Scenarios

/// Synthetic(α, β) of Li et al. 2020, "Federated optimization in heterogeneous networks", section 5.1, with two
/// classes and its first feature fixed to 1 for the bias.
///
/// Client k: u ~ N(0, α), model entries W ~ N(u, 1); B ~ N(0, β), feature means v ~ N(B, 1); features
/// x_j ~ N(v_j, j^−1.2); label 1 when W·x > 0. With `iid`, W ~ N(0, 1) and v = 0 are the same for all.
package struct SyntheticAlphaBeta: ClientSource {
  private let settings: SyntheticAlphaBetaPopulation
  private let seed: UInt64
  private let deviations: [Double]
  private let sharedModel: [Double]

  package var trainingClients: Int { settings.clients }
  package var heldOutClients: Int { settings.heldOutClients }
  package var skippedClients: Int { 0 }
  package var knowsTruth: Bool { true }
  package var knowsPopularity: Bool { false }

  package init(settings: SyntheticAlphaBetaPopulation, seed: UInt64) {
    self.settings = settings
    self.seed = seed
    deviations = (0..<settings.features).map { j in
      // Feature 0 is the bias; feature j ≥ 1 has standard deviation j^−0.6.
      j == 0 ? 0 : deterministicExp(-0.6 * deterministicLog(Double(j)))
    }
    sharedModel = Self.normals(
      settings.features, RandomStream(seed: seed, purpose: .sharedModel))
  }

  package func trainingShard(_ client: Int) -> ClientShard? { shard(client, heldOut: false) }
  package func heldOutShard(_ client: Int) -> ClientShard? { shard(client, heldOut: true) }

  private func shard(_ client: Int, heldOut: Bool) -> ClientShard {
    let index = streamIndex(client: client, heldOut: heldOut, trainingClients: settings.clients)
    let dimension = settings.features
    var profile = RandomStream(seed: seed, purpose: .clientProfile, client: index)
    let count = settings.examplesPerClient.draw(&profile)
    var model = sharedModel
    var means = [Double](repeating: 0, count: dimension)
    if !settings.iid {
      let modelMean = settings.alpha.squareRoot() * profile.nextNormal()
      let featureMean = settings.beta.squareRoot() * profile.nextNormal()
      for j in 0..<dimension { model[j] = modelMean + profile.nextNormal() }
      for j in 0..<dimension { means[j] = featureMean + profile.nextNormal() }
    }
    means[0] = 1
    let noise = Self.normals(
      count * dimension, RandomStream(seed: seed, purpose: .examples, client: index))
    let stride = DenseRows.stride(for: dimension)
    var values = [Float](repeating: 0, count: count * stride)
    var labels: [Float] = []
    var logits: [Float] = []
    for row in 0..<count {
      var logit = 0.0
      for j in 0..<dimension {
        let value = Float(means[j] + deviations[j] * noise[row * dimension + j])
        values[row * stride + j] = value
        logit += model[j] * Double(value)
      }
      labels.append(logit > 0 ? 1 : 0)
      // The label is certain given the client's model, so the true probability is 0 or 1.
      logits.append(logit > 0 ? 30 : -30)
    }
    return ClientShard(
      labels: labels, features: .dense(DenseRows(dimension: dimension, values: values)),
      trueLogits: heldOut ? logits : nil)
  }

  private static func normals(_ count: Int, _ stream: RandomStream) -> [Double] {
    VectorWidth.kernels.normalNumbers(stream, count: count)
  }
}
